#include "process/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { OURS, THEIRS };

/* Our and their end of each stream, and the pipe that tells why exec failed; -1 where there is
 * none. */
struct ends {
    int input[2], output[2], errors[2], report[2];
};

static void close_end(int *fd)
{
    if (*fd >= 0)
        (void)close(*fd); /* a pipe or socket: nothing is lost when this fails */
    *fd = -1;
}

static void close_ends(struct ends *ends, int side)
{
    close_end(&ends->input[side]);
    close_end(&ends->output[side]);
    close_end(&ends->errors[side]);
    close_end(&ends->report[side]);
}

/* A pipe from the child to us, ours[0] reading without waiting when @nonblocking. */
static bool open_pipe(int ends[2], bool nonblocking)
{
    int pair[2];

    if (pipe2(pair, O_CLOEXEC) != 0)
        return false;
    ends[OURS] = pair[0];
    ends[THEIRS] = pair[1];
    return !nonblocking || fcntl(pair[0], F_SETFL, O_NONBLOCK) == 0;
}

static bool open_input(int ends[2], bool has_input)
{
    if (!has_input) {
        ends[THEIRS] = open("/dev/null", O_RDONLY | O_CLOEXEC);
        return ends[THEIRS] >= 0;
    }
    /* A socket and not a pipe: writing to a child that is gone must not raise SIGPIPE in the
     * server. */
    return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0;
}

static void report_and_exit(int report)
{
    int why = errno;

    (void)!write(report, &why, sizeof why); /* if even this fails, the exit status remains */
    _exit(127);
}

/* Moves @fd up when it stands where a standard stream is to go. */
static int above_standard(int fd)
{
    return fd > STDERR_FILENO ? fd : fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
}

/* Old kernels, and valgrind, have no close_range. */
static bool close_others_at_exec(void)
{
    struct rlimit files;

    if (close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC) == 0)
        return true;
    if (errno != ENOSYS || getrlimit(RLIMIT_NOFILE, &files) != 0)
        return false;
    for (int fd = STDERR_FILENO + 1; (rlim_t)fd < files.rlim_cur; fd++)
        (void)fcntl(fd, F_SETFD, FD_CLOEXEC); /* most of them are not open */
    return true;
}

static bool take_streams(struct ends *ends)
{
    int input = above_standard(ends->input[THEIRS]);
    int output = above_standard(ends->output[THEIRS]);
    int errors = above_standard(ends->errors[THEIRS]);

    ends->report[THEIRS] = above_standard(ends->report[THEIRS]);
    return input >= 0 && output >= 0 && errors >= 0 && ends->report[THEIRS] >= 0 &&
           dup2(input, STDIN_FILENO) >= 0 && dup2(output, STDOUT_FILENO) >= 0 &&
           dup2(errors, STDERR_FILENO) >= 0 && close_others_at_exec();
}

static bool take_limits(const struct fc_process_plan *plan)
{
    struct rlimit memory = {plan->memory_max, plan->memory_max};
    struct rlimit no_core = {0, 0};

    if (plan->memory_max > 0 && setrlimit(RLIMIT_AS, &memory) != 0)
        return false;
    if (plan->nice > 0)
        (void)!nice(plan->nice); /* less politeness is no reason to fail */
    return setrlimit(RLIMIT_CORE, &no_core) == 0;
}

static void reset_signals(void)
{
    struct sigaction by_default = {.sa_handler = SIG_DFL};
    sigset_t none;

    for (int signal = 1; signal < NSIG; signal++)
        (void)sigaction(signal, &by_default,
                        NULL); /* refuses KILL and STOP, which have no handlers */
    sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
}

_Noreturn static void become(const struct fc_process_plan *plan, struct ends *ends, pid_t parent)
{
    reset_signals();
    if (setpgid(0, 0) != 0 || prctl(PR_SET_PDEATHSIG, SIGKILL) != 0)
        report_and_exit(ends->report[THEIRS]);
    if (getppid() != parent)
        _exit(127); /* the parent died before the line above could take effect */
    if (!take_streams(ends) || !take_limits(plan))
        report_and_exit(ends->report[THEIRS]);
    if (plan->work_dir != NULL && chdir(plan->work_dir) != 0)
        report_and_exit(ends->report[THEIRS]);
    /* execvp takes them as not const for history's sake; it changes nothing. */
    execvp(plan->argv[0], (char *const *)(uintptr_t)plan->argv);
    report_and_exit(ends->report[THEIRS]);
    __builtin_unreachable();
}

/* 0 when the child has become the program, else the errno that kept it from it. */
static int read_report(int report)
{
    int why = 0;
    ssize_t n;

    do {
        n = read(report, &why, sizeof why);
    } while (n < 0 && errno == EINTR);
    return n == (ssize_t)sizeof why ? why : 0;
}

static void reap(pid_t pid)
{
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        continue;
}

static fc_status refuse(const struct fc_process_plan *plan, int why, struct fc_error *error)
{
    bool is_missing = why == ENOENT || why == EACCES || why == ENOEXEC || why == ENOTDIR;

    return fc_fail(error, is_missing ? FC_E_NOT_FOUND : FC_E_UNAVAILABLE,
                   "%s cannot be started: %s", plan->argv[0], strerror(why));
}

static bool open_ends(const struct fc_process_plan *plan, struct ends *ends)
{
    return open_input(ends->input, plan->has_input) && open_pipe(ends->output, true) &&
           open_pipe(ends->errors, true) && open_pipe(ends->report, false);
}

fc_status fc_spawn(const struct fc_process_plan *plan, struct fc_spawned *spawned,
                   struct fc_error *error)
{
    struct ends ends = {{-1, -1}, {-1, -1}, {-1, -1}, {-1, -1}};
    pid_t parent = getpid(), pid = -1;
    int pidfd = -1, why;

    if (open_ends(plan, &ends))
        pid = fork();
    if (pid == 0)
        become(plan, &ends, parent);
    why = errno;
    close_ends(&ends, THEIRS);
    if (pid > 0) {
        (void)setpgid(pid, pid); /* so that the group exists whoever of the two comes first */
        why = read_report(ends.report[OURS]);
        pidfd = pidfd_open(pid, 0);
        if (why == 0 && pidfd < 0 && errno != ENOSYS)
            why = errno;
        if (why != 0) {
            (void)kill(pid, SIGKILL);
            reap(pid);
        }
    }
    close_end(&ends.report[OURS]);
    if (pid < 0 || why != 0) {
        close_end(&pidfd);
        close_ends(&ends, OURS);
        return refuse(plan, why, error);
    }
    *spawned = (struct fc_spawned){pid, pidfd, ends.input[OURS], ends.output[OURS],
                                   ends.errors[OURS]};
    return FC_OK;
}
