"""A Framecast server that plays a script: for faults that the real one shows only by accident.

    fake.on("GET", "/v1/jobs/1", json_answer(job(id="1")))            # each time the same
    fake.on("POST", "/v1/generate", broken(), json_answer(job(), 201))  # first this, from then on that
    fake.requests("POST", "/v1/generate")                             # what was asked, in order
"""
import http.server
import json
import socket
import struct
import threading
import uuid

LONGEST_HOLD_SECONDS = 60


class Request:
    def __init__(self, handler, body):
        self.method = handler.command
        self.path, _, self.query = handler.path.partition("?")
        self.headers = handler.headers
        self.text = body.decode()

    @property
    def json(self):
        return json.loads(self.text)


class FramecastServer:
    def __init__(self, port=0, tls=None):
        self.script, self.seen, self.lock = {}, [], threading.Lock()
        self.ending = threading.Event()
        self.port, self.tls = port, tls
        self.start()
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}"

    def start(self):
        fake = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *arguments):
                pass

            def handle_any(self):
                fake.answer(self)

            do_GET = do_POST = do_DELETE = handle_any

        class Listener(http.server.ThreadingHTTPServer):
            daemon_threads, allow_reuse_address = True, True

            def handle_error(self, request, client_address):
                pass  # clients that leave early are part of the play

        self.ending.clear()
        self.listener = Listener(("127.0.0.1", self.port), Handler)
        self.port = self.listener.server_address[1]
        if self.tls:
            self.listener.socket = self.tls.wrap_socket(self.listener.socket, server_side=True)
        self.thread = threading.Thread(target=self.listener.serve_forever, args=(0.02,), daemon=True)
        self.thread.start()

    def stop(self):
        self.ending.set()
        self.listener.shutdown()
        self.listener.server_close()
        self.thread.join()

    def on(self, method, path, *answers):
        with self.lock:
            self.script[method, path] = list(answers)

    def requests(self, method, path):
        with self.lock:
            return [request for request in self.seen if (request.method, request.path) == (method, path)]

    def answer(self, handler):
        body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        request = Request(handler, body)
        if self.ending.is_set():  # on a connection that was kept open
            return reset(handler)
        with self.lock:
            self.seen.append(request)
            answers = self.script.get((request.method, request.path), [])
            play = (answers.pop(0) if len(answers) > 1 else answers[0]) if answers else not_found
        play(self, handler)


# ---------------------------------------------------------------------------------------- answers


def json_answer(body, status=200, **headers):
    def play(fake, handler):
        data = json.dumps(body).encode()
        send_head(handler, status, {"Content-Type": "application/json", "Content-Length": str(len(data)),
                                    **{name.replace("_", "-"): str(value) for name, value in headers.items()}})
        handler.wfile.write(data)
    return play


def error(status, code, message="No", details=None, **headers):
    body = {"code": code, "message": message, "request_id": "r-1"}
    return json_answer({"error": body | ({"details": details} if details else {})}, status, **headers)


not_found = error(404, "NOT_FOUND", "Not found: nothing here")


def broken():
    """The connection breaks without a word."""
    def play(fake, handler):
        reset(handler)
    return play


def silence():
    """No answer at all, for as long as the test lasts."""
    def play(fake, handler):
        wait_for(fake, None)
        reset(handler)
    return play


def events(*rows, job_id="J", and_then="end", hold=None):
    """A stream of (number, type, payload); and_then: end, break, or hold (until `hold` is set, then end)."""
    def play(fake, handler):
        send_head(handler, 200, {"Content-Type": "text/event-stream", "Connection": "close"})
        text = "retry: 3000\n\n" + "".join(
            f"id: {job_id}:{number}\nevent: {kind}\ndata: {json.dumps(data)}\n\n" for number, kind, data in rows)
        handler.wfile.write(text.encode())
        handler.wfile.flush()
        if and_then == "hold":
            wait_for(fake, hold)
        if and_then == "break" or fake.ending.is_set():
            reset(handler)
        handler.close_connection = True
    return play


