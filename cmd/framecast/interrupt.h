/** Ctrl-C and SIGTERM: the first one is noted, the second one ends the program at once. */
#ifndef FRAMECAST_INTERRUPT_H
#define FRAMECAST_INTERRUPT_H

#include <stdbool.h>
#include <stdint.h>

#include "client.h"

void interrupt_catch(void);
bool interrupted(void);
/** CLIENT_INTERRUPTED or CLIENT_TERMINATED, by the signal that came. */
enum exit_code interrupt_code(void);
/** The noted signal has been dealt with: the next one is a first one again. */
void interrupt_forget(void);

/** Waits; ends early, with false, when a signal comes. */
bool interruptible_wait_ms(int64_t ms);

#endif
