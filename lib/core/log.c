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
    HELD_MAX = 2 * 1024 * 1024, /* bytes of lines in one of the buffers */
    PIECE_MAX = PIPE_BUF, /* as much as a pipe that can be written to takes without blocking */
    USUAL_LINE = 400,     /* bytes */
    PAUSE_MS = 10,        /* of the writer, for lines to gather */
    READER_MS = 100,      /* that the writer waits for a reader at a time */
};

static atomic_int log_least = FC_LOG_INFO;

/*
 * Two buffers: into the one lines are gathered, under the lock, which is never held for longer than
 * a copy takes; out of the other whoever holds "writing" writes. When that is empty they change
 * places. So no thread waits for another's write.
 */
static struct lines {
    char at[HELD_MAX];
    size_t n;
} buffers[2], *gathered = &buffers[0], *going = &buffers[1];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER, writing = PTHREAD_MUTEX_INITIALIZER;
static size_t n_written;                                    /* of those that are going */
static pthread_cond_t has_lines = PTHREAD_COND_INITIALIZER; /* with "lock" */
static pthread_t writer;
static atomic_bool has_writer;
static bool is_ending; /* the writer, with "lock" */
static int log_fd = STDOUT_FILENO;
static enum { UNKNOWN, FILE_ON_DISK, PIPE_OR_SOCKET } log_kind; /* of log_fd */
static atomic_bool is_holding;                                  /* lines, in either */
static atomic_llong n_dropped;

/* ---- writing ---- */

static bool is_file(void)
{
    struct stat st;

    if (log_kind == UNKNOWN)
        log_kind = fstat(log_fd, &st) == 0 && S_ISREG(st.st_mode) ? FILE_ON_DISK : PIPE_OR_SOCKET;
    return log_kind == FILE_ON_DISK;
}

/* False: whoever reads takes no more now. */
static bool write_piece(int wait_ms)
{
    struct pollfd ready = {.fd = log_fd, .events = POLLOUT};
    size_t left = going->n - n_written;
    ssize_t n;

    if (!is_file() && poll(&ready, 1, wait_ms) == 0)
        return false;
    n = write(log_fd, going->at + n_written, is_file() || left < PIECE_MAX ? left : PIECE_MAX);
    if (n < 0 && errno == EAGAIN)
        return false;
    if (n < 0 && errno != EINTR)
        n = (ssize_t)left; /* nobody reads it any more: nothing can be said about it */
    n_written += n < 0 ? 0 : (size_t)n;
    return true;
}

static bool take_gathered(void)
{
    struct lines *empty = going;
    bool some;

    going->n = n_written = 0;
    (void)pthread_mutex_lock(&lock);
    some = gathered->n > 0;
    if (some) {
        going = gathered;
        gathered = empty;
    }
    atomic_store(&is_holding, some);
    (void)pthread_mutex_unlock(&lock);
    return some;
}

/*
 * All that waits; the caller holds "writing". Never blocks, unless @wait_ms allows it: then each
 * piece may wait so long for its reader. False when some is left: the next flush goes on there.
 */
static bool write_all(int wait_ms)
{
    while (n_written < going->n || take_gathered())
        if (!write_piece(wait_ms))
            return false;
    return true;
}

static void hold(const char *line, size_t n)
{
    (void)pthread_mutex_lock(&lock);
    if (gathered->n + n > HELD_MAX) {
        atomic_fetch_add(&n_dropped, 1);
    } else {
        if (gathered->n == 0)
            (void)pthread_cond_signal(&has_lines);
        memcpy(gathered->at + gathered->n, line, n);
        gathered->n += n;
        atomic_store(&is_holding, true);
    }
    (void)pthread_mutex_unlock(&lock);
}

void fc_log_to(int fd, enum fc_log_level least)
{
    (void)pthread_mutex_lock(&writing);
    (void)write_all(0);
    log_fd = fd;
    log_kind = UNKNOWN;
    (void)pthread_mutex_unlock(&writing);
    atomic_store(&log_least, (int)least);
}

static void tell_what_was_dropped(void)
{
    long long n = atomic_load(&n_dropped) == 0 ? 0 : atomic_exchange(&n_dropped, 0);

    if (n > 0)
        fc_log(FC_LOG_WARNING, "log lines were dropped because nobody read them",
               FC_KV_INT("n", n));
}

/* Without a writer. Who finds another writing leaves it to them: they look again after they have
 * let go. */
static void flush(void)
{
    bool is_through = true;

    while (is_through && atomic_load(&is_holding) && pthread_mutex_trylock(&writing) == 0) {
        is_through = write_all(0);
        (void)pthread_mutex_unlock(&writing);
        if (is_through)
            tell_what_was_dropped();
    }
}

/* ---- the writer ---- */

/* False when some is left. */
static bool write_out(int wait_ms)
{
    bool is_through;

    (void)pthread_mutex_lock(&writing);
    is_through = write_all(wait_ms);
    (void)pthread_mutex_unlock(&writing);
    if (is_through)
        tell_what_was_dropped();
    return is_through;
}

/* Waits for lines, unless some are left; false at the end. */
static bool next_lines(bool is_through)
{
    bool goes_on;

    (void)pthread_mutex_lock(&lock);
    while (is_through && gathered->n == 0 && !is_ending)
        (void)pthread_cond_wait(&has_lines, &lock);
    goes_on = !is_ending;
    (void)pthread_mutex_unlock(&lock);
    return goes_on;
}

static void *write_lines(void *arg)
{
    bool is_through = true;

    (void)arg;
    while (next_lines(is_through)) {
        is_through = write_out(READER_MS);
        (void)usleep(PAUSE_MS * 1000);
    }
    return NULL;
}

fc_status fc_log_start(struct fc_error *error)
{
    is_ending = false;
    if (pthread_create(&writer, NULL, write_lines, NULL) != 0)
        return fc_fail(error, FC_E_INTERNAL, "no thread for the log");
    atomic_store(&has_writer, true);
    return FC_OK;
}

void fc_log_stop(int max_ms)
{
    if (atomic_exchange(&has_writer, false)) {
        (void)pthread_mutex_lock(&lock);
        is_ending = true;
        (void)pthread_cond_signal(&has_lines);
        (void)pthread_mutex_unlock(&lock);
        (void)pthread_join(writer, NULL);
    }
    (void)write_out(max_ms);
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
    hold(line.data, line.n);
    fc_arena_free(arena);
    if (!atomic_load(&has_writer))
        flush();
}
