#include "job.h"

#include <stdio.h>

#include "api.h"

static void keep(char *into, size_t room, const char *text)
{
    if (text == NULL)
        return;
    snprintf(into, room, "%s", text);
    while (!fc_utf8_ok(into, strlen(into))) /* cut inside a character */
        into[strlen(into) - 1] = '\0';
}

#define KEEP(array, text) keep((array), sizeof(array), (text))

static size_t count_completed(const struct job *job)
{
    size_t n = 0;

    for (size_t i = 0; i < job->n_scenes; i++)
        n += strcmp(job->scenes[i].status, "completed") == 0;
    return n;
}

/* What counts something; a number that cannot, for it may be a worker's own, is none. */
static size_t json_count(const struct fc_json *object, const char *name, size_t otherwise)
{
    const double number = json_number(object, name, -1);

    return number >= 0 && number < 1e6 ? (size_t)number : otherwise;
}

static void read_scenes(struct job *job, const struct fc_json *scenes)
{
    job->n_scenes = 0;
    for (const struct fc_json *one = fc_json_first(scenes);
         one != NULL && job->n_scenes < JOB_SCENES_MAX; one = fc_json_next(one)) {
        struct job_scene *scene = &job->scenes[job->n_scenes++];

        *scene = (struct job_scene){.percent = json_number(one, "progress", 0),
                                    .attempt = (int)json_count(one, "attempt", 0)};
        KEEP(scene->id, json_text(one, "scene_id"));
        KEEP(scene->status, json_text(one, "status"));
    }
    if (job->n_scenes > 0) {
        job->n_total = job->n_scenes;
        job->n_completed = count_completed(job);
    }
}

static void read_progress(struct job *job, const struct fc_json *progress)
{
    double percent = json_number(progress, "percent", 0);

    if (percent > job->percent) /* a bar that goes back would only worry people */
        job->percent = percent;
    KEEP(job->phase, json_text(progress, "phase"));
    KEEP(job->current_scene, json_text(progress, "current_scene"));
    job->n_total = json_count(progress, "scenes_total", job->n_total);
    job->n_completed = json_count(progress, "scenes_completed", job->n_completed);
}

void job_read(struct job *job, const struct fc_json *json)
{
    const struct fc_json *scenes = json_array(json, "scenes"),
                         *progress = json_object(json, "progress");

    KEEP(job->id, json_text(json, "id"));
    KEEP(job->title, json_text(json_object(json, "spec_snapshot"), "title"));
    KEEP(job->status, json_text(json, "status"));
    job->credits_charged = json_number(json, "credits_charged", 0);
    job->credits_refunded = json_number(json, "credits_refunded", 0);
    /* an answer may be older than the events that came meanwhile */
    if (progress != NULL && json_number(progress, "percent", 0) >= job->percent)
        read_progress(job, progress);
    if (scenes != NULL)
        read_scenes(job, scenes);
}

static void complete_scene(struct job *job, const char *id)
{
    for (size_t i = 0; id != NULL && i < job->n_scenes; i++)
        if (strcmp(job->scenes[i].id, id) == 0) {
            KEEP(job->scenes[i].status, "completed");
            job->scenes[i].percent = 100;
        }
}

void job_apply(struct job *job, const struct fc_sse_event *event)
{
    FC_AUTO(arena) *arena = fc_arena_new();
    const struct fc_json *data;

    if (fc_json_parse(arena, event->data, strlen(event->data), &data, NULL) != FC_OK)
        return;
    if (strcmp(event->name, "progress") != 0) /* there a worker's own words may stand */
        KEEP(job->status, json_text(data, "status"));
    job->credits_refunded = json_number(data, "credits_refunded", job->credits_refunded);
    if (strcmp(event->name, "progress") == 0) {
        read_progress(job, data);
    } else if (strcmp(event->name, "scene_complete") == 0) {
        complete_scene(job, json_text(data, "scene_id"));
        job->n_completed = json_count(data, "scenes_completed", job->n_completed);
        job->n_total = json_count(data, "scenes_total", job->n_total);
    } else if (strcmp(event->name, "completed") == 0) {
        job->percent = 100;
        job->n_completed = job->n_total;
        for (size_t i = 0; i < job->n_scenes; i++)
            complete_scene(job, job->scenes[i].id);
    }
}

bool job_has_ended(const struct job *job)
{
    return strcmp(job->status, "completed") == 0 || strcmp(job->status, "failed") == 0 ||
           strcmp(job->status, "canceled") == 0;
}

const char *job_file_name(struct fc_arena *arena, const char *title)
{
    enum { NAME_MAX_BYTES = 60 };
    struct fc_buffer b = fc_buffer_in(arena);

    for (const char *at = title != NULL ? title : ""; *at != '\0' && b.n < NAME_MAX_BYTES; at++) {
        bool is_upper = *at >= 'A' && *at <= 'Z';
        bool is_kept = is_upper || (*at >= 'a' && *at <= 'z') || (*at >= '0' && *at <= '9');

        if (is_kept)
            fc_put_char(&b, is_upper ? (char)(*at - 'A' + 'a') : *at);
        else if (b.n > 0 && b.data[b.n - 1] != '-')
            fc_put_char(&b, '-');
    }
    while (b.n > 0 && b.data[b.n - 1] == '-')
        b.data[--b.n] = '\0';
    return fc_printf(arena, "%s.mp4", b.n > 0 ? b.data : "video");
}
