#include "process/process.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <framecast/time.h>

#include "process/spawn.h"

enum {
    LINE_MAX_BYTES = 4096,
    ERRORS_KEPT = 4096,
    READ_AT_ONCE = 65536,
    CANCEL_LOOK_MS = 100,
    BLIND_LOOK_MS = 20
};

struct fc_process {
    struct fc_process_plan plan; /* argv and work_dir are not looked at after the start */
    char name[64];               /* of the program, for sentences */
    struct fc_spawned child;     /* descriptors are -1 once closed */
    int64_t deadline_us;         /* 0: none */
    bool timed_out, has_ended;

    /* Over the two below it: the number of a child that was reaped may be another process's by now.
     * */
    pthread_mutex_t lock;
    bool is_reaped, killed;

    siginfo_t how; /* it ended */
    char ending[128];
    struct fc_arena *arena;
    struct fc_buffer output;
    char line[LINE_MAX_BYTES + 1];
    size_t line_n;
    char errors[2 * ERRORS_KEPT + 1]; /* the older half is thrown away when it is full */
    size_t errors_n;
};

static void close_fd(int *fd)
{
    if (*fd >= 0)
        (void)close(*fd); /* a pipe, socket or pidfd: nothing to be lost */
    *fd = -1;
}

static void take_name(struct fc_process *p, const char *program)
{
    const char *slash = strrchr(program, '/');

    (void)snprintf(p->name, sizeof p->name, "%.60s", slash != NULL ? slash + 1 : program);
}

static void say_ending(struct fc_process *p)
{
    if (!p->has_ended)
        (void)snprintf(p->ending, sizeof p->ending, "%s is running", p->name);
    else if (p->how.si_code == CLD_EXITED)
        (void)snprintf(p->ending, sizeof p->ending, "%s exited with status %d", p->name,
                       p->how.si_status);
    else
        (void)snprintf(p->ending, sizeof p->ending, "%s was killed by signal %d", p->name,
                       p->how.si_status);
}

fc_status fc_process_start(struct fc_process **process, const struct fc_process_plan *plan,
                           struct fc_error *error)
{
    struct fc_spawned child;
    struct fc_arena *arena;
    struct fc_process *p;
    fc_status st = fc_spawn(plan, &child, error);

    if (st != FC_OK)
        return st;
    arena = fc_arena_new();
    p = FC_NEW(arena, struct fc_process);
    p->arena = arena;
    p->plan = *plan;
    p->plan.argv = NULL;
    p->plan.work_dir = NULL;
    take_name(p, plan->argv[0]);
    p->child = child;
    p->deadline_us = plan->timeout_ms > 0 ? fc_monotonic_us() + plan->timeout_ms * 1000 : 0;
    p->output = fc_buffer_in(arena);
    if (pthread_mutex_init(&p->lock, NULL) != 0)
        abort(); /* cannot happen with default attributes */
    say_ending(p);
    *process = p;
    return FC_OK;
}

/* ---- reading ---- */

static void end_line(struct fc_process *p)
{
    p->line[p->line_n] = '\0';
    p->line_n = 0;
    p->plan.on_line(p->plan.context, p->line);
}

static void feed_lines(struct fc_process *p, const char *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (bytes[i] == '\n')
            end_line(p);
        else if (p->line_n < LINE_MAX_BYTES)
            p->line[p->line_n++] = bytes[i];
    }
}

static void feed_output(struct fc_process *p, const char *bytes, size_t n)
{
    size_t room = p->plan.output_max - p->output.n;

    fc_put_n(&p->output, bytes, n < room ? n : room);
    if (p->plan.on_line != NULL)
        feed_lines(p, bytes, n);
}

static void feed_errors(struct fc_process *p, const char *bytes, size_t n)
{
    if (n > ERRORS_KEPT) {
        bytes += n - ERRORS_KEPT;
        n = ERRORS_KEPT;
    }
    if (p->errors_n + n >= sizeof p->errors) {
        size_t keep = p->errors_n < ERRORS_KEPT ? p->errors_n : ERRORS_KEPT;

        memmove(p->errors, p->errors + p->errors_n - keep, keep);
        p->errors_n = keep;
    }
    memcpy(p->errors + p->errors_n, bytes, n);
    p->errors_n += n;
    p->errors[p->errors_n] = '\0';
}

