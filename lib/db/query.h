/**
 * The closed list of statements that the program can run, and their arguments.
 *
 * The list is made from the SQL files of db/queries at build time (scripts/gen-queries): enum
 * fc_query names each statement.
 */
#ifndef FRAMECAST_DB_QUERY_H
#define FRAMECAST_DB_QUERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <framecast/arena.h>
#include <framecast/ids.h>

#include "db/queries.h"

/** How the caller of an :api statement showed who they are; it has one text for each. */
enum fc_credential { FC_BY_JWT, FC_BY_KEY };

/**
 * Which text of a statement: its first, or an :api statement's with this credential; for what may
 * run for several calls at once FC_TOGETHER is added. Such a text takes an array in place of each
 * argument and one more, of whose call each is (batch.h); the last column of a row is the number,
 * from 1, of the call that it is for; each has at most one.
 */
enum fc_statement_text { FC_TOGETHER = 2, FC_STATEMENT_TEXTS = 4 };

enum { FC_CALLER_ARGS = 5, FC_STATEMENT_ARGS_MAX = 32 };

struct fc_statement {
    const char *name;
    bool is_api;   /* has a caller; answers (state, user_id, tier, outcome, body, more) */
    bool is_write; /* never shares a Sync, never sent twice after it may have been committed */
    int n_args;    /* those of the caller included */
    const unsigned *types[2]; /* PostgreSQL type oids; [1] of the arrays in FC_TOGETHER */
    const char *text[FC_STATEMENT_TEXTS]; /* by enum fc_statement_text; NULL when there is none */
};

extern const struct fc_statement fc_statements[FC_QUERY__COUNT];

/** How many arguments a text takes. */
static inline int fc_text_args(const struct fc_statement *statement, int text)
{
    return text < FC_TOGETHER ? statement->n_args : statement->n_args + 1;
}

/** One argument: a text as PostgreSQL reads it (NULL is SQL's null), or a number. */
struct fc_arg {
    const char *text;
    int64_t number;
    bool is_number;
};

struct fc_args {
    const struct fc_arg *at;
    int n;
};

/* FC_ARGS(fc_arg_text(name), fc_arg_int(limit)): lives as long as the enclosing block */
#define FC_ARGS(...)                                                                               \
    ((struct fc_args){                                                                             \
        (const struct fc_arg[]){__VA_ARGS__},                                                      \
        (int)(sizeof((const struct fc_arg[]){__VA_ARGS__}) / sizeof(struct fc_arg))})
#define FC_NO_ARGS ((struct fc_args){NULL, 0})

static inline struct fc_arg fc_arg_text(const char *text)
{
    return (struct fc_arg){.text = text};
}

static inline struct fc_arg fc_arg_int(int64_t number)
{
    return (struct fc_arg){.number = number, .is_number = true};
}

static inline struct fc_arg fc_arg_bool(bool value)
{
    return (struct fc_arg){.text = value ? "true" : "false"};
}

/** @id must live until the statement is handed over. An id that is not set is null. */
static inline struct fc_arg fc_arg_uuid(const struct fc_uuid *id)
{
    return (struct fc_arg){.text = fc_uuid_is_set(id) ? id->text : NULL};
}

/** An array: the @n texts, quoted as PostgreSQL wants them; NULL is null. */
struct fc_arg fc_arg_texts(struct fc_arena *arena, const char *const *texts, size_t n);

/**
 * The arguments as the NUL-closed texts that libpq takes, copied to @arena; @values has room for
 * FC_STATEMENT_ARGS_MAX.
 */
void fc_args_bind(struct fc_arena *arena, struct fc_args args, const char **values);

#endif
