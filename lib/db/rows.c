#include "db/rows.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static void result_clear(void *result)
{
    PQclear(result);
}

struct fc_rows fc_rows_in(struct fc_arena *arena, PGresult *result)
{
    fc_arena_defer(arena, result_clear, result);
    return (struct fc_rows){
        .n = PQntuples(result), .n_columns = PQnfields(result), .arena = arena, .result = result};
}

const char *fc_rows_text(const struct fc_rows *rows, int row, int column)
{
    assert(row < rows->n && column < rows->n_columns);
    return PQgetisnull(rows->result, row, column) ? NULL : PQgetvalue(rows->result, row, column);
}

const char *fc_rows_keep(const struct fc_rows *rows, int row, int column, struct fc_arena *arena)
{
    const char *text = fc_rows_text(rows, row, column);

    if (text == NULL || rows->arena == arena)
        return text;
    return fc_copy_n(arena, text, (size_t)PQgetlength(rows->result, row, column));
}

int64_t fc_rows_int(const struct fc_rows *rows, int row, int column)
{
    const char *text = fc_rows_text(rows, row, column);

    return text == NULL ? 0 : strtoll(text, NULL, 10);
}

static bool failed_with(const PGresult *result, const char *wanted)
{
    const char *sqlstate = result != NULL ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : NULL;

    return sqlstate != NULL && strcmp(sqlstate, wanted) == 0;
}

bool fc_was_undone(const PGresult *result)
{
    return failed_with(result, "40001") || failed_with(result, "40P01");
}

bool fc_lost_its_statement(const PGresult *result)
{
    return failed_with(result, "26000");
}

bool fc_ends_the_session(const PGresult *result)
{
    const char *severity = PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);

    return PQresultStatus(result) == PGRES_FATAL_ERROR &&
           (severity == NULL || strcmp(severity, "ERROR") != 0);
}
