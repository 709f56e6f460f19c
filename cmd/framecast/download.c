#include "download.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <framecast/time.h>

#include "api.h"
#include "follow.h"
#include "interrupt.h"
#include "print.h"
#include "terminal.h"

struct download {
    struct client *client;
    const struct job *job;
    const char *url, *path;
    char *part; /* the unfinished file, beside @path so that it can be renamed */
    int fd;
    int64_t have_bytes; /* in the file */
    const char *etag;   /* of the bytes we have; NULL: they cannot be continued */
    int failed_write;   /* errno of it, or 0 */
};

/* ---- where to ---- */

static const char *folder_of(struct fc_arena *arena, const char *path)
{
    return dirname(fc_copy(arena, path));
}

enum exit_code download_choose_path(struct client *client, const char *title, const char **path)
{
    const char *name = client->arguments.output;
    struct stat facts;

    if (name == NULL)
        name = job_file_name(client->arena, title);
    else if (stat(name, &facts) == 0 && S_ISDIR(facts.st_mode))
        name = fc_printf(client->arena, "%s/%s", name, job_file_name(client->arena, title));
    if (lstat(name, &facts) == 0 && !client->arguments.may_overwrite) {
        complain("%s exists; --force overwrites it, -o takes another name", name);
        return CLIENT_USAGE;
    }
    if (access(folder_of(client->arena, name), W_OK | X_OK) != 0) {
        complain("cannot write to %s: %s", folder_of(client->arena, name), strerrordesc_np(errno));
        return CLIENT_USAGE;
    }
    *path = name;
    return CLIENT_OK;
}

static enum exit_code complain_write(const struct download *d, int number)
{
    complain("cannot write %s: %s", d->path, strerrordesc_np(number));
    return CLIENT_USAGE;
}

static enum exit_code open_part(struct download *d)
{
    mode_t mask = umask(0);

    umask(mask);
    d->part = fc_printf(d->client->arena, "%s.part-XXXXXX", d->path);
    d->fd = mkostemp(d->part, O_CLOEXEC);
    if (d->fd < 0)
        return complain_write(d, errno);
    (void)fchmod(d->fd, 0666 & ~mask); /* mkostemp makes it private, a video is an ordinary file */
    return CLIENT_OK;
}

/* The unfinished file gets its name. Somebody may have made one of that name meanwhile. */
static enum exit_code name_part(struct download *d)
{
    unsigned flags = d->client->arguments.may_overwrite ? 0 : RENAME_NOREPLACE;
    int outcome;

    if (fsync(d->fd) != 0)
        return complain_write(d, errno);
    outcome = renameat2(AT_FDCWD, d->part, AT_FDCWD, d->path, flags);
    if (outcome != 0 && errno == EINVAL)
        outcome = rename(d->part, d->path); /* a file system without that flag */
    if (outcome != 0)
        return complain_write(d, errno);
    d->part = NULL;
    return CLIENT_OK;
}

static void close_part(struct download *d)
{
    close(d->fd);
    if (d->part != NULL)
        unlink(d->part);
}

/* ---- the bytes ---- */

static void begin_bytes(void *context, int status)
{
    struct download *d = context;

    /* 206 goes on where we were; anything else is the whole from its start */
    if (status == 206)
        return;
    d->have_bytes = 0;
    d->etag = NULL;
    if (ftruncate(d->fd, 0) != 0 || lseek(d->fd, 0, SEEK_SET) != 0)
        d->failed_write = errno;
}

static bool put_bytes(void *context, const char *bytes, size_t n)
{
    struct download *d = context;
    struct fc_outbound_sink file = fc_outbound_sink_file(&d->fd);

    if (d->failed_write != 0)
        return false;
    if (!file.put(file.context, bytes, n)) {
        d->failed_write = errno;
        return false;
    }
    d->have_bytes += (int64_t)n;
    return true;
}

static bool show_progress(void *context, const struct fc_outbound_progress *progress)
{
    struct download *d = context;
    const struct terminal *terminal = d->client->terminal;
    FC_AUTO(arena) *arena = fc_arena_new();
    struct fc_buffer b = fc_buffer_in(arena);
    int64_t total = progress->receive_total_bytes + d->have_bytes - progress->received_bytes;

    if (interrupted())
        return false;
    if (!terminal_is_live(terminal) || d->client->arguments.is_quiet ||
        d->client->arguments.wants_json)
        return true;
    fc_put(&b, "  downloading  ");
    if (progress->receive_total_bytes > 0 && terminal_columns(terminal) > 60)
        terminal_put_bar(terminal, &b, 100.0 * (double)d->have_bytes / (double)total, 20);
    fc_putf(&b, "  %s", text_of_bytes(arena, (double)d->have_bytes));
    if (progress->receive_total_bytes > 0)
        fc_putf(&b, " of %s", text_of_bytes(arena, (double)total));
    fc_put(&b, "\n");
    terminal_draw(d->client->terminal, b.data);
    return true;
}