def event_log(rows, job_id, cuts, when_all_are_sent):
    """All events after the client's last one; each time the connection breaks after so many bytes as `cuts` says next,
    in the middle of an event or not. When none is left out: when_all_are_sent()."""
    def play(fake, handler):
        last = int((handler.headers.get("Last-Event-ID") or ":0").rpartition(":")[2])
        send_head(handler, 200, {"Content-Type": "text/event-stream", "Connection": "close"})
        text = "retry: 3000\n\n" + "".join(f"id: {job_id}:{number}\nevent: {kind}\ndata: {json.dumps(data)}\n\n"
                                           for number, kind, data in rows if number > last)
        cut = cuts.pop(0) if cuts else len(text)
        if cut >= len(text):
            when_all_are_sent()
        handler.wfile.write(text[:cut].encode())
        handler.wfile.flush()
        if cut < len(text):
            handler.connection.shutdown(socket.SHUT_RDWR)
        handler.close_connection = True
    return play


def file_answer(data, break_after=None, etag='"one"', ranges=True):
    """A file; with break_after the connection breaks after so many bytes of it."""
    def play(fake, handler):
        start = 0
        asked = handler.headers.get("Range")
        if ranges and asked and handler.headers.get("If-Range") == etag:
            start = int(asked.removeprefix("bytes=").rstrip("-"))
        headers = {"Content-Length": str(len(data) - start), "Content-Type": "video/mp4", "ETag": etag}
        if start:
            headers["Content-Range"] = f"bytes {start}-{len(data) - 1}/{len(data)}"
        send_head(handler, 206 if start else 200, headers)
        if break_after is None:
            handler.wfile.write(data[start:])
        else:
            handler.wfile.write(data[start:start + break_after])
            handler.wfile.flush()
            handler.connection.shutdown(socket.SHUT_WR)
            handler.close_connection = True
    return play


def send_head(handler, status, headers):
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name, value)
    handler.end_headers()


def reset(handler):
    handler.close_connection = True
    handler.wfile.flush()
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.connection.close()


def wait_for(fake, event):
    for _ in range(LONGEST_HOLD_SECONDS * 50):
        if fake.ending.is_set() or (event or fake.ending).wait(0.02):
            return


# ------------------------------------------------------------------------------------------- jobs


def job(status="queued", id=None, title="The Sea", scenes=("calm", "storm"), done=0, **members):
    """A job object with all its fields; the first `done` scenes are complete."""
    ended = status in ("completed", "failed", "canceled")
    rows = [{"scene_id": scene, "position": i, "status": "completed" if i < done or status == "completed" else "pending",
             "attempt": 1, "progress": 100 if i < done or status == "completed" else 0, "seed": 1, "clip_url": None,
             "error": None} for i, scene in enumerate(scenes)]
    return {
        "id": id or str(uuid.UUID(int=7)), "owner": "framecast:user:" + str(uuid.UUID(int=1)),
        "triggered_by": str(uuid.UUID(int=1)), "project_id": None, "parent_job_id": None, "status": status,
        "spec_snapshot": {"title": title, "scenes": [{"id": scene, "duration": 5} for scene in scenes]}, "options": {},
        "progress": {"phase": "queued", "percent": 100 if status == "completed" else 0, "scenes_total": len(scenes),
                     "scenes_completed": done},
        "output": None, "output_size_bytes": None, "error": None, "credits_charged": 40,
        "failure_type": {"failed": "system", "canceled": "canceled"}.get(status), "credits_refunded": 0,
        "idempotency_key": None, "started_at": None, "completed_at": "2025-01-30T12:34:56.123456Z" if ended else None,
        "created_at": "2025-01-30T12:30:00.000000Z", "updated_at": "2025-01-30T12:34:56.123456Z",
        "scenes": rows, **members}


def completed_job(url, **members):
    return job("completed", output={"video_url": url, "duration": 10.0, "resolution": "1920x1080", "format": "mp4"},
               output_size_bytes=1000, **members)
