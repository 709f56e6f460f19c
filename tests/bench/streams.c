/*
 * Many sockets at once, and when the last of them has heard something.
 *
 * bench_streams hold PORT PATH TOKENS N   opens N event streams of PATH, with the tokens of the
 * file TOKENS in turn; prints
 *                                         "open". Then it reads commands, one a line:
 *     mark    forgets what was heard, prints "marked"; when every stream has heard
 *             an event since, prints "all NANOSECONDS" (CLOCK_MONOTONIC)
 *     quit    or the end of the input: closes the sockets and ends
 * bench_streams bare N BYTES ROUNDS       the yardstick: a process writes BYTES to each of N
 * sockets in a bare loop, another reads.
 *                                         Prints, for each round, microseconds from the first
 *                                         write until the last one is read.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    STREAMS_MAX = 60000,
    TOKEN_BYTES = 2048,
    UNDER_WAY_MAX = 256,
    PATIENCE_MS = 60000,
    BYTES_MAX = 4096
};

static const char event_mark[] = "event: ";

struct stream {
    int fd;
    bool is_answered, has_heard;
    uint8_t matched; /* letters of event_mark that ended the last read */
};

static struct stream streams[STREAMS_MAX];
static int n_streams, n_answered, n_heard, poller;
static bool has_command, is_marked;

static void die(const char *why)
{
    (void)fprintf(stderr, "bench_streams: %s (%s)\n", why, strerror(errno));
    exit(EXIT_FAILURE);
}

static long number(const char *text, long max)
{
    char *end;
    long value = strtol(text, &end, 10);

    if (*end != '\0' || value < 1 || value > max)
        die("a number is out of range");
    return value;
}

