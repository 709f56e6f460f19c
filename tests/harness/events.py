"""Reads a job's server-sent events, each held against the API reference as it arrives."""
import json

from harness.contract import CONTRACT


class Event:
    def __init__(self, id, type, data):
        self.id, self.type, self.data = id, type, data
        self.sequence = int(id.rpartition(":")[2])

    def __repr__(self):
        return f"<{self.sequence} {self.type} {json.dumps(self.data)}>"


class EventStream:
    """An open stream. Iterate over it: Event objects, until the server ends it."""

    def __init__(self, server, path, headers, read_timeout=30, params=None):
        self._context = server.client.stream("GET", path, headers=headers, params=params,
                                             timeout=read_timeout)
        self._path = path
        self.answer = self._context.__enter__()
        if self.answer.status_code != 200:
            self.answer.read()
            CONTRACT.check(self.answer)
            self.close()
            return
        CONTRACT.check_common(self.answer)
        response = CONTRACT.response("GET", path, 200)
        CONTRACT.check_headers(self.answer, response)
        assert self.answer.headers["content-type"].split(";")[0] == "text/event-stream"
        self._schemas = response["content"]["text/event-stream"]["x-events"]
        self._chunks = self.answer.iter_raw()
        self._buffer = b""
        self.comments = 0
        assert self.block() == "retry: 3000"

    def block(self):
        """The next block of lines (without the empty line that ends it); None at the end."""
        while b"\n\n" not in self._buffer:
            chunk = next(self._chunks, None)
            if chunk is None:
                assert self._buffer == b"", f"the stream ends in the middle: {self._buffer!r}"
                return None
            self._buffer += chunk
        text, _, self._buffer = self._buffer.partition(b"\n\n")
        return text.decode()

    def comment(self):
        """Waits for a comment, and returns it; no event may come before."""
        text = self.block()
        assert text is not None and text.startswith(":"), text
        return text

    def __iter__(self):
        return self

    def __next__(self):
        while True:
            text = self.block()
            if text is None:
                raise StopIteration
            if text.startswith(":"):
                assert text == ": keep-alive", text
                self.comments += 1
                continue
            return self._event(text)

    def _event(self, text):
        lines = [line.partition(": ")[::2] for line in text.split("\n")]
        assert [name for name, _ in lines] == ["id", "event", "data"], text
        id, type, data = (value for _, value in lines)
        assert id.rpartition(":")[0] == self._path.split("/")[3].lower(), id
        payload = json.loads(data)
        assert json.dumps(payload, separators=(",", ":"), ensure_ascii=False).count(" ") == data.count(" "), \
            f"not compact: {data}"
        CONTRACT.conforms(payload, self._schemas[type])
        return Event(id, type, payload)

    def close(self):
        self._context.__exit__(None, None, None)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