static enum exit_code fetch_once(struct download *d, struct fc_arena *arena,
                                 struct api_answer *answer)
{
    const char *headers[3] = {NULL};
    const char *etag;
    enum exit_code code;

    if (d->have_bytes > 0 && d->etag != NULL) {
        headers[0] = fc_printf(arena, "Range: bytes=%lld-", (long long)d->have_bytes);
        headers[1] = fc_printf(arena, "If-Range: %s", d->etag);
    }
    code = api_fetch(
        d->client->api, arena, d->url, headers,
        (struct fc_outbound_sink){.put = put_bytes, .begin = begin_bytes, .context = d},
        show_progress, d, answer);
    etag = fc_outbound_header(arena, &answer->http, "ETag");
    if (answer->http.status == 200 && etag != NULL && !fc_text_starts(etag, "W/"))
        d->etag = fc_copy(d->client->arena, etag);
    return code;
}

/* ---- again and again ---- */

/* A signed link ends by itself after a while; the job gives out fresh ones. */
static bool renew_link(struct download *d)
{
    FC_AUTO(arena) *arena = fc_arena_new();
    const struct fc_json *json;
    struct job scratch = *d->job;
    const char *url;

    if (job_fetch(d->client, arena, d->job->id, &scratch, &json) != CLIENT_OK)
        return false;
    url = json_text(json_object(json, "output"), "video_url");
    if (url == NULL || strcmp(url, d->url) == 0)
        return false;
    d->url = fc_copy(d->client->arena, url);
    return true;
}

static bool is_refusal(const struct api_answer *answer)
{
    return answer->http.fault == FC_FAULT_NONE && answer->http.status < 500 &&
           answer->http.status != 429;
}

static enum exit_code complain_download(struct download *d, const struct api_answer *answer,
                                        enum exit_code code)
{
    if (interrupted())
        code = interrupt_code();
    else if (d->failed_write != 0)
        return complain_write(d, d->failed_write);
    else if (answer->http.fault != FC_FAULT_NONE)
        complain("cannot download the video: %s", answer->why);
    else
        complain("cannot download the video: its link answers with status %d", answer->http.status);
    if (d->have_bytes > 0 || interrupted())
        complain("the video stays on the server; try again with: framecast jobs download %s",
                 d->job->id);
    return code;
}

/* Nothing will change by waiting. */
static bool is_hopeless(const struct download *d, const struct api_answer *answer)
{
    return interrupted() || d->failed_write != 0 || is_refusal(answer) ||
           answer->http.fault == FC_FAULT_REQUEST || answer->http.fault == FC_FAULT_TLS;
}

static void say_trying_again(const struct download *d, const struct api_answer *answer)
{
    terminal_clear(d->client->terminal);
    if (answer->http.fault != FC_FAULT_NONE)
        tell(d->client, "%s; trying again", answer->why);
    else
        tell(d->client, "the video's link answers with status %d; trying again",
             answer->http.status);
}

static enum exit_code fetch_all(struct download *d)
{
    const int64_t patience_us = api_patience_ms(d->client->api) * 1000;
    int64_t give_up_us = fc_monotonic_us() + patience_us;
    bool was_renewed = false;

    for (int attempt = 1;; attempt++) {
        FC_AUTO(arena) *arena = fc_arena_new();
        struct api_answer answer;
        int64_t had_bytes = d->have_bytes;
        enum exit_code code = fetch_once(d, arena, &answer);

        if (code == CLIENT_OK)
            return CLIENT_OK;
        if (d->have_bytes > had_bytes) { /* it goes on, if with pauses */
            attempt = 1;
            give_up_us = fc_monotonic_us() + patience_us;
        }
        if (is_refusal(&answer) && !interrupted() && !was_renewed && renew_link(d)) {
            was_renewed = true;
            continue;
        }
        if (is_hopeless(d, &answer) || fc_monotonic_us() > give_up_us)
            return complain_download(d, &answer, code);
        if (attempt == 1)
            say_trying_again(d, &answer);
        if (!api_wait(d->client->api, &answer.http, attempt))
            return complain_download(d, &answer, interrupt_code());
    }
}

enum exit_code download_video(struct client *client, const struct job *job,
                              const struct fc_json *json, const char *path, int64_t *size_bytes)
{
    struct download d = {.client = client, .job = job, .path = path};
    enum exit_code code;

    d.url = json_text(json_object(json, "output"), "video_url");
    if (d.url == NULL ||
        (!fc_text_starts(d.url, "http://") && !fc_text_starts(d.url, "https://"))) {
        complain("the job's output has no link to a video; see: framecast jobs get %s --json",
                 job->id);
        return CLIENT_FAILED;
    }
    code = open_part(&d);
    if (code != CLIENT_OK)
        return code;
    code = fetch_all(&d);
    terminal_clear(client->terminal);
    if (code == CLIENT_OK)
        code = name_part(&d);
    close_part(&d);
    *size_bytes = d.have_bytes;
    return code;
}
