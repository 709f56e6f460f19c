/** The server program: one table of subcommands. */
#ifndef FRAMECASTD_H
#define FRAMECASTD_H

#include <framecast/settings.h>

#include "db/db.h"
#include "http/http.h"

/* Exit codes of all subcommands. */
enum { EXIT_OK = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

/** What a subcommand is given: its settings are read and right. */
struct command {
    struct fc_arena *arena;
    const struct fc_settings *settings;
    int n_args; /* behind the subcommand's name */
    char *const *args;
};

int command_serve(const struct command *command);
int command_migrate(const struct command *command);
int command_admin(const struct command *command);
int command_settings(const struct command *command);
int command_routes(const struct command *command);

/**
 * admin check: asks the database whether every rule of db/queries/check.sql holds, and prints a
 * line for each, or a JSON array of {name, sentence, failure, rows, ids}. Changes nothing.
 * EXIT_FAILED when one does not hold or could not be asked.
 */
int check_database(struct fc_arena *arena, const struct fc_settings *settings, struct fc_db *db,
                   bool as_json);

/** All that the server answers to. */
extern const struct fc_route *const fc_all_routes[];
extern const struct fc_route fc_service_routes[];

#endif
