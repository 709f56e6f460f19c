"""Clients that speak HTTP badly: raw connections, the answers on them, and what the server pays."""
import re
import socket
import threading

import httpx

from harness import until
from harness.server import client_of
from world import PATIENCE

HEAD = re.compile(rb"HTTP/1\.[01] (\d{3}) [^\r\n]*\r\n")


class Wire:
    """A connection on which any bytes are sent."""

    def __init__(self, server, seconds=30, receive_buffer=None):
        self.socket = socket.socket()
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(seconds)
        self.socket.connect(("127.0.0.1", server.port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.unread = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def sends(self, *parts):
        """False once the server does not want to hear more."""
        try:
            for part in parts:
                self.socket.sendall(part)
            return True
        except OSError:
            return False

    def says_no_more(self):
        try:
            self.socket.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # closed by the server already

    def _receive(self):
        try:
            piece = self.socket.recv(65536)
        except ConnectionError:
            piece = b""
        self.unread += piece
        return len(piece)

    def takes_some(self):
        """One piece of an answer, which answer() will give whole."""
        assert self._receive(), "closed"

    def answer(self):
        """The next answer as (status, headers, body); None when the server closed instead."""
        while b"\r\n\r\n" not in self.unread:
            if not self._receive():
                assert not self.unread, f"half an answer: {self.unread[:200]}"
                return None
        head, _, self.unread = self.unread.partition(b"\r\n\r\n")
        status = int(HEAD.match(head + b"\r\n").group(1))
        headers = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
        if status == 100:
            return status, headers, b""
        size = int(headers[b"content-length"])
        while len(self.unread) < size:
            assert self._receive(), f"{len(self.unread)} of {size} bytes"
        body, self.unread = self.unread[:size], self.unread[size:]
        return status, headers, body

    def status(self):
        """That of the next answer, of which only the first line is looked at."""
        while b"\r\n" not in self.unread:
            assert self._receive(), f"closed after {self.unread!r}"
        return int(HEAD.match(self.unread).group(1))

    def is_closed_without(self, words):
        """The server closes, and of what it still said nothing has these words."""
        while self._receive():
            pass
        return words.encode() not in self.unread

    def statuses(self):
        """Those of all answers until the server closes."""
        found = []
        while (answer := self.answer()) is not None:
            found.append(answer[0])
        return found


class Bystander:
    """Somebody else who asks on, and is to be answered as if nothing were the matter."""

    def __init__(self, server, actor, paths=("/health",)):
        self.server, self.actor, self.paths = server, actor, paths
        self.statuses, self.failures = [], []
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._ask_on)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._over.set()
        self._thread.join()

    def _ask_on(self):
        while True:
            with client_of(self.server.url) as client:  # a new connection each time
                for path in self.paths:
                    try:
                        self.statuses.append(client.get(path, headers=self.actor.headers).status_code)
                    except httpx.HTTPError as failure:
                        self.failures.append(repr(failure))
            if self._over.wait(0.05):
                return

    def is_answered(self, n):
        """Waits for so many more answers, while whatever is going on goes on."""
        before = len(self.statuses)
        until(lambda: len(self.statuses) >= before + n, f"a bystander is answered {n} times", seconds=PATIENCE)

    def was_always_answered(self, at_least=1):
        assert not self.failures, self.failures[:3]
        assert set(self.statuses) == {200} and len(self.statuses) >= at_least, \
            f"{len(self.statuses)} answers: {sorted(set(self.statuses))}"


class Memory:
    """What the server's memory grew by at its highest, since this was made."""

    def __init__(self, server):
        self.server = server
        maps = (server.proc / "maps").read_text()
        self.is_sanitized = "libasan" in maps or "libtsan" in maps  # whose own memory hides the server's
        (server.proc / "clear_refs").write_text("5")  # the high-water mark begins anew
        self.before = server.memory_kib()

    def grew_mib(self):
        return 0 if self.is_sanitized else (self.server.memory_kib("VmHWM") - self.before) / 1024


def head(method, path, *lines, version="HTTP/1.1", host="x"):
    """The bytes of a request's head."""
    first = [f"{method} {path} {version}", *([f"Host: {host}"] if host else [])]
    return "\r\n".join([*first, *lines, "", ""]).encode("latin-1")
