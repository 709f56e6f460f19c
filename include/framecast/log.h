/**
 * The log: one JSON object a line on stdout. All lines go through one buffer, so that those of
 * threads never mix.
 *
 *     fc_log(FC_LOG_ERROR, "scene failed", FC_KV("job", id), FC_KV_INT("attempt", n),
 *            FC_KV("error", why));
 *
 * Nobody ever waits for whoever reads the log, nor for a thread that writes it: what a full pipe
 * does not take is kept for later, up to 1 MiB; beyond that lines are dropped, and a line says how
 * many.
 *
 * lib returns errors; the dispatcher, the workers' loops and cmd log them, once. Secrets are never
 * handed to it.
 */
#ifndef FRAMECAST_LOG_H
#define FRAMECAST_LOG_H

#include <stdbool.h>
#include <stdint.h>

enum fc_log_level { FC_LOG_DEBUG, FC_LOG_INFO, FC_LOG_WARNING, FC_LOG_ERROR };

struct fc_log_pair {
    const char *key;
    const char *text; /* NULL: the number counts */
    int64_t number;
};

#define FC_KV(key, value) ((struct fc_log_pair){(key), (value) != NULL ? (value) : "", 0})
#define FC_KV_INT(key, value) ((struct fc_log_pair){(key), NULL, (int64_t)(value)})

void fc_log_to(int fd, enum fc_log_level least); /* default: stdout, info */
void fc_log_write(enum fc_log_level level, const char *message, const struct fc_log_pair *pairs);

/**
 * For event loops: lines of this thread wait until its fc_log_flush, which then needs one write for
 * all of a turn. Warnings and errors do not wait.
 */
void fc_log_gather(bool on);
void fc_log_flush(void);       /* from any thread; costs nothing when no line waits */
void fc_log_drain(int max_ms); /* the same at the end: waits so long for whoever reads */

/** @level, the message, then pairs; each pair is FC_KV or FC_KV_INT. */
#define fc_log(level, ...) FC_LOG_CALL(level, __VA_ARGS__, {0})
#define FC_LOG_CALL(level, message, ...)                                                           \
    fc_log_write((level), (message), (const struct fc_log_pair[]){__VA_ARGS__})

#endif
