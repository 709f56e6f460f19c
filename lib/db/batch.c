#include "db/batch.h"

#include <stdlib.h>
#include <string.h>

#include <framecast/text.h>

static bool same_text(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool same_caller(const struct fc_call *a, const struct fc_call *b)
{
    for (int i = 0; i < FC_CALLER_ARGS; i++)
        if (!same_text(a->values[i], b->values[i]))
            return false;
    return true;
}

/* A program that asks a lot has one key: its row is looked up once for all its calls. */
static int number_callers(const struct fc_call *calls[], int n, const struct fc_call *callers[],
                          int caller_of[])
{
    int n_callers = 0;

    for (int i = 0; i < n; i++) {
        int k = 0;

        while (k < n_callers && !same_caller(callers[k], calls[i]))
            k++;
        if (k == n_callers)
            callers[n_callers++] = calls[i];
        caller_of[i] = k;
    }
    return n_callers;
}

static const char *array_of(struct fc_arena *arena, const struct fc_call *calls[], int n, int arg)
{
    const char *column[FC_BATCH_MAX];

    for (int i = 0; i < n; i++)
        column[i] = calls[i]->values[arg];
    return fc_arg_texts(arena, column, (size_t)n).text;
}

static const char *array_of_numbers(struct fc_arena *arena, const int *from_0, int n)
{
    struct fc_buffer list = fc_buffer_in(arena);

    for (int i = 0; i < n; i++) {
        fc_put_char(&list, i == 0 ? '{' : ',');
        fc_put_int(&list, from_0[i] + 1);
    }
    fc_put_char(&list, '}');
    return list.data;
}

void fc_batch_bind(struct fc_arena *arena, const struct fc_call *first, int n, const char **values)
{
    const int n_args = fc_statements[first->query].n_args;
    const struct fc_call *calls[FC_BATCH_MAX], *callers[FC_BATCH_MAX];
    int caller_of[FC_BATCH_MAX], n_callers;

    for (int i = 0; i < n; i++, first = first->next)
        calls[i] = first;
    n_callers = number_callers(calls, n, callers, caller_of);
    for (int arg = 0; arg < n_args; arg++)
        values[arg] = arg < FC_CALLER_ARGS ? array_of(arena, callers, n_callers, arg)
                                           : array_of(arena, calls, n, arg);
    values[n_args] = array_of_numbers(arena, caller_of, n);
}

/* The last column is the call's number. */
struct fc_call **fc_batch_find(struct fc_call **first, const PGresult *row)
{
    const long number = strtol(PQgetvalue(row, 0, PQnfields(row) - 1), NULL, 10);

    while ((*first)->number != number)
        first = &(*first)->next;
    return first;
}