/* Reads all that is there; closes @fd at its end. */
static void drain(struct fc_process *p, int *fd,
                  void (*feed)(struct fc_process *, const char *, size_t))
{
    char bytes[READ_AT_ONCE];

    while (*fd >= 0) {
        ssize_t n = read(*fd, bytes, sizeof bytes);

        if (n > 0)
            feed(p, bytes, (size_t)n);
        else if (n < 0 && errno == EINTR)
            continue;
        else if (n < 0 && errno == EAGAIN)
            return;
        else
            close_fd(fd);
    }
}

/* ---- the end ---- */

void fc_process_kill(struct fc_process *p)
{
    pthread_mutex_lock(&p->lock);
    if (!p->is_reaped && !p->killed) {
        (void)kill(-p->child.pid, SIGKILL); /* fails only when nobody is left */
        p->killed = true;
    }
    pthread_mutex_unlock(&p->lock);
}

/* What the child started and left behind goes with it, before its number can become another's. */
static void reap_group(struct fc_process *p)
{
    int rc;

    pthread_mutex_lock(&p->lock);
    (void)kill(-p->child.pid, SIGKILL);
    do {
        rc = waitid(P_PID, (id_t)p->child.pid, &p->how, WEXITED);
    } while (rc < 0 && errno == EINTR);
    assert(rc == 0); /* nobody else reaps our children */
    p->is_reaped = true;
    pthread_mutex_unlock(&p->lock);
}

static void finish(struct fc_process *p)
{
    reap_group(p);
    drain(p, &p->child.output, feed_output);
    drain(p, &p->child.errors, feed_errors);
    if (p->plan.on_line != NULL && p->line_n > 0)
        end_line(p);
    close_fd(&p->child.output);
    close_fd(&p->child.errors);
    close_fd(&p->child.input);
    p->has_ended = true;
    say_ending(p);
}

static bool has_exited(const struct fc_process *p)
{
    siginfo_t how = {0};

    return waitid(P_PID, (id_t)p->child.pid, &how, WEXITED | WNOHANG | WNOWAIT) == 0 &&
           how.si_pid != 0;
}

/* Waits up to @wait_ms for anything to happen, for room in stdin too when @with_input. */
static void look(struct fc_process *p, int wait_ms, bool with_input)
{
    const bool is_blind = p->child.pidfd < 0; /* to its end, which must be asked for */
    struct pollfd fds[] = {
        {.fd = p->child.pidfd, .events = POLLIN},
        {.fd = p->child.output, .events = POLLIN}, /* poll skips negative ones */
        {.fd = p->child.errors, .events = POLLIN},
        {.fd = with_input ? p->child.input : -1, .events = POLLOUT},
    };

    if (is_blind && (wait_ms < 0 || wait_ms > BLIND_LOOK_MS))
        wait_ms = BLIND_LOOK_MS;
    if (poll(fds, sizeof fds / sizeof *fds, wait_ms) <= 0 && !is_blind)
        return; /* nothing yet, or a signal: the caller looks again */
    if (fds[1].revents != 0)
        drain(p, &p->child.output, feed_output);
    if (fds[2].revents != 0)
        drain(p, &p->child.errors, feed_errors);
    if (is_blind ? has_exited(p) : fds[0].revents != 0)
        finish(p);
}

static void heed_deadline(struct fc_process *p)
{
    if (p->deadline_us != 0 && !p->timed_out && fc_monotonic_us() >= p->deadline_us) {
        p->timed_out = true;
        fc_process_kill(p);
    }
}

/* How long to sleep at most: to the deadline, and not beyond @most_ms (-1: any time). */
static int sleep_ms(const struct fc_process *p, int most_ms)
{
    int64_t left_ms;

    if (p->deadline_us == 0 || p->timed_out)
        return most_ms;
    left_ms = (p->deadline_us - fc_monotonic_us()) / 1000 + 1;
    if (left_ms < 0)
        left_ms = 0;
    return most_ms >= 0 && left_ms > most_ms ? most_ms
                                             : (int)(left_ms < 3600000 ? left_ms : 3600000);
}

