/* framecastd admin check: what must always hold, asked of the database. The rules are statements of
 * db/queries/check.sql; this table says in words what each one means. */
#include <stdio.h>
#include <string.h>

#include <framecast/text.h>

#include "db/migrate.h"
#include "framecastd.h"

/* Long enough for millions of rows; what takes longer is given up and counts as failed. */
static const char session[] = "SET default_transaction_read_only = on;"
                              "SET statement_timeout = '5min';"
                              "SET lock_timeout = '10s'";

#define SETTING(member) offsetof(struct fc_settings, member)

/* A statement check_x is the rule x. */
static const struct rule {
    enum fc_query query;
    const char *sentence;
    size_t settings[2]; /* whole numbers that the statement takes; 0: none */
} rules[] = {
    {FC_Q_CHECK_SCHEMA_IN_FORCE, "Every trigger, index and constraint is in force", {0}},
    {FC_Q_CHECK_STARTER_ALONE, "A starter belongs to no team", {0}},
    {FC_Q_CHECK_TEAM_HAS_OWNER, "A team has an owner", {0}},
    {FC_Q_CHECK_MEMBERSHIP_LIMITS, "Nobody is in more than 50 teams or owns more than 10", {0}},
    {FC_Q_CHECK_INVITATION_OF_MEMBER, "No invitation of a member is pending", {0}},
    {FC_Q_CHECK_INVITATION_LIMIT, "No team has more than 50 pending invitations", {0}},
    {FC_Q_CHECK_KEY_OWNER, "A key belongs to its user, or to a team if that is a creator", {0}},
    {FC_Q_CHECK_STORAGE_OF_USER, "A user's storage is the sum of the ready files", {0}},
    {FC_Q_CHECK_STORAGE_OF_TEAM, "A team's storage is the sum of the ready files", {0}},
    {FC_Q_CHECK_PROJECT_RENDERING, "A project renders exactly while a job of it is active", {0}},
    {FC_Q_CHECK_PROJECT_TEAM, "A project's job is owned by the project's team", {0}},
    {FC_Q_CHECK_JOB_TIMES, "A job is created, then started, then ended", {0}},
    {FC_Q_CHECK_JOB_LIMITS, "Nobody has more active jobs than allowed", {0}},
    {FC_Q_CHECK_JOB_PARENT, "A retried job has failed or was canceled", {0}},
    {FC_Q_CHECK_JOB_REFUND, "A job gave back what its end demands", {0}},
    {FC_Q_CHECK_JOB_PERCENT, "Progress is 0 to 100 percent, and 100 when completed", {0}},
    {FC_Q_CHECK_JOB_TEXT, "The kept text of an ended job is what it says of itself", {0}},
    {FC_Q_CHECK_JOB_OVERDUE,
     "No job is active beyond its time (does a server run?)",
     {SETTING(job_timeout_seconds), SETTING(job_queue_timeout_seconds)}},
    {FC_Q_CHECK_USAGE_USED, "Usage counts the credits that the jobs cost", {0}},
    {FC_Q_CHECK_USAGE_REFUNDED, "Usage counts the credits that the jobs gave back", {0}},
    {FC_Q_CHECK_USAGE_RENDERS, "Usage counts the completed jobs", {0}},
    {FC_Q_CHECK_EVENT_NUMBERS, "A job's events are numbered without gaps", {0}},
    {FC_Q_CHECK_EVENT_FIRST, "A job's first event is its creation", {0}},
    {FC_Q_CHECK_EVENT_ONCE, "A job is queued once and started once", {0}},
    {FC_Q_CHECK_EVENT_LAST, "A job's last event is its end, and the only one", {0}},
    {FC_Q_CHECK_SCENE_NUMBERS, "A job has its spec's scenes, numbered from 0", {0}},
    {FC_Q_CHECK_SCENE_STATE, "No scene is ahead of its job, and none outlives it", {0}},
    {FC_Q_CHECK_SCENE_ATTEMPT, "A scene under way has an attempt", {0}},
    {FC_Q_CHECK_SCENE_CLIP, "A scene that this server completed has a clip", {0}},
    {FC_Q_CHECK_SCENE_PROVIDER, "A scene is left to the job's own provider", {0}},
    {FC_Q_CHECK_SCENE_ONCE, "No scene is completed twice", {0}},
    {FC_Q_CHECK_SCENE_REPORTED, "A scene is completed exactly if an event says so", {0}},
    {FC_Q_CHECK_SCENE_COUNT, "Progress counts the completed scenes", {0}},
    {FC_Q_CHECK_DISPATCH_THERE, "A job made through the API is in the outbox", {0}},
    {FC_Q_CHECK_DISPATCH_OPEN, "An active job's run is not over", {0}},
    {FC_Q_CHECK_DISPATCH_CLOSED,
     "An ended job is cleaned up within an hour (does a server run?)",
     {0}},
    {FC_Q_CHECK_LEASE_HELD, "A lease has a holder, an end and an attempt, and none when done", {0}},
    {FC_Q_CHECK_LEASE_LENGTH,
     "No lease ends later than ten of RENDER_LEASE_SECONDS",
     {SETTING(render_lease_seconds)}},
    {FC_Q_CHECK_ARTIFACT_OF_JOB, "A job's artifact is ready when the job is", {0}},
    {FC_Q_CHECK_MESSAGE_COUNT, "A conversation counts its messages", {0}},
    {FC_Q_CHECK_DELIVERY_STATE,
     "A delivery under way says since when, a waiting one till when",
     {0}},
};

