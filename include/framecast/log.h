/**
 * The log: one JSON object a line on stdout. All lines go through one buffer, so that those of
 * threads never mix.
 *
 *     fc_log(FC_LOG_ERROR, "scene failed", FC_KV("job", id), FC_KV_INT("attempt", n),
 *            FC_KV("error", why));
 *
 * Nobody ever waits for whoever reads the log, nor for a thread that writes it: what a full pipe
 * does not take is kept for later, 2 MiB at least; beyond that lines are dropped, and a line says
 * how many.
 *
 * lib returns errors; the dispatcher, the workers' loops and cmd log them, once. Secrets are never
 * handed to it.
 */
#ifndef FRAMECAST_LOG_H
#define FRAMECAST_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include <framecast/status.h>

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
 * For a server: lines are written by a thread of their own from now on, some milliseconds after
 * they were logged, many at a time, so that no event loop waits for a disk. Without it whoever logs
 * a line writes it.
 */
fc_status fc_log_start(struct fc_error *error);

/** Ends that thread, if there is one, and writes what waits; each piece may wait @max_ms for its
 * reader. */
void fc_log_stop(int max_ms);

/** @level, the message, then pairs; each pair is FC_KV or FC_KV_INT. */
#define fc_log(level, ...) FC_LOG_CALL(level, __VA_ARGS__, {0})
#define FC_LOG_CALL(level, message, ...)                                                           \
    fc_log_write((level), (message), (const struct fc_log_pair[]){__VA_ARGS__})

#endif
