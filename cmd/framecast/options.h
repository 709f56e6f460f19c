/** The command line as two tables, commands and options; parser and help text work through both. */
#ifndef FRAMECAST_OPTIONS_H
#define FRAMECAST_OPTIONS_H

#include "client.h"

/* The rows of the table of options, in the order in which help shows them. */
enum option_number {
    OPTION_OUTPUT,
    OPTION_FORCE,
    OPTION_RESOLUTION,
    OPTION_FPS,
    OPTION_QUALITY,
    OPTION_CAPTIONS,
    OPTION_SEED,
    OPTION_OWNER,
    OPTION_MAX_CREDITS,
    OPTION_IDEMPOTENCY_KEY,
    OPTION_DETACH,
    OPTION_STATUS,
    OPTION_LIMIT,
    OPTION_JSON,
    OPTION_QUIET,
    OPTION_URL,
    OPTION_HELP,
    OPTION__COUNT
};
#define HAS(bit) (1u << OPTION_##bit)

struct command {
    const char *name;    /* one or two words */
    const char *word;    /* what its one argument is called, NULL: it takes none */
    const char *summary; /* one line */
    const char *more;    /* paragraphs for its own help; may be NULL */
    unsigned options;    /* HAS(...) | ..., besides those of every command */
    enum exit_code (*run)(struct client *client);
};

extern const struct command commands[]; /* closed by a row without a name */

/**
 * The command that @argv names; *@n_taken is how many words that were (0..2). NULL when there is
 * none.
 */
const struct command *command_find(int argc, char **argv, int *n_taken);

/** Takes apart what follows the command's name; false when it has complained. */
bool arguments_parse(const struct command *command, int argc, char **argv,
                     struct arguments *arguments);

void help_print(FILE *to);                                        /* of the whole program */
void help_print_command(FILE *to, const struct command *command); /* of one command */

#endif
