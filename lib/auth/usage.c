#include "auth/usage.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <framecast/text.h>

enum { OWNER_SIZE = 128, BUCKETS = 512, OWNERS_MAX = 10000 };

struct tally {
    struct tally *next;
    long long calls;
    char owner[OWNER_SIZE];
};

struct fc_usage {
    pthread_mutex_t lock;
    struct tally *buckets[BUCKETS];
    int n;
};

struct fc_usage *fc_usage_new(void)
{
    struct fc_usage *usage = calloc(1, sizeof *usage);

    if (usage == NULL)
        abort(); /* as arenas do */
    (void)pthread_mutex_init(&usage->lock, NULL);
    return usage;
}

static void tallies_free(struct tally *tally)
{
    for (struct tally *next; tally != NULL; tally = next) {
        next = tally->next;
        free(tally);
    }
}

void fc_usage_free(struct fc_usage *usage)
{
    if (usage == NULL)
        return;
    for (int i = 0; i < BUCKETS; i++)
        tallies_free(usage->buckets[i]);
    (void)pthread_mutex_destroy(&usage->lock);
    free(usage);
}

static void add(struct fc_usage *usage, const char *owner, long long calls)
{
    struct tally **bucket = &usage->buckets[fc_hash(owner) % BUCKETS], *tally;

    for (tally = *bucket; tally != NULL && strcmp(tally->owner, owner) != 0; tally = tally->next)
        ;
    if (tally == NULL && usage->n < OWNERS_MAX && strlen(owner) < OWNER_SIZE &&
        (tally = calloc(1, sizeof *tally)) != NULL) {
        (void)snprintf(tally->owner, sizeof tally->owner, "%s", owner);
        tally->next = *bucket;
        *bucket = tally;
        usage->n++;
    }
    if (tally != NULL)
        tally->calls += calls;
}

void fc_usage_count(struct fc_usage *usage, const char *owner)
{
    (void)pthread_mutex_lock(&usage->lock);
    add(usage, owner, 1);
    (void)pthread_mutex_unlock(&usage->lock);
}

/* Takes all that was counted out of the table, as one list. */
static struct tally *take_all(struct fc_usage *usage)
{
    struct tally *all = NULL;

    (void)pthread_mutex_lock(&usage->lock);
    for (int i = 0; i < BUCKETS; i++)
        while (usage->buckets[i] != NULL) {
            struct tally *tally = usage->buckets[i];

            usage->buckets[i] = tally->next;
            tally->next = all;
            all = tally;
        }
    usage->n = 0;
    (void)pthread_mutex_unlock(&usage->lock);
    return all;
}

fc_status fc_usage_flush(struct fc_usage *usage, struct fc_db *db, struct fc_error *error)
{
    FC_AUTO(arena) *arena = fc_arena_new();
    struct tally *all = take_all(usage);
    const char **owners = FC_NEW_ARRAY(arena, const char *, OWNERS_MAX),
               **calls = FC_NEW_ARRAY(arena, const char *, OWNERS_MAX);
    struct fc_rows rows;
    fc_status st = FC_OK;
    size_t n = 0;

    for (struct tally *tally = all; tally != NULL; tally = tally->next, n++) {
        owners[n] = tally->owner;
        calls[n] = fc_printf(arena, "%lld", tally->calls);
    }
    if (n > 0)
        st = fc_db_run(db, arena, FC_Q_USAGE_API_CALLS,
                       FC_ARGS(fc_arg_texts(arena, owners, n), fc_arg_texts(arena, calls, n)),
                       &rows, error);
    if (st != FC_OK) {
        (void)pthread_mutex_lock(&usage->lock);
        for (struct tally *tally = all; tally != NULL; tally = tally->next)
            add(usage, tally->owner, tally->calls);
        (void)pthread_mutex_unlock(&usage->lock);
    }
    tallies_free(all);
    return st;
}
