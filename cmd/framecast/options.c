#include "options.h"

#include <getopt.h>
#include <stddef.h>

#include <framecast/version.h>

enum option_kind { FLAG, TEXT, NUMBER };

#define AT(member) offsetof(struct arguments, member)

static const struct {
    const char *name;
    char letter; /* 0: none */
    enum option_kind kind;
    size_t at;
    const char *value;   /* what help calls the value; NULL for a flag */
    const char *meaning; /* lines of at most 50 characters */
} options[OPTION__COUNT] = {
    [OPTION_OUTPUT]          = {"output", 'o', TEXT, AT(output), "FILE",
                                "where the video goes; in a folder, or without -o,\n"
                                "it is named after the title"},
    [OPTION_FORCE]           = {"force", 'f', FLAG, AT(may_overwrite), NULL,
                                "overwrite FILE if it exists"},
    [OPTION_RESOLUTION]      = {"resolution", 'r', TEXT, AT(resolution), "WxH",
                                "1920x1080 (default), 1280x720 or 854x480, upright\n"
                                "(1080x1920 ...), square (1080x1080, 720x720)"},
    [OPTION_FPS]             = {"fps", 0, NUMBER, AT(fps), "N",
                                "frames per second: 24 (default), 30 or 60"},
    [OPTION_QUALITY]         = {"quality", 0, TEXT, AT(quality), "WORD",
                                "draft, standard (default) or high"},
    [OPTION_CAPTIONS]        = {"captions", 0, TEXT, AT(captions), "WORD",
                                "files (default), or burn: into the picture, too"},
    [OPTION_SEED]            = {"seed", 0, NUMBER, AT(seed), "N",
                                "0 to 4294967295: the same seed, the same pictures"},
    [OPTION_OWNER]           = {"owner", 0, TEXT, AT(owner), "URN",
                                "whose jobs; who owns and pays a new one, e.g.\n"
                                "framecast:team:<id> (default: yourself)"},
    [OPTION_MAX_CREDITS]     = {"max-credits", 0, NUMBER, AT(max_credits), "N",
                                "refuse a job that would cost more"},
    [OPTION_IDEMPOTENCY_KEY] = {"idempotency-key", 0, TEXT, AT(idempotency_key), "KEY",
                                "the same KEY finds the same job again, and nothing\n"
                                "is paid twice (default: a new one for each run)"},
    [OPTION_DETACH]          = {"detach", 'd', FLAG, AT(is_detached), NULL,
                                "only start the job, and print its id"},
    [OPTION_STATUS]          = {"status", 's', TEXT, AT(status), "WORD",
                                "queued, processing, completed, failed or canceled"},
    [OPTION_LIMIT]           = {"limit", 'n', NUMBER, AT(limit), "N",
                                "at most N jobs (default 20)"},
    [OPTION_JSON]            = {"json", 'j', FLAG, AT(wants_json), NULL,
                                "answer in JSON, one object a line"},
    [OPTION_QUIET]           = {"quiet", 'q', FLAG, AT(is_quiet), NULL,
                                "say nothing but results and errors"},
    [OPTION_URL]             = {"url", 'u', TEXT, AT(url), "URL",
                                "the server, instead of FRAMECAST_URL"},
    [OPTION_HELP]            = {"help", 'h', FLAG, AT(wants_help), NULL,
                                "explain this command"},
};

static const unsigned for_all = HAS(JSON) | HAS(QUIET) | HAS(URL) | HAS(HELP);

/* ---- parsing ---- */

const struct command *command_find(int argc, char **argv, int *n_taken)
{
    for (const struct command *command = commands; command->name != NULL; command++) {
        const char *space = strchr(command->name, ' ');
        size_t n_first = space != NULL ? (size_t)(space - command->name) : strlen(command->name);

        *n_taken = space != NULL ? 2 : 1;
        if (argc < *n_taken || !fc_span_is((struct fc_span){command->name, n_first}, argv[0]))
            continue;
        if (space == NULL || strcmp(space + 1, argv[1]) == 0)
            return command;
    }
    *n_taken = 0;
    return NULL;
}

static bool option_store(int number, const char *text, struct arguments *arguments)
{
    char *at = (char *)arguments + options[number].at;
    int64_t value = 0;

    switch (options[number].kind) {
    case FLAG:
        memcpy(at, &(bool){true}, sizeof(bool));
        return true;
    case TEXT:
        memcpy(at, &text, sizeof text);
        return true;
    case NUMBER:
        break;
    }
    if (!fc_int_parse(text, &value) || value < 0) {
        complain("--%s takes a whole number from 0, not '%s'", options[number].name, text);
        return false;
    }
    memcpy(at, &value, sizeof value);
    return true;
}

