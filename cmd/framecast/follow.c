#include "follow.h"

#include <stdio.h>

#include <framecast/time.h>

#include "api.h"
#include "interrupt.h"
#include "terminal.h"
#include "view.h"

enum { REFRESH_MS = 1000, REFRESH_SPARING_MS = 5000 };

/* One job being followed. */
struct follow {
    struct client *client;
    struct job *job;
    struct view view;
    char last_id[128]; /* of the last event seen; "" before the first */
    size_t n_events;   /* in this stream */
    bool is_streaming, is_refreshing;
    bool is_stale;           /* an event came since the scenes were read */
    int64_t next_refresh_us; /* not before that */
};

const char *job_path(struct fc_arena *arena, const char *id, const char *after)
{
    struct fc_buffer b = fc_buffer_in(arena);

    fc_put(&b, "/v1/jobs/");
    fc_put_url(&b, id, false);
    fc_put(&b, after);
    return b.data;
}

enum exit_code job_accept(struct job *job, const struct fc_json *json)
{
    if (json_text(json, "id") == NULL || json_text(json, "status") == NULL) {
        complain("the server's answer is no job");
        return CLIENT_UNREACHABLE;
    }
    job_read(job, json);
    return CLIENT_OK;
}

static enum exit_code job_ask(struct client *client, struct fc_arena *arena,
                              const struct api_request *rq, struct job *job,
                              const struct fc_json **json)
{
    struct api_answer answer;
    enum exit_code code = api_call_or_complain(client->api, arena, rq, &answer);

    if (code != CLIENT_OK)
        return code;
    return job_accept(job, *json = answer.json);
}

enum exit_code job_fetch(struct client *client, struct fc_arena *arena, const char *id,
                         struct job *job, const struct fc_json **json)
{
    return job_ask(client, arena, &(struct api_request){.path = job_path(arena, id, "")}, job,
                   json);
}

enum exit_code job_cancel(struct client *client, const char *id, struct job *job,
                          const struct fc_json **json)
{
    const char *path = job_path(client->arena, id, "/cancel");

    return job_ask(client, client->arena, &(struct api_request){.method = "POST", .path = path},
                   job, json);
}

const char *job_cancel_text(struct fc_arena *arena, const struct job *job)
{
    return fc_printf(arena, "job %s is canceled; %.0f of %.0f credits were refunded", job->id,
                     job->credits_refunded, job->credits_charged);
}

/* ---- while a stream is open ---- */

static bool take_event(void *context, const struct fc_sse_event *event)
{
    struct follow *f = context;

    f->n_events++;
    f->is_stale = true;
    snprintf(f->last_id, sizeof f->last_id, "%s", event->id);
    view_note(&f->view, NULL);
    job_apply(f->job, event);
    view_event(&f->view, event);
    return !job_has_ended(f->job) && !ferror(stdout);
}

/* Half of the requests a minute is for everything else that this user runs. */
static int64_t pause_after(struct fc_arena *arena, const struct fc_outbound_answer *answer)
{
    const char *limit_text = fc_outbound_header(arena, answer, "X-RateLimit-Limit");
    const char *remaining_text = fc_outbound_header(arena, answer, "X-RateLimit-Remaining");
    int64_t limit, remaining;

    if (answer->retry_after_s > 0)
        return answer->retry_after_s * 1000;
    if (limit_text == NULL || remaining_text == NULL || !fc_int_parse(limit_text, &limit) ||
        !fc_int_parse(remaining_text, &remaining))
        return REFRESH_MS;
    return remaining > limit / 2 ? REFRESH_MS : REFRESH_SPARING_MS;
}

static void refresh_scenes(struct follow *f)
{
    FC_AUTO(arena) *arena = fc_arena_new();
    struct api_answer answer;

    f->is_refreshing = true;
    f->is_stale = false;
    if (api_call(f->client->api, arena,
                 &(struct api_request){.path = job_path(arena, f->job->id, ""), .is_single = true},
                 &answer) == CLIENT_OK) {
        struct job fresh = *f->job;

        job_read(&fresh, answer.json);
        /* whether it has ended is the stream's to say: its last event must still be shown */
        if (!job_has_ended(&fresh))
            *f->job = fresh;
    }
    f->next_refresh_us = fc_monotonic_us() + pause_after(arena, &answer.http) * 1000;
    f->is_refreshing = false;
}

