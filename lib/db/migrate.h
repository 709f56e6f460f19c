/**
 * The schema: numbered SQL files, embedded in the binary, applied once each under an advisory lock.
 */
#ifndef FRAMECAST_DB_MIGRATE_H
#define FRAMECAST_DB_MIGRATE_H

#include <framecast/arena.h>
#include <framecast/status.h>

#include "db/db.h"

struct fc_migration {
    int number; /* rises from row to row; the table ends with 0 */
    const char *name;
    const char *sql;
};

extern const struct fc_migration fc_migrations[];

struct fc_schema_state {
    int known;   /* migrations in this binary */
    int applied; /* of those, applied in the database */
    int foreign; /* applied there, but unknown here or of another text: another version's schema */
};

/**
 * Compares the database with this binary.
 *
 * FC_E_CONFLICT  an applied migration has another text here (@error names it)
 */
fc_status fc_schema_look(struct fc_db *db, struct fc_schema_state *state, struct fc_error *error);

/**
 * Applies what is missing, each file in a transaction of its own; @on_applied is called after each
 * (may be NULL). Two programs that do this at once wait for each other.
 */
fc_status fc_schema_migrate(struct fc_db *db, void (*on_applied)(const struct fc_migration *),
                            struct fc_error *error);

#endif