enum { N_RULES = sizeof rules / sizeof *rules, SETTINGS_MAX = 2 };

/* What came of one rule. */
struct finding {
    const char *name;
    const char *failure; /* why it could not be asked; NULL when it was */
    int64_t n;           /* what breaks it */
    struct fc_rows ids;  /* the first of them */
};

static struct finding ask(struct fc_arena *arena, const struct fc_settings *settings,
                          struct fc_db *db, const struct rule *rule)
{
    struct finding finding = {.name = fc_statements[rule->query].name + strlen("check_")};
    struct fc_arg args[SETTINGS_MAX];
    struct fc_error error;
    int n_args = 0;

    while (n_args < SETTINGS_MAX && rule->settings[n_args] != 0) {
        const char *at = (const char *)settings + rule->settings[n_args];
        int64_t number;

        memcpy(&number, at, sizeof number);
        args[n_args++] = fc_arg_int(number);
    }
    if (fc_db_run(db, arena, rule->query, (struct fc_args){args, n_args}, &finding.ids, &error) !=
        FC_OK)
        finding.failure = fc_printf(arena, "%s", error.text);
    else if (finding.ids.n > 0)
        finding.n = fc_rows_int(&finding.ids, 0, 1);
    return finding;
}

static void print_line(const struct finding *finding, const char *sentence)
{
    char state[32] = "ok";

    if (finding->failure != NULL)
        (void)snprintf(state, sizeof state, "failed");
    else if (finding->n > 0)
        (void)snprintf(state, sizeof state, "%jd row%s", (intmax_t)finding->n,
                       finding->n == 1 ? "" : "s");
    (void)printf("%-10s %-21s %s", state, finding->name, sentence);
    if (finding->failure != NULL)
        (void)printf(": %s", finding->failure);
    for (int i = 0; finding->n > 0 && i < finding->ids.n; i++)
        (void)printf("%s %s", i == 0 ? ":" : ",", fc_rows_text(&finding->ids, i, 0));
    (void)printf("%s\n", finding->n > finding->ids.n ? ", ..." : "");
}

static void put_object(struct fc_buffer *out, const struct finding *finding, const char *sentence)
{
    fc_putf(out, "%s\n  {\"name\": \"%s\", \"sentence\": ", out->n > 1 ? "," : "", finding->name);
    fc_put_json(out, sentence);
    fc_putf(out, ", \"failure\": ");
    fc_put_json(out, finding->failure);
    fc_putf(out, ", \"rows\": %jd, \"ids\": [", (intmax_t)finding->n);
    for (int i = 0; finding->n > 0 && i < finding->ids.n; i++) {
        fc_put(out, i > 0 ? ", " : "");
        fc_put_json(out, fc_rows_text(&finding->ids, i, 0));
    }
    fc_put(out, "]}");
}

static fc_status open_session(struct fc_db *db, struct fc_error *error)
{
    struct fc_schema_state state;
    fc_status st = fc_schema_look(db, &state, error);

    if (st == FC_OK && (state.applied != state.known || state.foreign > 0))
        st = fc_fail(error, FC_E_CONFLICT,
                     "the database has not this version's schema; see 'framecastd migrate status'");
    return st == FC_OK ? fc_db_execute(db, session, error) : st;
}

int check_database(struct fc_arena *arena, const struct fc_settings *settings, struct fc_db *db,
                   bool as_json)
{
    struct fc_buffer json = fc_buffer_in(arena);
    struct fc_error error;
    int n_broken = 0;

    if (open_session(db, &error) != FC_OK) {
        (void)fprintf(stderr, "framecastd: %s\n", error.text);
        return EXIT_FAILED;
    }
    fc_put(&json, "[");
    for (int i = 0; i < N_RULES; i++) {
        struct finding finding = ask(arena, settings, db, &rules[i]);

        n_broken += finding.n > 0 || finding.failure != NULL;
        if (as_json)
            put_object(&json, &finding, rules[i].sentence);
        else
            print_line(&finding, rules[i].sentence);
    }
    if (as_json)
        (void)printf("%s\n]\n", json.data);
    else
        (void)printf("%d of %d rules hold\n", N_RULES - n_broken, N_RULES);
    return n_broken == 0 ? EXIT_OK : EXIT_FAILED;
}
