#include <stdio.h>
#include <string.h>

#include "db/migrate.h"
#include "framecastd.h"

static void on_applied(const struct fc_migration *migration)
{
    (void)printf("applied %04d_%s\n", migration->number, migration->name);
}

static int print_status(struct fc_db *db)
{
    struct fc_schema_state state;
    struct fc_error error;

    if (fc_schema_look(db, &state, &error) != FC_OK) {
        (void)fprintf(stderr, "framecastd: %s\n", error.text);
        return EXIT_FAILED;
    }
    (void)printf("%d of %d migrations applied%s\n", state.applied, state.known,
                 state.foreign > 0 ? "; the database also has some that this version does not know"
                                   : "");
    return state.applied == state.known && state.foreign == 0 ? EXIT_OK : EXIT_FAILED;
}

int command_migrate(const struct command *command)
{
    const char *what = command->n_args > 0 ? command->args[0] : "up";
    FC_AUTO(db) *db = fc_db_new(command->settings->database_url, "framecastd migrate");
    struct fc_error error;

    if (strcmp(what, "status") == 0)
        return print_status(db);
    if (strcmp(what, "up") != 0) {
        (void)fprintf(stderr, "framecastd: migrate knows 'up' and 'status'\n");
        return EXIT_USAGE;
    }
    if (fc_schema_migrate(db, on_applied, &error) != FC_OK) {
        (void)fprintf(stderr, "framecastd: %s\n", error.text);
        return EXIT_FAILED;
    }
    return print_status(db);
}
