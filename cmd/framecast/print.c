#include "print.h"

#include <stdio.h>

void print_json(const struct fc_json *json)
{
    FC_AUTO(arena) *arena = fc_arena_new();
    struct fc_buffer b = fc_buffer_in(arena);

    fc_put_compact(&b, json);
    puts(b.data);
    fflush(stdout); /* a program that reads line by line waits for it */
}

const char *text_of_bytes(struct fc_arena *arena, double bytes)
{
    static const char *const units[] = {"bytes", "kB", "MB", "GB", "TB"};
    size_t unit = 0;

    while (bytes >= 999.5 && unit + 1 < sizeof units / sizeof *units) {
        bytes /= 1000;
        unit++;
    }
    return fc_printf(arena, unit == 0 || bytes >= 99.95 ? "%.0f %s" : "%.1f %s", bytes,
                     units[unit]);
}

const char *text_of_seconds(struct fc_arena *arena, double seconds)
{
    int whole = seconds < 0 ? 0 : seconds > 1e8 ? 100000000 : (int)seconds;

    if (whole >= 3600)
        return fc_printf(arena, "%d:%02d:%02d", whole / 3600, whole / 60 % 60, whole % 60);
    return fc_printf(arena, "%d:%02d", whole / 60, whole % 60);
}

const char *text_of_timestamp(struct fc_arena *arena, const char *timestamp)
{
    if (timestamp == NULL || strlen(timestamp) < 16)
        return "-";
    return fc_printf(arena, "%.10s %.5s", timestamp, timestamp + 11);
}