bool fc_process_poll(struct fc_process *p)
{
    if (!p->has_ended) {
        heed_deadline(p);
        look(p, 0, false);
    }
    return p->has_ended;
}

static const char *last_words(const struct fc_process *p)
{
    enum { SAID = 400 };
    size_t from = p->errors_n > SAID ? p->errors_n - SAID : 0;

    while (from < p->errors_n && ((unsigned char)p->errors[from] & 0xC0) == 0x80)
        from++; /* not in the middle of a character */
    return p->errors + from;
}

fc_status fc_process_wait(struct fc_process *p, bool (*is_canceled)(void *context), void *context,
                          struct fc_error *error)
{
    bool canceled = false;

    while (!p->has_ended) {
        heed_deadline(p);
        if (is_canceled != NULL && !canceled && is_canceled(context)) {
            canceled = true;
            fc_process_kill(p);
        }
        look(p, sleep_ms(p, is_canceled != NULL ? CANCEL_LOOK_MS : -1), false);
    }
    if (p->timed_out)
        return fc_fail(error, FC_E_UNAVAILABLE, "%s was stopped after %.1f seconds", p->name,
                       (double)p->plan.timeout_ms / 1000);
    if (canceled)
        return fc_fail(error, FC_E_UNAVAILABLE, "%s was canceled", p->name);
    if (p->how.si_code == CLD_EXITED && p->how.si_status == 0)
        return FC_OK;
    return fc_fail(error, FC_E_INTERNAL, "%s: %s", fc_process_ending(p), last_words(p));
}

/* ---- stdin ---- */

fc_status fc_process_write(struct fc_process *p, const void *bytes, size_t n,
                           bool (*is_canceled)(void *context), void *context)
{
    const char *at = bytes;

    assert(p->plan.has_input);
    while (n > 0) {
        ssize_t sent;

        heed_deadline(p);
        if (p->has_ended || p->child.input < 0)
            return FC_E_UNAVAILABLE;
        if (is_canceled != NULL && is_canceled(context)) {
            fc_process_kill(p);
            return FC_E_UNAVAILABLE;
        }
        sent = send(p->child.input, at, n, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent > 0) {
            at += sent;
            n -= (size_t)sent;
        } else if (errno == EAGAIN) {
            look(p, sleep_ms(p, is_canceled != NULL ? CANCEL_LOOK_MS : -1), true);
        } else if (errno != EINTR) {
            close_fd(&p->child.input);
        }
    }
    return FC_OK;
}

void fc_process_close_input(struct fc_process *p)
{
    close_fd(&p->child.input);
}

/* ---- what there is to know ---- */

bool fc_process_timed_out(const struct fc_process *p)
{
    return p->timed_out;
}

struct fc_span fc_process_output(const struct fc_process *p)
{
    return (struct fc_span){p->output.data, p->output.n};
}

const char *fc_process_errors(const struct fc_process *p)
{
    return p->errors;
}

const char *fc_process_ending(const struct fc_process *p)
{
    return p->ending;
}

void fc_process_free(struct fc_process *p)
{
    if (p == NULL)
        return;
    if (!p->has_ended) {
        fc_process_kill(p);
        finish(p);
    }
    close_fd(&p->child.pidfd);
    pthread_mutex_destroy(&p->lock);
    fc_arena_free(p->arena);
}

fc_status fc_process_run(struct fc_arena *arena, const struct fc_process_plan *plan,
                         struct fc_span *output, struct fc_error *error)
{
    FC_AUTO(process) *p = NULL;
    fc_status st = fc_process_start(&p, plan, error);

    if (st == FC_OK)
        st = fc_process_wait(p, NULL, NULL, error);
    if (st == FC_OK && output != NULL)
        *output = (struct fc_span){fc_copy_n(arena, p->output.data, p->output.n), p->output.n};
    return st;
}
