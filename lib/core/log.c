#include <framecast/log.h>

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <framecast/arena.h>
#include <framecast/text.h>
#include <framecast/time.h>

static atomic_int log_fd = STDOUT_FILENO;
static atomic_int log_least = FC_LOG_INFO;

void fc_log_to(int fd, enum fc_log_level least)
{
    atomic_store(&log_fd, fd);
    atomic_store(&log_least, (int)least);
}

/* A value is whatever a library or a stranger said: what is no UTF-8 must not break the line. */
static void put_value(struct fc_buffer *line, const char *text)
{
    enum { VALUE_MAX = 4096 };
    size_t n = strnlen(text, VALUE_MAX);

    while (n > 0 && ((unsigned char)text[n - 1] & 0x80) != 0 && !fc_utf8_ok(text, n) &&
           n + 4 > strnlen(text, VALUE_MAX))
        n--;
    if (fc_utf8_ok(text, n)) {
        fc_put_json_n(line, text, n);
        return;
    }
    fc_put_char(line, '"');
    for (size_t i = 0; i < n; i++)
        fc_putf(line,
                (unsigned char)text[i] >= 0x20 && (unsigned char)text[i] < 0x7F && text[i] != '"' &&
                        text[i] != '\\'
                    ? "%c"
                    : "\\u00%02x",
                (unsigned char)text[i]);
    fc_put_char(line, '"');
}

void fc_log_write(enum fc_log_level level, const char *message, const struct fc_log_pair *pairs)
{
    static const char *const names[] = {"debug", "info", "warning", "error"};
    char now[FC_TIME_TEXT_SIZE];
    struct fc_arena *arena;
    struct fc_buffer line;

    if ((int)level < atomic_load(&log_least))
        return;
    arena = fc_arena_new();
    line = fc_buffer_in(arena);
    fc_time_format(fc_time_now(), now);
    fc_putf(&line, "{\"time\":\"%s\",\"level\":\"%s\",\"message\":", now, names[level]);
    put_value(&line, message);
    for (; pairs->key != NULL; pairs++) {
        fc_putf(&line, ",\"%s\":", pairs->key);
        if (pairs->text != NULL)
            put_value(&line, pairs->text);
        else
            fc_putf(&line, "%lld", (long long)pairs->number);
    }
    fc_put(&line, "}\n");
    for (size_t done = 0; done < line.n;) {
        ssize_t n = write(atomic_load(&log_fd), line.data + done, line.n - done);

        if (n < 0 && errno != EINTR)
            break; /* nobody reads the log any more: nothing can be said about it */
        done += n > 0 ? (size_t)n : 0;
    }
    fc_arena_free(arena);
}
