#include "db/migrate.h"

#include <string.h>

#include <framecast/text.h>

#include "crypt/crypt.h"

/* Any constant of our own: who holds it migrates. */
#define LOCK "SELECT pg_advisory_lock(7239617205014)"
#define UNLOCK "SELECT pg_advisory_unlock(7239617205014)"

static const char make_table[] = "CREATE TABLE IF NOT EXISTS schema_migrations ("
                                 " number integer PRIMARY KEY, name text NOT NULL, checksum text "
                                 "NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())";

static void checksum(const struct fc_migration *migration, char hex[FC_HASH_HEX])
{
    unsigned char hash[FC_HASH_BYTES];

    fc_crypt_sha256(migration->sql, strlen(migration->sql), NULL, 0, hash);
    fc_hex(hash, sizeof hash, hex);
}

static const struct fc_migration *migration_by_number(int64_t number)
{
    for (const struct fc_migration *m = fc_migrations; m->number != 0; m++)
        if (m->number == number)
            return m;
    return NULL;
}

static fc_status look(struct fc_db *db, struct fc_arena *arena, struct fc_schema_state *state,
                      struct fc_error *error)
{
    char hex[FC_HASH_HEX];
    struct fc_rows rows;
    fc_status st;

    *state = (struct fc_schema_state){0};
    for (const struct fc_migration *m = fc_migrations; m->number != 0; m++)
        state->known++;
    st = fc_db_run(db, arena, FC_Q_SCHEMA_HAS_TABLE, FC_NO_ARGS, &rows, error);
    if (st != FC_OK || rows.n == 0)
        return st;
    st = fc_db_run(db, arena, FC_Q_SCHEMA_APPLIED, FC_NO_ARGS, &rows, error);
    for (int i = 0; st == FC_OK && i < rows.n; i++) {
        const struct fc_migration *m = migration_by_number(fc_rows_int(&rows, i, 0));

        if (m == NULL) {
            state->foreign++;
            continue;
        }
        checksum(m, hex);
        if (!fc_text_equal(hex, fc_rows_text(&rows, i, 1)))
            st = fc_fail(error, FC_E_CONFLICT, "migration %04d_%s was applied with another text",
                         m->number, m->name);
        state->applied++;
    }
    return st;
}

fc_status fc_schema_look(struct fc_db *db, struct fc_schema_state *state, struct fc_error *error)
{
    FC_AUTO(arena) *arena = fc_arena_new();

    return look(db, arena, state, error);
}

static fc_status apply(struct fc_db *db, struct fc_arena *arena, const struct fc_migration *m,
                       struct fc_error *error)
{
    struct fc_error failed = {0};
    char hex[FC_HASH_HEX];
    struct fc_rows rows;
    fc_status st;

    checksum(m, hex);
    st = fc_db_execute(db, "BEGIN", &failed);
    if (st == FC_OK)
        st = fc_db_execute(db, m->sql, &failed);
    if (st == FC_OK)
        st = fc_db_run(db, arena, FC_Q_SCHEMA_RECORD,
                       FC_ARGS(fc_arg_int(m->number), fc_arg_text(m->name), fc_arg_text(hex)),
                       &rows, &failed);
    if (st == FC_OK)
        return fc_db_execute(db, "COMMIT", error);
    (void)fc_db_execute(db, "ROLLBACK", NULL); /* a lost connection has rolled back already */
    return fc_fail(error, st, "migration %04d_%s: %s", m->number, m->name, failed.text);
}

static fc_status migrate_locked(struct fc_db *db, struct fc_arena *arena,
                                void (*on_applied)(const struct fc_migration *),
                                struct fc_error *error)
{
    struct fc_schema_state state;
    fc_status st = fc_db_execute(db, make_table, error);

    if (st == FC_OK)
        st = look(db, arena, &state, error);
    if (st == FC_OK && state.foreign > 0)
        st = fc_fail(error, FC_E_CONFLICT,
                     "the database has %d migrations that this version does not know",
                     state.foreign);
    for (const struct fc_migration *m = fc_migrations; st == FC_OK && m->number != 0; m++) {
        struct fc_rows rows;

        st = fc_db_run(db, arena, FC_Q_SCHEMA_IS_APPLIED, FC_ARGS(fc_arg_int(m->number)), &rows,
                       error);
        if (st != FC_OK || rows.n > 0)
            continue;
        st = apply(db, arena, m, error);
        if (st == FC_OK && on_applied != NULL)
            on_applied(m);
    }
    return st;
}

fc_status fc_schema_migrate(struct fc_db *db, void (*on_applied)(const struct fc_migration *),
                            struct fc_error *error)
{
    FC_AUTO(arena) *arena = fc_arena_new();
    fc_status st = fc_db_execute(db, LOCK, error);

    if (st != FC_OK)
        return st;
    st = migrate_locked(db, arena, on_applied, error);
    (void)fc_db_execute(db, UNLOCK, NULL); /* a lost connection has unlocked already */
    return st;
}
