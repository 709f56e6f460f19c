/* The picture of a job on a terminal: a line per scene, one for all, redrawn in place. */
#include "view.h"

#include <framecast/time.h>

#include "print.h"
#include "terminal.h"

enum {
    MARGIN_CELLS = 4, /* left of the name, and right of it */
    NAME_MAX_CELLS = 24,
    BAR_MAX_CELLS = 32,
    PERCENT_CELLS = 7, /* " 100%  " */
    WORD_CELLS = 12
};

/* How wide each part of a line is, for this width of the window. */
struct layout {
    int line, name, bar;
};

static const struct {
    const char *status, *word;
    enum paint paint;
} words[] = {
    {"pending",   "waiting",   PAINT_DIM},
    {"submitted", "submitted", PAINT_NONE},
    {"running",   "rendering", PAINT_NONE},
    {"completed", "done",      PAINT_GREEN},
    {"failed",    "failed",    PAINT_RED},
    {"canceled",  "canceled",  PAINT_YELLOW},
};

static struct layout layout_of(const struct view *view)
{
    struct layout l = {.line = terminal_columns(view->client->terminal) - 1, .name = 3};

    for (size_t i = 0; i < view->job->n_scenes; i++) {
        int n = (int)strlen(view->job->scenes[i].id);

        if (n > l.name)
            l.name = n;
    }
    if (l.name > NAME_MAX_CELLS)
        l.name = NAME_MAX_CELLS;
    if (l.name > l.line / 3)
        l.name = l.line / 3;
    l.bar = l.line - MARGIN_CELLS - l.name - PERCENT_CELLS - WORD_CELLS;
    if (l.bar > BAR_MAX_CELLS)
        l.bar = BAR_MAX_CELLS;
    if (l.bar < 0)
        l.bar = 0;
    return l;
}

static void put_line(struct fc_buffer *b, const struct view *view, const struct layout *l,
                     const char *name, double percent, enum paint paint, const char *words_after)
{
    const struct terminal *terminal = view->client->terminal;
    int left = l->line - MARGIN_CELLS - l->name - l->bar - PERCENT_CELLS;

    fc_put(b, "  ");
    put_clean_padded(b, name, l->name);
    fc_put(b, "  ");
    fc_put(b, terminal_paint(terminal, paint));
    terminal_put_bar(terminal, b, percent, l->bar);
    fc_putf(b, " %3.0f%%  ", percent);
    put_clean_cut(b, words_after, left > 0 ? left : 0);
    fc_put(b, terminal_unpaint(terminal));
    fc_put_char(b, '\n');
}

static void put_scene(struct fc_buffer *b, const struct view *view, const struct layout *l,
                      const struct job_scene *scene)
{
    const char *word = scene->status;
    enum paint paint = PAINT_NONE;
    double percent = scene->percent;

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(words[i].status, scene->status) == 0) {
            word = words[i].word;
            paint = words[i].paint;
        }
    if (strcmp(scene->status, "completed") == 0)
        percent = 100;
    else if (scene->attempt > 1)
        word = fc_printf(b->arena, "%s, attempt %d", word, scene->attempt);
    put_line(b, view, l, scene->id, percent, paint, word);
}

/* The scenes that fit: around the first one that is not done, so that what moves is in sight. */
static void put_scenes(struct fc_buffer *b, const struct view *view, const struct layout *l)
{
    const struct job *job = view->job;
    int room = terminal_rows(view->client->terminal) -
               6; /* title, total, note, two cuts, the cursor's line */
    size_t n_shown = room > 1 ? (size_t)room : 1, first = 0;

    if (n_shown > job->n_scenes)
        n_shown = job->n_scenes;
    while (first < job->n_scenes && strcmp(job->scenes[first].status, "completed") == 0)
        first++;
    first = first > n_shown / 2 ? first - n_shown / 2 : 0;
    if (first > job->n_scenes - n_shown)
        first = job->n_scenes - n_shown;
    if (first > 0)
        fc_putf(b, "  ... %zu before\n", first);
    for (size_t i = first; i < first + n_shown; i++)
        put_scene(b, view, l, &job->scenes[i]);
    if (first + n_shown < job->n_scenes)
        fc_putf(b, "  ... %zu after\n", job->n_scenes - first - n_shown);
}

static enum paint paint_of(const struct job *job)
{
    if (strcmp(job->status, "completed") == 0)
        return PAINT_GREEN;
    if (strcmp(job->status, "failed") == 0)
        return PAINT_RED;
    return strcmp(job->status, "canceled") == 0 ? PAINT_YELLOW : PAINT_BOLD;
}

static void live_tick(struct view *view)
{
    const struct terminal *terminal = view->client->terminal;
    const struct job *job = view->job;
    FC_AUTO(arena) *arena = fc_arena_new();
    struct fc_buffer b = fc_buffer_in(arena);
    struct layout l = layout_of(view);
    bool is_moving = strcmp(job->status, "processing") == 0 && job->phase[0] != '\0';
    const char *elapsed = text_of_seconds(arena,
                                          (double)(fc_monotonic_us() - view->began_us) / 1e6);

    fc_put(&b, terminal_paint(terminal, PAINT_BOLD));
    put_clean_cut(&b, job->title[0] != '\0' ? job->title : job->id, l.line);
    fc_putf(&b, "%s\n", terminal_unpaint(terminal));
    put_scenes(&b, view, &l);
    put_line(&b, view, &l, "all", job->percent, paint_of(job),
             fc_printf(arena, "%s  %s", is_moving ? job->phase : job->status, elapsed));
    if (view->noted[0] != '\0') {
        fc_putf(&b, "  %s", terminal_paint(terminal, PAINT_YELLOW));
        put_clean_cut(&b, view->noted, l.line - 2);
        fc_putf(&b, "%s\n", terminal_unpaint(terminal));
    }
    terminal_draw(view->client->terminal, b.data);
}

static void live_event(struct view *view, const struct fc_sse_event *event)
{
    (void)event;
    live_tick(view);
}

static void live_note(struct view *view, const char *text)
{
    (void)text;
    live_tick(view);
}

const struct view_kind view_live = {
    .event = live_event, .tick = live_tick, .note = live_note, .wants_scenes = true};