static int64_t now_ns(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static struct sockaddr_in loopback(int port)
{
    return (struct sockaddr_in){.sin_family = AF_INET,
                                .sin_port = htons((uint16_t)port),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static void must(bool is_done, const char *what)
{
    if (!is_done)
        die(what);
}

/* A connected socket that is watched; closing it resets it, so that no port stays in TIME_WAIT. */
static struct stream *stream_open(int port)
{
    struct sockaddr_in address = loopback(port);
    struct linger at_once = {.l_onoff = 1, .l_linger = 0};
    struct stream *stream = &streams[n_streams++];
    struct epoll_event watched = {.events = EPOLLIN, .data.ptr = stream};

    stream->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    must(stream->fd >= 0, "no socket; is ulimit -n too low?");
    (void)setsockopt(stream->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    must(connect(stream->fd, (struct sockaddr *)&address, sizeof address) == 0, "cannot connect");
    must(fcntl(stream->fd, F_SETFL, O_NONBLOCK) == 0, "cannot set O_NONBLOCK");
    must(epoll_ctl(poller, EPOLL_CTL_ADD, stream->fd, &watched) == 0, "cannot watch a socket");
    return stream;
}

/* ---- hold ---- */

static void take_bytes(struct stream *stream, const char *bytes, size_t n)
{
    for (size_t i = 0; i < n && !stream->has_heard; i++) {
        stream->matched = bytes[i] == event_mark[stream->matched] ? (uint8_t)(stream->matched + 1)
                                                                  : bytes[i] == 'e';
        if (stream->matched == sizeof event_mark - 1) {
            stream->matched = 0;
            stream->has_heard = true;
            n_heard++;
        }
    }
}

static void on_readable(struct stream *stream)
{
    static const char wanted[] = "HTTP/1.1 200";
    char bytes[BYTES_MAX + 1];
    ssize_t n = recv(stream->fd, bytes, BYTES_MAX, 0);

    if (n < 0 && errno == EAGAIN)
        return;
    must(n > 0, "the server closed a stream");
    if (!stream->is_answered) {
        bytes[n] = '\0';
        if (strncmp(bytes, wanted, sizeof wanted - 1) != 0)
            die(bytes);
        stream->is_answered = true;
        n_answered++;
    }
    take_bytes(stream, bytes, (size_t)n);
}

/* Serves the sockets once; false when nothing came for that long. */
static bool pump(int patience_ms)
{
    struct epoll_event ready[256];
    int n = epoll_wait(poller, ready, 256, patience_ms);

    must(n >= 0 || errno == EINTR, "epoll_wait");
    for (int i = 0; i < n; i++) {
        if (ready[i].data.ptr == NULL)
            has_command = true;
        else
            on_readable(ready[i].data.ptr);
    }
    return n > 0;
}

static void send_request(const struct stream *stream, const char *path, const char *token)
{
    char request[TOKEN_BYTES + 512];
    int n = snprintf(request, sizeof request,
                     "GET %s HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\n\r\n", path,
                     token);

    must(send(stream->fd, request, (size_t)n, MSG_NOSIGNAL) == n, "cannot send a request");
}

/* The next token of the file, from the beginning again after its end. */
static const char *next_token(FILE *file)
{
    static char token[TOKEN_BYTES];

    if (fgets(token, sizeof token, file) == NULL) {
        rewind(file);
        must(fgets(token, sizeof token, file) != NULL, "the file of tokens is empty");
    }
    token[strcspn(token, "\n")] = '\0';
    return token;
}

static void open_all(int port, const char *path, const char *tokens, int n)
{
    FILE *file = fopen(tokens, "r");

    must(file != NULL, "cannot read the tokens");
    while (n_streams < n) {
        send_request(stream_open(port), path, next_token(file));
        while (n_streams - n_answered >= UNDER_WAY_MAX)
            must(pump(PATIENCE_MS), "streams stay unanswered");
    }
    (void)fclose(file);
    while (n_answered < n)
        must(pump(PATIENCE_MS), "streams stay unanswered");
}

static void forget(void)
{
    for (int i = 0; i < n_streams; i++) {
        streams[i].has_heard = false;
        streams[i].matched = 0;
    }
    n_heard = 0;
}

/* False when it is time to go. */
static bool obey(void)
{
    char line[32];

    has_command = false;
    if (read(STDIN_FILENO, line, sizeof line) <= 0 || line[0] == 'q')
        return false;
    forget();
    is_marked = true;
    (void)puts("marked");
    return true;
}

static void hold(int port, const char *path, const char *tokens, int n)
{
    struct epoll_event commands = {.events = EPOLLIN, .data.ptr = NULL};

    open_all(port, path, tokens, n);
    must(epoll_ctl(poller, EPOLL_CTL_ADD, STDIN_FILENO, &commands) == 0,
         "cannot watch the commands");
    (void)puts("open");
    while (!has_command || obey()) {
        (void)pump(-1);
        if (is_marked && n_heard == n_streams) {
            (void)printf("all %lld\n", (long long)now_ns());
            is_marked = false;
        }
    }
}

/* ---- bare ---- */

static int listen_here(int *port)
{
    struct sockaddr_in address = loopback(0);
    socklen_t n = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    must(listener >= 0 && bind(listener, (struct sockaddr *)&address, sizeof address) == 0 &&
             listen(listener, 4096) == 0 &&
             getsockname(listener, (struct sockaddr *)&address, &n) == 0,
         "cannot listen");
    *port = ntohs(address.sin_port);
    return listener;
}

/* Accepts @n connections; then, each time a byte comes over @orders, writes to all of them and says
 * when it began. */
static void write_bare(int listener, int n, size_t n_bytes, int orders, int reports)
{
    static int sockets[STREAMS_MAX];
    static char bytes[BYTES_MAX];
    const int on = 1;
    char order;

    for (int i = 0; i < n; i++) {
        sockets[i] = accept(listener, NULL, NULL);
        must(sockets[i] >= 0, "cannot accept");
        (void)setsockopt(sockets[i], IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    }
    memset(bytes, 'x', sizeof bytes);
    while (read(orders, &order, 1) == 1) {
        int64_t began_ns = now_ns();

        for (int i = 0; i < n; i++)
            must(write(sockets[i], bytes, n_bytes) == (ssize_t)n_bytes, "cannot write");
        must(write(reports, &began_ns, sizeof began_ns) == sizeof began_ns, "cannot report");
    }
    _exit(EXIT_SUCCESS);
}

/* Until every socket has had its bytes. */
static void read_bare(size_t n_bytes)
{
    struct epoll_event ready[256];
    size_t left = (size_t)n_streams * n_bytes;
    char bytes[BYTES_MAX];

    while (left > 0) {
        int n = epoll_wait(poller, ready, 256, PATIENCE_MS);

        must(n > 0, "bytes are missing");
        for (int i = 0; i < n; i++) {
            ssize_t got = recv(((struct stream *)ready[i].data.ptr)->fd, bytes, sizeof bytes, 0);

            must(got > 0, "a socket was closed");
            left -= (size_t)got;
        }
    }
}

static void bare(int n, size_t n_bytes, long rounds)
{
    int orders[2], reports[2], port, listener = listen_here(&port);
    int64_t began_ns, ended_ns;
    pid_t writer;

    must(pipe(orders) == 0 && pipe(reports) == 0, "no pipe");
    writer = fork();
    must(writer >= 0, "cannot fork");
    if (writer == 0) {
        (void)close(orders[1]);
        write_bare(listener, n, n_bytes, orders[0], reports[1]);
    }
    for (int i = 0; i < n; i++)
        (void)stream_open(port);
    for (long i = 0; i < rounds; i++) {
        must(write(orders[1], "w", 1) == 1, "cannot order");
        read_bare(n_bytes);
        ended_ns = now_ns();
        must(read(reports[0], &began_ns, sizeof began_ns) == sizeof began_ns, "no report");
        (void)printf("%.1f\n", (double)(ended_ns - began_ns) / 1000);
    }
    (void)close(orders[1]);
    (void)waitpid(writer, NULL, 0);
}

int main(int argc, char **argv)
{
    struct rlimit files;

    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &files);
    }
    (void)setvbuf(stdout, NULL, _IOLBF, 0);
    poller = epoll_create1(EPOLL_CLOEXEC);
    if (argc == 6 && strcmp(argv[1], "hold") == 0)
        hold((int)number(argv[2], UINT16_MAX), argv[3], argv[4], (int)number(argv[5], STREAMS_MAX));
    else if (argc == 5 && strcmp(argv[1], "bare") == 0)
        bare((int)number(argv[2], STREAMS_MAX), (size_t)number(argv[3], BYTES_MAX),
             number(argv[4], 1000));
    else
        die("usage: bench_streams hold PORT PATH TOKENS N | bare N BYTES ROUNDS");
    return EXIT_SUCCESS;
}
