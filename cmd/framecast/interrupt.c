#include "interrupt.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <framecast/time.h>

static volatile sig_atomic_t last_signal;

static void note(int number)
{
    if (last_signal != 0)
        _exit(128 + last_signal);
    last_signal = number;
}

void interrupt_catch(void)
{
    struct sigaction action = {.sa_handler = note}; /* no SA_RESTART: a signal ends a wait */

    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    action.sa_handler = SIG_IGN; /* a reader of stdout that went away is seen where it is written */
    sigaction(SIGPIPE, &action, NULL);
}

bool interrupted(void)
{
    return last_signal != 0;
}

enum exit_code interrupt_code(void)
{
    return last_signal == SIGTERM ? CLIENT_TERMINATED : CLIENT_INTERRUPTED;
}

void interrupt_forget(void)
{
    last_signal = 0;
}

bool interruptible_wait_ms(int64_t ms)
{
    int64_t end_us = fc_monotonic_us() + ms * 1000;

    while (!interrupted()) {
        int64_t left_us = end_us - fc_monotonic_us();

        if (left_us <= 0)
            return true;
        /* in short pieces: a signal between the check and the wait is seen soon */
        (void)poll(NULL, 0, left_us > 100000 ? 100 : (int)(left_us / 1000 + 1));
    }
    return false;
}
