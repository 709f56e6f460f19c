/* Jobs looked at, stopped, removed and watched. */
#include <string.h>

#include "auth/context.h"
#include "auth/urn.h"
#include "job/job.h"

/* ---- list ---- */

struct list_query {
    const char *status, *owner, *project_id, *created_after, *created_before;
    struct fc_page page;
};

static bool status_ok(const char *text)
{
    static const char *const known[] = {"queued", "processing", "completed", "failed", "canceled"};

    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(known[i], text) == 0)
            return true;
    return false;
}

static bool uuid_ok(const char *text)
{
    struct fc_uuid ignored;

    return fc_uuid_parse(text, &ignored);
}

static bool time_ok(const char *text)
{
    struct fc_time ignored;

    return fc_time_parse(text, &ignored);
}

static const struct fc_field list_fields[] = {
    FC_FIELD(struct list_query, status, .check = status_ok,
             .expected = "queued, processing, completed, failed or canceled"),
    FC_FIELD(struct list_query, owner),
    FC_FIELD(struct list_query, project_id, .check = uuid_ok, .expected = "a UUID"),
    FC_FIELD(struct list_query, created_after, .check = time_ok,
             .expected = "an RFC 3339 time with a zone"),
    FC_FIELD(struct list_query, created_before, .check = time_ok,
             .expected = "an RFC 3339 time with a zone"),
    FC_PAGE_FIELDS(struct list_query, page),
    {0},
};
static const struct fc_shape list_shape = FC_SHAPE(struct list_query, list_fields);

static fc_status read_owner(struct fc_request *rq, const char *text, const char **owner)
{
    struct fc_urn *urn = FC_NEW(rq->arena, struct fc_urn);

    *owner = NULL;
    if (text == NULL)
        return FC_OK;
    if (!fc_urn_parse(text, urn))
        return fc_refuse(rq, FC_E_VALIDATION,
                         "'owner' is no URN of a user, a team or a membership");
    if (!fc_urn_may_own(urn))
        return fc_refuse(rq, FC_E_FORBIDDEN, "'owner' is of a kind that owns nothing");
    *owner = urn->text;
    return FC_OK;
}

/* GET /v1/jobs: newest first. */
static fc_status job_list(struct fc_request *rq)
{
    const struct list_query *in = rq->query;
    struct fc_page_at at;
    const char *owner;
    fc_status st = fc_page_check(rq, &in->page, 50, 2, &at);

    if (st == FC_OK && at.keys[1] != NULL && (!time_ok(at.keys[0]) || !uuid_ok(at.keys[1])))
        st = fc_refuse(rq, FC_E_VALIDATION, "'cursor' is none that this list gave out");
    if (st == FC_OK)
        st = read_owner(rq, in->owner, &owner);
    if (st != FC_OK)
        return st;
    fc_answer_rewrite(rq, fc_job_links);
    return fc_answer(
        rq, FC_Q_JOB_LIST,
        FC_ARGS(fc_arg_text(owner), fc_arg_text(in->status), fc_arg_text(in->project_id),
                fc_arg_text(fc_time_utc(rq->arena, in->created_after)),
                fc_arg_text(fc_time_utc(rq->arena, in->created_before)), fc_arg_text(at.keys[0]),
                fc_arg_text(at.keys[1]), fc_arg_int(at.offset), fc_arg_int(at.limit)));
}

/* ---- one job ---- */

static const char *outputs_bucket(const struct fc_request *rq)
{
    return fc_context_of(rq)->settings->s3_bucket_outputs;
}

/* Few storyboards have reference images: their links are looked up by a statement of their own. */
static fc_status got(struct fc_request *rq, const char *outcome, const char *body, const char *more)
{
    if (body == NULL || strstr(body, "\"reference_images\"") == NULL)
        return fc_answer_outcome(rq, outcome, body, more);
    return fc_answer(rq, FC_Q_JOB_GET_WITH_LINKS,
                     FC_ARGS(fc_arg_uuid(&rq->ids[0]), fc_arg_text(outputs_bucket(rq))));
}

/* GET /v1/jobs/{job_id}: with its scenes. */
static fc_status job_get(struct fc_request *rq)
{
    fc_answer_rewrite(rq, fc_job_links);
    return fc_answer_then(rq, FC_Q_JOB_GET, FC_ARGS(fc_arg_uuid(&rq->ids[0])), got);
}

