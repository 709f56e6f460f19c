"""Many event streams, read side by side by one thread; each is held to its order as the events arrive."""
import re
import resource
import select
import socket
import time

EVENT = re.compile(rb"id: ([0-9a-f-]{36}):(\d+)\nevent: (\w+)\ndata: ([^\n]*)\n\n")
OTHER = re.compile(rb"(?:retry: 3000|: keep-alive)\n\n")
UNDER_WAY = 200  # streams that are being opened at a time: fewer than any queue of connections holds


def raise_file_limit(needed):
    """False when this process may not have so many files open."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    return most >= needed


class Dechunked:
    """What a chunked body says so far. is_ended: its last chunk has come."""

    def __init__(self):
        self.raw, self.text, self.is_ended = b"", b"", False

    def add(self, some):
        self.raw += some
        while not self.is_ended:
            size, found, rest = self.raw.partition(b"\r\n")
            if not found or len(rest) < int(size, 16) + 2:
                return
            n = int(size, 16)
            assert rest[n:n + 2] == b"\r\n", rest[:100]
            self.text += rest[:n]
            self.raw = rest[n + 2:]
            self.is_ended = n == 0


class Watcher:
    """One client of one job; it may come again, and goes on where it was."""

    def __init__(self, job_id, headers, after=0):
        self.job_id, self.headers, self.after = job_id, headers, after
        self.n_visits = 0
        self.socket = None

    def connect(self, port):
        """The request is sent; after the first visit from the last event that came whole."""
        self.head, self.body, self.is_answered, self.end = b"", Dechunked(), False, None
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        last = f"Last-Event-ID: {self.job_id}:{self.after}\r\n" if self.after else ""
        fields = "".join(f"{name}: {value}\r\n" for name, value in self.headers.items())
        self.socket.sendall(f"GET /v1/jobs/{self.job_id}/events HTTP/1.1\r\nHost: localhost\r\n{fields}{last}\r\n".encode())
        self.socket.setblocking(False)

    def read(self):
        """Takes what is there; at the end of the stream `end` says how it came."""
        try:
            some = self.socket.recv(65536)
        except BlockingIOError:
            return
        except ConnectionResetError:
            some = b""
        if some:
            self._take(some)
        if not self.end and (not some or self.body.is_ended):
            self.leave("whole" if self.body.is_ended else "broken")

    def leave(self, how="left"):
        self.end = how
        self.socket.close()

    def _take(self, some):
        if not self.is_answered:
            self.head += some
            if b"\r\n\r\n" not in self.head:
                return
            self.head, _, some = self.head.partition(b"\r\n\r\n")
            if self.head.startswith(b"HTTP/1.1 503 ") and b"\r\nRetry-After: 1\r\n" in self.head:
                return self.leave("refused")
            assert self.head.startswith(b"HTTP/1.1 200 "), self.head
            self.is_answered = True
            self.n_visits += 1
        self.body.add(some)
        self._read_events()

    def _read_events(self):
        text = self.body.text
        at = 0
        while found := EVENT.match(text, at) or OTHER.match(text, at):
            if found.re is EVENT:
                assert found[1].decode() == self.job_id, found[0]
                assert int(found[2]) == self.after + 1, f"event {int(found[2])} after event {self.after}"
                self.after += 1
            at = found.end()
        self.body.text = text[at:]


class Crowd:
    def __init__(self):
        self.poller, self.by_fd, self.unanswered = select.epoll(), {}, set()

    def join(self, port, watchers, at_a_time=UNDER_WAY):
        """Connects them, and waits until each has its answer. Who is refused comes again when it has been told to."""
        while watchers:
            for watcher in watchers:
                self._connect(port, watcher)
                if len(self.unanswered) >= at_a_time:
                    self.until(lambda: len(self.unanswered) <= at_a_time // 2, "streams are answered")
            self.until(lambda: not self.unanswered, "streams are answered")
            watchers = [watcher for watcher in watchers if watcher.end == "refused"]
            if watchers:
                time.sleep(1)  # Retry-After

    def _connect(self, port, watcher):
        watcher.connect(port)
        self.by_fd[watcher.socket.fileno()] = watcher
        self.unanswered.add(watcher)
        self.poller.register(watcher.socket.fileno(), select.EPOLLIN)

    def pump(self, seconds=0.1):
        """Reads what has come."""
        for fd, _ in self.poller.poll(seconds, 1024):
            watcher = self.by_fd[fd]
            watcher.read()
            if watcher.is_answered or watcher.end:
                self.unanswered.discard(watcher)
            if watcher.end:
                del self.by_fd[fd]

    def until(self, claim, what, seconds=120):
        end = time.monotonic() + seconds
        while not claim():
            assert time.monotonic() < end, f"after {seconds} s still not: {what() if callable(what) else what}"
            self.pump()

    def all_ended(self):
        return not self.by_fd

    def close(self):
        for watcher in self.by_fd.values():
            watcher.leave()
        self.poller.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
