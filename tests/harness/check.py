"""Small words for tests: expect, expect_error, until, at_once."""
import threading
import time

from harness.contract import CONTRACT


def expect(answer, status):
    """The answer's JSON, once its status is the expected one."""
    assert answer.status_code == status, f"{answer.request.method} {answer.request.url.path}: " \
        f"{answer.status_code} instead of {status}: {ascii(answer.text[:2000])}"
    is_json = answer.content and "json" in answer.headers.get("content-type", "")
    return answer.json() if is_json else None


def expect_error(answer, status, code, reason=None, says=None):
    """The `error` object, once status, code (and reason, and a part of the message) are right."""
    error = expect(answer, status)["error"]
    assert error["code"] == code, error
    if reason:
        assert error.get("details", {}).get("reason") == reason, error
    if says:
        assert says.lower() in error["message"].lower(), error
    return error


def conforms(value, schema):
    """Asserts that the value has the shape `schema` of the API reference."""
    CONTRACT.conforms(value, schema)
    return value


def until(claim, what="it happens", seconds=20, pause=0.02):
    """Waits for claim() to be true, and returns it. The bound is generous; it is not a measurement."""
    end = time.monotonic() + seconds
    while True:
        result = claim()
        if result:
            return result
        if time.monotonic() > end:
            raise AssertionError(f"after {seconds} s still not: {what() if callable(what) else what}")
        time.sleep(pause)
        pause = min(pause * 1.3, 0.25)


def at_once(n, call):
    """call(0) … call(n - 1), side by side; their results in order."""
    results = [None] * n

    def run(i):
        results[i] = call(i)

    threads = [threading.Thread(target=run, args=[i]) for i in range(n)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results