/* DELETE /v1/jobs/{job_id}: one that has ended, and that no project holds. Its files go afterwards.
 * */
static fc_status job_delete(struct fc_request *rq)
{
    return fc_answer(rq, FC_Q_JOB_DELETE,
                     FC_ARGS(fc_arg_uuid(&rq->ids[0]), fc_arg_text(outputs_bucket(rq))));
}

static fc_status canceled(struct fc_request *rq, const char *outcome, const char *body,
                          const char *more)
{
    const struct fc_context *context = fc_context_of(rq);

    if (strcmp(outcome, "ok") == 0 && context->wake != NULL)
        context->wake(context->waker); /* there is something to clean up */
    return fc_answer_outcome(rq, outcome, body, more);
}

/* POST /v1/jobs/{job_id}/cancel: 200 with the job; 409 when it has ended. */
static fc_status job_cancel(struct fc_request *rq)
{
    fc_answer_rewrite(rq, fc_job_links);
    return fc_answer_then(rq, FC_Q_JOB_CANCEL, FC_ARGS(fc_arg_uuid(&rq->ids[0])), canceled);
}

/* ---- its events ---- */

struct events_query {
    const char *last_event_id;
};

static const struct fc_field events_fields[] = {
    FC_FIELD(struct events_query, last_event_id),
    {0},
};
static const struct fc_shape events_shape = FC_SHAPE(struct events_query, events_fields);

/* "<this job>:<n>", n at least 1; anything else counts as absent. A number that fits no integer
 * names no event that exists. */
static bool place_read(const char *text, const struct fc_uuid *job, int64_t *sequence)
{
    struct fc_uuid named;
    size_t n;

    if (text == NULL || strlen(text) < 38 || text[36] != ':' || !fc_uuid_parse_n(text, &named) ||
        !fc_uuid_equal(&named, job))
        return false;
    n = strspn(text + 37, "0123456789");
    if (text[37 + n] != '\0')
        return false;
    if (!fc_int_parse(text + 37, sequence))
        *sequence = INT64_MAX;
    return *sequence >= 1;
}

static fc_status opened(struct fc_request *rq, const char *outcome, const char *body,
                        const char *more)
{
    const int64_t *last = rq->state;

    if (strcmp(outcome, "event_gone") == 0) {
        fc_refuse_details(rq, body);
        return fc_refuse(rq, FC_E_GONE,
                         "This event is not held any more: read the job and begin anew");
    }
    if (strcmp(outcome, "ok") != 0)
        return fc_answer_outcome(rq, outcome, NULL, more);
    return fc_stream_answer(rq, &rq->ids[0], *last);
}

/* GET /v1/jobs/{job_id}/events: what has happened, then what happens, until the job has ended. */
static fc_status job_events(struct fc_request *rq)
{
    const struct events_query *in = rq->query;
    const char *header = fc_header(rq, "Last-Event-ID");
    int64_t *last = FC_NEW(rq->arena, int64_t);
    bool is_given = place_read(header != NULL ? header : in->last_event_id, &rq->ids[0], last);

    if (!is_given)
        *last = 0;
    rq->state = last;
    return fc_answer_then(
        rq, FC_Q_JOB_EVENTS_OPEN,
        FC_ARGS(fc_arg_uuid(&rq->ids[0]), is_given ? fc_arg_int(*last) : fc_arg_text(NULL)),
        opened);
}

#define JOB "/v1/jobs/{job_id}"

const struct fc_route fc_job_routes[] = {
    /*       method, path, who may call, scope, query, body, success, handler */
    FC_ROUTE(GET,    "/v1/jobs",    ANYONE, "jobs:read",  &list_shape,   NULL, 200, job_list),
    FC_ROUTE(GET,    JOB,           ANYONE, "jobs:read",  NULL,          NULL, 200, job_get),
    FC_ROUTE(DELETE, JOB,           ANYONE, "jobs:write", NULL,          NULL, 204, job_delete),
    FC_ROUTE(POST,   JOB "/cancel", ANYONE, "jobs:write", NULL,          NULL, 200, job_cancel),
    FC_ROUTE(GET,    JOB "/events", ANYONE, "jobs:read",  &events_shape, NULL, 200, job_events),
    {0},
};
