#include "render/run.h"

#include <stdlib.h>
#include <string.h>

struct meter {
    const struct fc_run *run;
    const struct fc_watch *watch;
};

bool fc_watch_canceled(const struct fc_watch *watch)
{
    return watch != NULL && watch->is_canceled != NULL && watch->is_canceled(watch->context);
}

void fc_watch_progress(const struct fc_watch *watch, double percent)
{
    if (watch != NULL && watch->on_progress != NULL)
        watch->on_progress(watch->context, percent);
}

static bool is_canceled(void *context)
{
    return fc_watch_canceled(context);
}

/* A line of -progress: out_time_us=1234567 (or N/A before the first packet). */
static void read_progress(void *context, const char *line)
{
    static const char key[] = "out_time_us=";
    const struct meter *meter = context;
    const struct fc_run *run = meter->run;
    int64_t done_us;
    double share;

    if (!fc_text_starts(line, key) || !fc_int_parse(line + sizeof key - 1, &done_us))
        return;
    share = (double)done_us / (double)run->length_us;
    share = share < 0 ? 0 : share > 1 ? 1 : share;
    fc_watch_progress(meter->watch, run->from + (run->to - run->from) * share);
}

fc_status fc_run_ffmpeg(struct fc_run *run, const struct fc_watch *watch, struct fc_error *error)
{
    FC_AUTO(process) *ffmpeg = NULL;
    struct meter meter = {run, watch};
    bool is_metered = run->length_us > 0 && watch != NULL && watch->on_progress != NULL;
    struct fc_process_plan plan = {.timeout_ms = run->timeout_ms, .nice = 5, .context = &meter};
    fc_status st;

    if (is_metered) {
        fc_command_add_all(&run->command, "-progress", "pipe:1", "-stats_period", "0.25", NULL);
        plan.on_line = read_progress;
    }
    plan.argv = run->command.argv;
    st = fc_process_start(&ffmpeg, &plan, error);
    if (st != FC_OK)
        return st;
    /* The context is only handed on to is_canceled, which does not write to it. */
    st = fc_process_wait(ffmpeg, watch != NULL ? is_canceled : NULL, (void *)(uintptr_t)watch,
                         error);
    if (st == FC_OK)
        fc_watch_progress(watch, run->to);
    return st;
}