static void follow_tick(void *context)
{
    struct follow *f = context;

    if (f->is_refreshing)
        return;
    if (f->is_streaming && f->is_stale && f->view.kind->wants_scenes &&
        fc_monotonic_us() >= f->next_refresh_us)
        refresh_scenes(f);
    view_tick(&f->view);
}

static void follow_note(void *context, const char *text)
{
    struct follow *f = context;

    if (!f->is_refreshing)
        view_note(&f->view, text);
}

static enum exit_code stream_once(struct follow *f, struct fc_arena *arena,
                                  struct api_answer *answer)
{
    struct fc_sse *sse = fc_sse_new(take_event, f);
    enum exit_code code;

    f->n_events = 0;
    f->is_streaming = true;
    code = api_stream(f->client->api, arena, job_path(arena, f->job->id, "/events"),
                      f->last_id[0] != '\0' ? f->last_id : NULL,
                      (struct fc_outbound_sink){.put = fc_sse_put, .context = sse}, answer);
    f->is_streaming = false;
    fc_sse_free(sse);
    return code;
}

/* ---- from stream to stream ---- */

/* The stream ended and the last event has not come: the job itself knows how it stands. */
static enum exit_code look_again(struct follow *f, struct fc_arena *arena)
{
    const struct fc_json *json;
    enum exit_code code = job_fetch(f->client, arena, f->job->id, f->job, &json);

    if (code == CLIENT_OK)
        view_note(&f->view, NULL);
    return code;
}

static void say_why(struct follow *f, struct fc_arena *arena, const struct api_answer *answer)
{
    if (answer->http.fault != FC_FAULT_NONE)
        view_note(&f->view, fc_printf(arena, "%s; trying again", answer->why));
    else if (answer->http.status >= 400)
        view_note(&f->view,
                  fc_printf(arena, "the server answers %d; trying again", answer->http.status));
}

/* After an answer that a new stream will not change: no such job, no right to see it. */
static bool is_final(const struct api_answer *answer)
{
    int status = answer->http.status;

    return answer->http.fault == FC_FAULT_NONE && status >= 400 && status < 500 && status != 410 &&
           status != 429;
}

static enum exit_code follow_streams(struct follow *f)
{
    for (int n_fruitless = 0; !job_has_ended(f->job);) {
        FC_AUTO(arena) *arena = fc_arena_new();
        struct api_answer answer;
        enum exit_code code = stream_once(f, arena, &answer);

        if (interrupted())
            return interrupt_code();
        if (job_has_ended(f->job))
            return CLIENT_OK;
        if (ferror(stdout)) /* the program that read our JSON lines is gone */
            return CLIENT_USAGE;
        if (is_final(&answer))
            return api_complain(f->client->api, &answer, code);
        if (answer.http.status == 410)
            f->last_id[0] = '\0'; /* events that old are gone: start over with what is left */
        say_why(f, arena, &answer);
        n_fruitless = f->n_events > 0 ? 0 : n_fruitless + 1;
        if (!api_wait(f->client->api, &answer.http, n_fruitless))
            return interrupt_code();
        code = look_again(f, arena);
        if (code != CLIENT_OK)
            return code;
    }
    return CLIENT_OK;
}

static void tell_way_back(const struct job *job)
{
    complain("job %s goes on; come back to it with: framecast jobs watch %s", job->id, job->id);
}

/* After Ctrl-C: the job is the server's and goes on by itself, unless the person says otherwise. */
static enum exit_code leave(struct follow *f)
{
    enum exit_code code = interrupt_code();
    const struct fc_json *json;

    if (code == CLIENT_INTERRUPTED &&
        terminal_ask(f->client->terminal, "Cancel the remote job too?")) {
        interrupt_forget();
        if (job_cancel(f->client, f->job->id, f->job, &json) == CLIENT_OK)
            complain("%s", job_cancel_text(f->client->arena, f->job));
        return code;
    }
    tell_way_back(f->job);
    return code;
}

enum exit_code follow_job(struct client *client, struct job *job)
{
    struct follow f = {.client = client, .job = job, .view = view_of(client, job)};
    struct api_hooks former = api_hook(
        client->api, (struct api_hooks){.tick = follow_tick, .note = follow_note, .context = &f});
    enum exit_code code = follow_streams(&f);

    api_hook(client->api, former);
    view_tick(&f.view);
    terminal_keep(client->terminal);
    if (code == CLIENT_INTERRUPTED || code == CLIENT_TERMINATED)
        return leave(&f);
    if (code == CLIENT_UNREACHABLE)
        tell_way_back(job);
    return code;
}
