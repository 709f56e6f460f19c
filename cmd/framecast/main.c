#include "options.h"

#include <errno.h>
#include <locale.h>
#include <stdarg.h>
#include <stdio.h>

#include <framecast/version.h>

#include "api.h"
#include "interrupt.h"
#include "terminal.h"

enum {
    FOR_CREATING = HAS(MAX_CREDITS) | HAS(IDEMPOTENCY_KEY) | HAS(DETACH) | HAS(OUTPUT) | HAS(FORCE),
    FOR_OPTIONS = HAS(RESOLUTION) | HAS(FPS) | HAS(QUALITY) | HAS(CAPTIONS) | HAS(SEED),
};

#define ABOUT_FILES                                                                                \
    "FILE is YAML or JSON, told apart by its name or else its content; '-' reads stdin.\n"
#define ABOUT_CTRL_C                                                                               \
    "Ctrl-C leaves, and asks whether to cancel the job too; a second Ctrl-C leaves at once.\n"     \
    "A job that was left goes on: 'framecast jobs watch ID' comes back to it.\n"

const struct command commands[] = {
    {"render", "FILE", "render a storyboard and download the video",
     ABOUT_FILES "stdout names the complete video; progress goes to stderr.\n" ABOUT_CTRL_C,
     FOR_CREATING | FOR_OPTIONS | HAS(OWNER), command_render},
    {"validate", "FILE", "check a storyboard, free of charge",
     ABOUT_FILES "Each problem is one line of stdout: FILE:LINE: path: message (code)\n",
     FOR_OPTIONS, command_validate},
    {"estimate", "FILE", "tell what a storyboard would cost",
     ABOUT_FILES "With --owner it also checks that the owner has enough credits.\n",
     FOR_OPTIONS | HAS(OWNER), command_estimate},
    {"jobs list", NULL, "list jobs, the newest first",
     NULL, HAS(STATUS) | HAS(LIMIT) | HAS(OWNER), command_jobs_list},
    {"jobs get", "ID", "show one job and its scenes",
     NULL, 0, command_jobs_get},
    {"jobs watch", "ID", "follow a job until it ends",
     "With -o the video is downloaded when it is complete.\n" ABOUT_CTRL_C,
     HAS(OUTPUT) | HAS(FORCE), command_jobs_watch},
    {"jobs cancel", "ID", "cancel a job; what was not rendered is refunded",
     NULL, 0, command_jobs_cancel},
    {"jobs retry", "ID", "start a failed or canceled job again",
     "Scenes that were finished are taken over and not paid for again.\n" ABOUT_CTRL_C,
     FOR_CREATING, command_jobs_retry},
    {"jobs download", "ID", "download the video of a completed job",
     NULL, HAS(OUTPUT) | HAS(FORCE), command_jobs_download},
    {"whoami", NULL, "show the account, its credits and the API key in use",
     NULL, 0, command_whoami},
    {0},
};

void complain_line(const char *line)
{
    FC_AUTO(arena) *arena = fc_arena_new();
    struct fc_buffer clean = fc_buffer_in(arena);

    put_clean(&clean, line);
    fprintf(stderr, "%s\n", clean.data);
}

__attribute__((format(printf, 1, 0))) static void complain_v(const char *format, va_list args)
{
    FC_AUTO(arena) *arena = fc_arena_new();

    complain_line(fc_printf(arena, "framecast: %s", fc_vprintf(arena, format, args)));
}

void complain(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    complain_v(format, args);
    va_end(args);
}

void tell(const struct client *client, const char *format, ...)
{
    va_list args;

    if (client->arguments.is_quiet)
        return;
    va_start(args, format);
    complain_v(format, args);
    va_end(args);
}

static enum exit_code no_such_command(const char *word)
{
    if (strcmp(word, "jobs") == 0)
        complain(
            "'jobs' wants one of list, get, watch, cancel, retry, download; see 'framecast help'");
    else
        complain("there is no command '%s'; 'framecast help' lists them", word);
    return CLIENT_USAGE;
}

/* framecast help [COMMAND] */
static enum exit_code help(int argc, char **argv)
{
    const struct command *command;
    int n_taken;

    if (argc == 0) {
        help_print(stdout);
        return CLIENT_OK;
    }
    command = command_find(argc, argv, &n_taken);
    if (command == NULL)
        return no_such_command(argv[0]);
    help_print_command(stdout, command);
    return CLIENT_OK;
}

static bool is_one_of(const char *word, const char *a, const char *b, const char *c)
{
    return fc_text_equal(word, a) || fc_text_equal(word, b) || fc_text_equal(word, c);
}

static enum exit_code run(const struct command *command, struct client *client)
{
    enum exit_code code;

    client->arena = fc_arena_new();
    client->terminal = terminal_new(stderr);
    code = api_new(&client->api, client);
    if (code == CLIENT_OK) {
        interrupt_catch();
        code = command->run(client);
    }
    /* a full disk must not look like success; a reader that has seen enough wants no complaint */
    if (code == CLIENT_OK && (fflush(stdout) != 0 || ferror(stdout))) {
        if (errno != EPIPE)
            complain("cannot write to stdout: %s", strerrordesc_np(errno));
        code = CLIENT_USAGE;
    }
    api_free(client->api);
    terminal_free(client->terminal);
    fc_arena_free(client->arena);
    return code;
}

int main(int argc, char **argv)
{
    struct client client = {0};
    const struct command *command;
    int n_taken;

    setlocale(LC_CTYPE, "");
    argc--;
    argv++;
    if (argc > 0 && is_one_of(argv[0], "help", "--help", "-h"))
        return (int)help(argc - 1, argv + 1);
    if (argc > 0 && is_one_of(argv[0], "version", "--version", "-V"))
        return puts("framecast " FC_VERSION) < 0 ? CLIENT_USAGE : CLIENT_OK;
    if (argc == 0) {
        help_print(stderr);
        return CLIENT_USAGE;
    }
    command = command_find(argc, argv, &n_taken);
    if (command == NULL)
        return (int)no_such_command(argv[0]);
    if (!arguments_parse(command, argc - n_taken + 1, argv + n_taken - 1, &client.arguments))
        return CLIENT_USAGE;
    if (client.arguments.wants_help) {
        help_print_command(stdout, command);
        return CLIENT_OK;
    }
    return (int)run(command, &client);
}
