#include "view.h"

#include <stdio.h>

#include <framecast/time.h>

#include "print.h"
#include "terminal.h"

struct view view_of(struct client *client, struct job *job)
{
    const struct view_kind *kind = client->arguments.wants_json         ? &view_json
                                   : client->arguments.is_quiet         ? &view_quiet
                                   : terminal_is_live(client->terminal) ? &view_live
                                                                        : &view_lines;

    return (struct view){.kind = kind,
                         .client = client,
                         .job = job,
                         .began_us = fc_monotonic_us(),
                         .last_percent = -1};
}

void view_event(struct view *view, const struct fc_sse_event *event)
{
    if (view->kind->event != NULL)
        view->kind->event(view, event);
}

void view_tick(struct view *view)
{
    if (view->kind->tick != NULL)
        view->kind->tick(view);
}

void view_note(struct view *view, const char *text)
{
    if (text == NULL && view->noted[0] == '\0')
        return;
    snprintf(view->noted, sizeof view->noted, "%s", text != NULL ? text : "");
    if (view->kind->note != NULL)
        view->kind->note(view, text);
}

/* ---- plain lines, for logs ---- */

static void lines_event(struct view *view, const struct fc_sse_event *event)
{
    enum { STEP_PERCENT = 10 };
    const struct job *job = view->job;
    bool is_progress = strcmp(event->name, "progress") == 0;

    /* a line for each new phase and each tenth, not for each event */
    if (is_progress && strcmp(job->phase, view->last_phase) == 0 &&
        job->percent < view->last_percent + STEP_PERCENT)
        return;
    memcpy(view->last_phase, job->phase, sizeof job->phase);
    view->last_percent = job->percent;
    if (strcmp(event->name, "scene_complete") == 0)
        tell(view->client, "scene %zu of %zu is complete", job->n_completed, job->n_total);
    else if (is_progress)
        tell(view->client, "%s, %.0f %%%s%s", job->phase, job->percent,
             job->current_scene[0] != '\0' ? ", scene " : "", job->current_scene);
    else if (!job_has_ended(job))
        tell(view->client, "%s", event->name);
}

static void lines_note(struct view *view, const char *text)
{
    tell(view->client, "%s", text != NULL ? text : "the server answers again");
}

const struct view_kind view_lines = {.event = lines_event, .note = lines_note};

/* ---- JSON, for programs ---- */

static void json_event(struct view *view, const struct fc_sse_event *event)
{
    FC_AUTO(arena) *arena = fc_arena_new();
    struct fc_buffer b = fc_buffer_in(arena);
    const struct fc_json *data = NULL;

    (void)fc_json_parse(arena, event->data, strlen(event->data), &data, NULL);
    fc_put(&b, "{\"type\":\"event\",\"job_id\":");
    fc_put_json(&b, view->job->id);
    fc_put(&b, ",\"id\":");
    fc_put_json(&b, event->id);
    fc_put(&b, ",\"event\":");
    fc_put_json(&b, event->name);
    fc_put(&b, ",\"data\":");
    if (data != NULL)
        fc_put_compact(&b, data);
    else
        fc_put_json(&b, event->data); /* never a broken line, whatever was sent */
    fc_put(&b, "}");
    puts(b.data);
    fflush(stdout);
}

const struct view_kind view_json = {.event = json_event, .note = lines_note};

/* ---- nothing ---- */

const struct view_kind view_quiet = {0};
