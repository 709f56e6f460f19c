"""Who works for whom: the loops of one server, seen from their threads."""
import contextlib
import os
import pathlib
import re
import socket

import pytest

from harness import until

N_CONNECTIONS, N_PIPELINED = 8, 64
TICKS = 25  # of processor time; enough to tell who worked


@pytest.fixture
def server(start_server):
    return start_server()


@contextlib.contextmanager
def clients(server, processor):
    """pump(): some requests on each of a few connections that were opened, and are used, on one processor."""
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {processor})
    with contextlib.ExitStack() as stack:
        stack.callback(os.sched_setaffinity, 0, allowed)
        wires = [stack.enter_context(socket.create_connection(("127.0.0.1", server.port), timeout=30)) for _ in range(N_CONNECTIONS)]
        requests = b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n" * N_PIPELINED

        def pump():
            for wire in wires:
                wire.sendall(requests)
            for wire in wires:
                answers = b""
                while len(re.findall(rb"HTTP/1.1 200 OK.*?\r\n\r\nOK", answers, re.S)) < N_PIPELINED:
                    piece = wire.recv(1 << 20)
                    assert piece, "the server hung up"
                    answers += piece

        yield pump


def threads(server):
    return [int(task.name) for task in pathlib.Path(f"/proc/{server.process.pid}/task").iterdir()]


def ticks(server):
    """Processor time of each thread."""
    stats = {id: pathlib.Path(f"/proc/{server.process.pid}/task/{id}/stat").read_text() for id in threads(server)}
    return {id: sum(map(int, stat.rpartition(")")[2].split()[11:13])) for id, stat in stats.items()}


def work(server, processor):
    """Clients on this processor keep the server busy until a thread has worked for a while: what each did."""
    with clients(server, processor) as pump:
        before = ticks(server)

        def spent():
            pump()
            gained = {id: n - before.get(id, 0) for id, n in ticks(server).items()}
            return gained if max(gained.values()) >= TICKS else None

        return until(spent, "a thread has worked for a while", 120, pause=0)


def who_serves(server, processor):
    """The thread that clients on this processor keep busy, and the others' share of the time."""
    gained = work(server, processor)
    busiest = max(gained, key=gained.get)
    return busiest, (sum(gained.values()) - gained[busiest]) / gained[busiest]


def policies(server):
    return {os.sched_getscheduler(id) for id in threads(server)}


@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="needs two processors")
def test_clients_on_one_processor_have_a_loop_of_their_own(server):
    first, second = sorted(os.sched_getaffinity(0))[:2]
    (one, others), (another, more) = who_serves(server, first), who_serves(server, second)
    assert one != another
    assert others < 0.5 and more < 0.5, (others, more)


def test_a_loop_that_computes_much_lets_others_finish_and_a_quiet_one_answers_at_once(server):
    assert policies(server) == {os.SCHED_OTHER}
    with clients(server, min(os.sched_getaffinity(0))) as pump:
        until(lambda: pump() or os.SCHED_BATCH in policies(server), "a loop is scheduled in batches", 60, pause=0)
        until(lambda: server.client.get("/health").status_code == 200 and policies(server) == {os.SCHED_OTHER},
              "it takes its turn at once again", 60)


def test_a_policy_that_somebody_chose_for_the_server_stays(server):
    for id in threads(server):
        os.sched_setscheduler(id, os.SCHED_IDLE, os.sched_param(0))
    work(server, min(os.sched_getaffinity(0)))
    assert policies(server) == {os.SCHED_IDLE}
