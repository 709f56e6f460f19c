#include <framecast/log.h>

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <framecast/arena.h>
#include <framecast/text.h>
#include <framecast/time.h>

enum {
    HELD_MAX = 1024 * 1024, /* bytes of lines that nobody has taken yet */
    PIECE_MAX = PIPE_BUF,   /* as much as a pipe that can be written to takes without blocking */
    USUAL_LINE = 400,       /* bytes */
};

static atomic_int log_least = FC_LOG_INFO;
static _Thread_local bool is_gathering;

/* Guarded by the lock: what is to be written, and how much of it has been. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int log_fd = STDOUT_FILENO;
static char held[HELD_MAX];
static size_t n_held, n_written;
static int64_t n_dropped;
static atomic_bool is_holding;

/* ---- writing ---- */

/* Never blocks, unless @wait_ms allows it: then each piece may wait so long for its reader. */
static void write_held(int wait_ms)
{
    struct stat st;
    bool is_file = n_written < n_held && fstat(log_fd, &st) == 0 && S_ISREG(st.st_mode);

    while (n_written < n_held) {
        struct pollfd ready = {.fd = log_fd, .events = POLLOUT};
        size_t left = n_held - n_written;
        ssize_t n;

        if (!is_file && poll(&ready, 1, wait_ms) == 0)
            return; /* full: the next flush goes on here */
        n = write(log_fd, held + n_written, is_file || left < PIECE_MAX ? left : PIECE_MAX);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno == EAGAIN)
            return;
        if (n < 0)
            n = (ssize_t)left; /* nobody reads it any more: nothing can be said about it */
        n_written += (size_t)n;
    }
    n_written = n_held = 0;
    atomic_store(&is_holding, n_dropped > 0);
}

static void hold(const char *line, size_t n)
{
    if (n_held + n > HELD_MAX && n_written > 0) {
        memmove(held, held + n_written, n_held - n_written);
        n_held -= n_written;
        n_written = 0;
    }
    if (n_held + n > HELD_MAX) {
        n_dropped++;
        return;
    }
    memcpy(held + n_held, line, n);
    n_held += n;
    atomic_store(&is_holding, true);
}

void fc_log_to(int fd, enum fc_log_level least)
{
    (void)pthread_mutex_lock(&lock);
    write_held(0);
    log_fd = fd;
    (void)pthread_mutex_unlock(&lock);
    atomic_store(&log_least, (int)least);
}

void fc_log_gather(bool on)
{
    is_gathering = on;
}

static void flush_waiting(int wait_ms)
{
    int64_t dropped = 0;

    (void)pthread_mutex_lock(&lock);
    write_held(wait_ms);
    if (n_held == 0) {
        dropped = n_dropped;
        n_dropped = 0;
        atomic_store(&is_holding, false);
    }
    (void)pthread_mutex_unlock(&lock);
    if (dropped > 0)
        fc_log(FC_LOG_WARNING, "log lines were dropped because nobody read them",
               FC_KV_INT("n", dropped));
}

void fc_log_flush(void)
{
    if (atomic_load(&is_holding))
        flush_waiting(0);
}

void fc_log_drain(int max_ms)
{
    flush_waiting(max_ms);
}

/* ---- a line ---- */

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
    fc_buffer_reserve(&line, USUAL_LINE);
    fc_time_format(fc_time_now(), now);
    fc_put(&line, "{\"time\":\"");
    fc_put(&line, now);
    fc_put(&line, "\",\"level\":\"");
    fc_put(&line, names[level]);
    fc_put(&line, "\",\"message\":");
    put_value(&line, message);
    for (; pairs->key != NULL; pairs++) {
        fc_put(&line, ",\"");
        fc_put(&line, pairs->key);
        fc_put(&line, "\":");
        if (pairs->text != NULL)
            put_value(&line, pairs->text);
        else
            fc_put_int(&line, pairs->number);
    }
    fc_put(&line, "}\n");
    (void)pthread_mutex_lock(&lock);
    hold(line.data, line.n);
    if (!is_gathering || level >= FC_LOG_WARNING)
        write_held(0);
    (void)pthread_mutex_unlock(&lock);
    fc_arena_free(arena);
}
