/**
 * Child programs, bounded and clean: no shell, a process group of their own, nothing inherited, an
 * end in sight.
 *
 *     FC_AUTO(process) *child = NULL;
 *     if (fc_process_start(&child, &(struct fc_process_plan){.argv = argv, .timeout_ms = 60000},
 * error) != FC_OK) return error->status; return fc_process_wait(child, NULL, NULL, error);
 *
 * A child dies with the thread that started it (PR_SET_PDEATHSIG), so with the program too, however
 * that ends. Several threads may start children at the same time; one child belongs to one thread
 * at a time, but for fc_process_kill, which any thread may call.
 */
#ifndef PROCESS_PROCESS_H
#define PROCESS_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <framecast/arena.h>
#include <framecast/status.h>
#include <framecast/text.h>

struct fc_process;

struct fc_process_plan {
    const char *const
        *argv;            /* closed by NULL; argv[0] is looked up in PATH when it holds no slash */
    const char *work_dir; /* NULL: that of this program */
    bool has_input;       /* stdin is fed by fc_process_write; else it is empty */
    int64_t timeout_ms;   /* killed when it runs longer; 0: never */
    int nice;             /* added to the niceness, 0..19 */
    size_t output_max;    /* bytes of stdout to keep for fc_process_output; the rest is read and
                             dropped */
    size_t memory_max;    /* bytes of address space (RLIMIT_AS); 0: no limit */

    /* Called by the waiting thread for each line of stdout, without its end; longer ones are cut to
     * 4 KiB. */
    void (*on_line)(void *context, const char *line);
    void *context;
};

/**
 * FC_E_NOT_FOUND    no such program, or it may not be run
 * FC_E_UNAVAILABLE  no process, pipe or memory to be had
 */
fc_status fc_process_start(struct fc_process **process, const struct fc_process_plan *plan,
                           struct fc_error *error);

/** Kills the group if it still runs, reaps the child and frees everything; accepts NULL. */
void fc_process_free(struct fc_process *process);
FC_AUTO_DEFINE(process)

/** Reads what is there to be read without waiting; true when the child has ended and all its output
 * was read. */
bool fc_process_poll(struct fc_process *process);

/**
 * Waits for the end, looking at @is_canceled(@context) a few times a second when there is one;
 * kills the group when the deadline passes or it says true.
 *
 * FC_OK             the child exited with 0
 * FC_E_UNAVAILABLE  it ran out of time, or was canceled (fc_process_timed_out tells which)
 * FC_E_INTERNAL     it failed; @error says how, with the last words of its stderr
 */
fc_status fc_process_wait(struct fc_process *process, bool (*is_canceled)(void *context),
                          void *context, struct fc_error *error);

/**
 * Feeds stdin with all @n bytes, reading output meanwhile; looks at @is_canceled like
 * fc_process_wait.
 *
 * FC_E_UNAVAILABLE  canceled, or the child ended, closed its stdin, was killed, or ran out of time
 */
fc_status fc_process_write(struct fc_process *process, const void *bytes, size_t n,
                           bool (*is_canceled)(void *context), void *context);
void fc_process_close_input(struct fc_process *process);

/** Sends SIGKILL to the whole group, once; from any thread, as long as the process is not freed. */
void fc_process_kill(struct fc_process *process);

bool fc_process_timed_out(const struct fc_process *process);
struct fc_span fc_process_output(
    const struct fc_process *process); /* at most output_max bytes of stdout */
const char *fc_process_errors(const struct fc_process *process); /* the last few KiB of stderr */

/** How it ended, in words: "ffmpeg was killed by signal 9"; "ffmpeg is running" before. */
const char *fc_process_ending(const struct fc_process *process);

/**
 * Starts, waits, and copies stdout (at most plan->output_max bytes) into *@output (may be NULL), in
 * one call. Fails like fc_process_start and fc_process_wait.
 */
fc_status fc_process_run(struct fc_arena *arena, const struct fc_process_plan *plan,
                         struct fc_span *output, struct fc_error *error);

#endif
