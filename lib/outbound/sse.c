#include "outbound/sse.h"

#include <framecast/arena.h>
#include <framecast/text.h>

#include <string.h>

struct fc_sse {
    bool (*take)(void *context, const struct fc_sse_event *event);
    void *context;
    struct fc_arena *arena; /* of the event being read */
    struct fc_buffer line, name, data;
    char id[256]; /* outlives its event */
    bool has_data;
    bool after_return;  /* the last byte was \r: an \n after it belongs to it */
    bool is_past_start; /* a byte order mark may only stand first */
};

static void start_event(struct fc_sse *sse)
{
    fc_arena_free(sse->arena);
    sse->arena = fc_arena_new();
    sse->line = sse->name = sse->data = fc_buffer_in(sse->arena);
    sse->has_data = false;
}

struct fc_sse *fc_sse_new(bool (*take)(void *context, const struct fc_sse_event *event),
                          void *context)
{
    struct fc_sse *sse = calloc(1, sizeof *sse);

    if (sse == NULL)
        abort();
    sse->take = take;
    sse->context = context;
    start_event(sse);
    return sse;
}

void fc_sse_free(struct fc_sse *sse)
{
    if (sse == NULL)
        return;
    fc_arena_free(sse->arena);
    free(sse);
}

static bool end_event(struct fc_sse *sse)
{
    bool goes_on = true;

    if (sse->has_data) {
        const struct fc_sse_event event = {.id = sse->id,
                                           .name = sse->name.n > 0 ? sse->name.data : "message",
                                           .data = sse->data.data};

        goes_on = sse->take(sse->context, &event);
    }
    start_event(sse);
    return goes_on;
}

static void take_field(struct fc_sse *sse, const char *name, const char *value)
{
    if (strcmp(name, "data") == 0) {
        if (sse->has_data)
            fc_put_char(&sse->data, '\n');
        fc_put(&sse->data, value);
        sse->has_data = true;
    } else if (strcmp(name, "event") == 0) {
        sse->name = fc_buffer_in(sse->arena);
        fc_put(&sse->name, value);
    } else if (strcmp(name, "id") == 0 && strlen(value) < sizeof sse->id) {
        memcpy(sse->id, value, strlen(value) + 1);
    }
}

static bool end_line(struct fc_sse *sse)
{
    char *text = sse->line.data, *colon;

    if (!sse->is_past_start && fc_text_starts(text, "\xEF\xBB\xBF"))
        text += 3;
    sse->is_past_start = true;
    if (*text == '\0')
        return end_event(sse);
    colon = strchr(text, ':');
    if (colon == text) {
        /* a comment, which keeps the connection alive */
    } else if (colon == NULL) {
        take_field(sse, text, "");
    } else {
        *colon = '\0';
        take_field(sse, text, colon[1] == ' ' ? colon + 2 : colon + 1);
    }
    sse->line = (struct fc_buffer){
        .arena = sse->arena, .data = sse->line.data, .room = sse->line.room};
    sse->line.data[0] = '\0';
    return true;
}

bool fc_sse_put(void *context, const char *bytes, size_t n)
{
    const size_t memory_max =
        4 * (size_t)FC_SSE_EVENT_BYTES; /* line and data, each grown by doubling */
    struct fc_sse *sse = context;

    for (size_t i = 0; i < n; i++) {
        char c = bytes[i];
        bool is_rest_of_return = c == '\n' && sse->after_return;

        sse->after_return = c == '\r';
        if (is_rest_of_return)
            continue;
        if (c == '\n' || c == '\r') {
            if (!end_line(sse))
                return false;
        } else {
            fc_put_char(&sse->line, c);
            if (fc_arena_used(sse->arena) > memory_max)
                return false;
        }
    }
    return true;
}
