/** framecast, the command line: what its parts share. */
#ifndef FRAMECAST_CLIENT_H
#define FRAMECAST_CLIENT_H

#include <stdbool.h>
#include <stdint.h>

#include <framecast/arena.h>
#include <framecast/text.h>

/* X(name, exit code, what docs and help say of it) */
#define EXIT_CODES(X)                                                                              \
    X(CLIENT_OK,          0,   "done")                                                             \
    X(CLIENT_FAILED,      1,   "the storyboard is not valid, or the job failed or was canceled")   \
    X(CLIENT_USAGE,       2,   "wrong usage, or a local file that cannot be read or written")      \
    X(CLIENT_UNREACHABLE, 3,   "the server cannot be reached, or it failed")                       \
    X(CLIENT_REFUSED,     4,   "the server refused: key, credits, limits, no such job")            \
    X(CLIENT_INTERRUPTED, 130, "interrupted with Ctrl-C")                                          \
    X(CLIENT_TERMINATED,  143, "ended by a SIGTERM")

#define EXIT_CODE_NAME(name, code, text) name = code,
enum exit_code { EXIT_CODES(EXIT_CODE_NAME) };
#undef EXIT_CODE_NAME

enum { UNSET = -1 }; /* a number that was not given */

/** The command line, taken apart. Texts are NULL and numbers UNSET when not given. */
struct arguments {
    const char *word; /* FILE or ID; NULL for commands that take none */
    bool wants_help, wants_json, is_quiet;
    bool may_overwrite; /* --force */
    bool is_detached;
    const char *url, *output;
    const char *resolution, *quality, *captions, *owner, *idempotency_key, *status;
    int64_t fps, seed, max_credits, limit;
};

struct api;
struct terminal;

/** One run of the program; its arena lasts until the end. */
struct client {
    struct fc_arena *arena;
    struct arguments arguments;
    struct terminal *terminal; /* stderr */
    struct api *api;
};

/** A sentence for the person, on stderr, after "framecast: "; said with --quiet as well. */
__attribute__((format(printf, 1, 2))) void complain(const char *format, ...);
/** A line of its own, without "framecast: " before it. */
void complain_line(const char *line);
/** complain, but dropped with --quiet: it tells how things go, not what went wrong. */
__attribute__((format(printf, 2, 3))) void tell(const struct client *client, const char *format,
                                                ...);

/* The commands; each returns when all is printed. */
enum exit_code command_render(struct client *client);
enum exit_code command_validate(struct client *client);
enum exit_code command_estimate(struct client *client);
enum exit_code command_jobs_list(struct client *client);
enum exit_code command_jobs_get(struct client *client);
enum exit_code command_jobs_watch(struct client *client);
enum exit_code command_jobs_cancel(struct client *client);
enum exit_code command_jobs_retry(struct client *client);
enum exit_code command_jobs_download(struct client *client);
enum exit_code command_whoami(struct client *client);

#endif