/* Tables for getopt_long of what @allowed holds. A long option's val is its number + 256. */
static void getopt_tables(unsigned allowed, struct option *longs, char *shorts)
{
    *shorts++ = ':'; /* a missing value is told apart from an unknown option */
    for (int i = 0; i < OPTION__COUNT; i++) {
        bool has_value = options[i].kind != FLAG;

        if ((allowed & (1u << i)) == 0)
            continue;
        *longs++ = (struct option){options[i].name, has_value ? required_argument : no_argument,
                                   NULL, 256 + i};
        if (options[i].letter == 0)
            continue;
        *shorts++ = options[i].letter;
        if (has_value)
            *shorts++ = ':';
    }
    *longs = (struct option){0};
    *shorts = '\0';
}

static int option_of_letter(int letter)
{
    for (int i = 0; i < OPTION__COUNT; i++)
        if (options[i].letter == letter)
            return i;
    return -1;
}

static bool refuse_usage(const struct command *command, const char *what, const char *word)
{
    complain("%s %s; 'framecast help %s' tells what it takes", what, word, command->name);
    return false;
}

static bool words_parse(const struct command *command, int n, char **words,
                        struct arguments *arguments)
{
    int n_wanted = command->word != NULL ? 1 : 0;

    if (arguments->wants_help)
        return true;
    if (n < n_wanted)
        return refuse_usage(command, "missing", command->word);
    if (n > n_wanted)
        return refuse_usage(command, "unexpected argument", words[n_wanted]);
    arguments->word = n_wanted == 1 ? words[0] : NULL;
    return true;
}

/* @argv[0] is the last word of the command's name, as getopt wants it. */
bool arguments_parse(const struct command *command, int argc, char **argv,
                     struct arguments *arguments)
{
    struct option longs[OPTION__COUNT + 1];
    char shorts[2 * OPTION__COUNT + 2];

    *arguments = (struct arguments){
        .fps = UNSET, .seed = UNSET, .max_credits = UNSET, .limit = UNSET};
    getopt_tables(command->options | for_all, longs, shorts);
    opterr = 0;
    for (int found; (found = getopt_long(argc, argv, shorts, longs, NULL)) != -1;) {
        if (found == '?')
            return refuse_usage(command, "unknown option", argv[optind - 1]);
        if (found == ':')
            return refuse_usage(command, "missing value after", argv[optind - 1]);
        if (!option_store(found >= 256 ? found - 256 : option_of_letter(found), optarg, arguments))
            return false;
    }
    return words_parse(command, argc - optind, argv + optind, arguments);
}

/* ---- help ---- */

/* @text in a column of its own: its further lines begin where the first one does. */
static void print_meaning(FILE *to, int column, const char *text)
{
    for (; *text != '\0'; text += *text == '\n') {
        size_t n = strcspn(text, "\n");

        fprintf(to, "%.*s\n", (int)n, text);
        text += n;
        if (*text == '\n')
            fprintf(to, "%*s", column, "");
    }
}

static void print_options(FILE *to, unsigned which)
{
    for (int i = 0; i < OPTION__COUNT; i++) {
        char name[40], letter[5] = "    ";
        const char *value = options[i].value;

        if ((which & (1u << i)) == 0)
            continue;
        if (options[i].letter != 0)
            snprintf(letter, sizeof letter, "-%c, ", options[i].letter);
        snprintf(name, sizeof name, "--%s%s%s", options[i].name, value != NULL ? " " : "",
                 value != NULL ? value : "");
        fprintf(to, "  %s%-23s ", letter, name);
        print_meaning(to, 30, options[i].meaning);
    }
}

void help_print_command(FILE *to, const struct command *command)
{
    fprintf(to, "usage: framecast %s%s%s [OPTIONS]\n\n%s\n", command->name,
            command->word != NULL ? " " : "", command->word != NULL ? command->word : "",
            command->summary);
    if (command->more != NULL)
        fprintf(to, "\n%s", command->more);
    fputs("\nOptions:\n", to);
    print_options(to, command->options | for_all);
}

void help_print(FILE *to)
{
    fputs("framecast " FC_VERSION ": a storyboard goes in, a video comes out\n\n"
          "usage: framecast COMMAND [ARGUMENT] [OPTIONS]\n\nCommands:\n",
          to);
    for (const struct command *command = commands; command->name != NULL; command++) {
        char line[40];

        snprintf(line, sizeof line, "%s%s%s", command->name, command->word != NULL ? " " : "",
                 command->word != NULL ? command->word : "");
        fprintf(to, "  %-18s %s\n", line, command->summary);
    }
    fputs("  help [COMMAND]     explain the program, or one command\n"
          "  version            print the version\n\nOptions of every command:\n",
          to);
    print_options(to, for_all);
    fputs("\nEnvironment:\n"
          "  FRAMECAST_URL       the server (default http://localhost:3000)\n"
          "  FRAMECAST_API_KEY   an API key or a token; asked for by all but help and version\n"
          "  FRAMECAST_PATIENCE  seconds to wait for a server that went away (default 300)\n"
          "  NO_COLOR            when set, no colours\n\nExit codes:\n",
          to);
#define EXIT_CODE_LINE(name, code, text) fprintf(to, "  %-4d %s\n", code, text);
    EXIT_CODES(EXIT_CODE_LINE)
#undef EXIT_CODE_LINE
}
