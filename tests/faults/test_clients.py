"""
What strangers, and too many friends, do to our sockets: clients that never
finish, descriptors that run out, and a million frames of garbage.
"""
import contextlib
import os
import resource
import socket
import threading
import time

import pytest

from harness.place import free_port
from harness.process import run
from harness.weir import GROUP, USER

SLOW = 2000
FRAMES = 1_000_000
BEGINNINGS = {  # of what each protocol would understand
    "policy": b"request=smtpd_access_policy\nprotocol_state=DATA\n",
    "map": b"29:sender alice@example.com",
    "state": b"*1\r\n$4\r\nPI",
    "milter": b"\0\0\0\x0dO\0\0\0\x06",
    "http": b"GET /status.json HTTP/1.1\r\nHost: x",
}


class SlowClients:
    """Many connections, each given a byte now and then."""

    def __init__(self, family, address, beginning, count):
        self._beginning = beginning
        self._stop = threading.Event()
        self._all = []
        for _ in range(count):
            sock = socket.socket(family)
            sock.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                sock.connect(address)  # or the backlog is full
            self._all.append(sock)
        self._thread = threading.Thread(target=self._trickle)
        self._thread.start()

    def _trickle(self):
        for n in range(len(self._beginning)):
            for sock in self._all:
                with contextlib.suppress(OSError):
                    sock.send(self._beginning[n:n + 1])
            if self._stop.wait(0.2):
                return

    def close(self):
        self._stop.set()
        self._thread.join()
        for sock in self._all:
            sock.close()


@pytest.fixture
def many_descriptors():
    """For this process."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (before[1], before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


@pytest.mark.parametrize("name", BEGINNINGS)
def test_slow_clients(site, fault, many_descriptors, name):
    http = (site.place.address(99), free_port(site.place.address(99)))
    with fault(f"{SLOW} slow clients on the {name} socket",
               http='{ listen = "inet:%s:%d"; }' % http) as f:
        addresses = {"policy": f.weir.policy_socket,
                     "map": site.place.path("spool", "weir", "map.sock"),
                     "state": f.weir.socket,
                     "milter": f.weir.milter_socket, "http": http}
        f.until(0.2)
        slow = SlowClients(
            socket.AF_INET if name == "http" else socket.AF_UNIX,
            addresses[name], BEGINNINGS[name], SLOW)
        try:
            f.until(0.8)
        finally:
            slow.close()
        f.over()


def let_open(pid, count):
    """Descriptors, from now on; as its user, whom nothing forbids that."""
    run(["setpriv", f"--reuid={USER}", f"--regid={GROUP}", "--clear-groups",
         "prlimit", f"--pid={pid}", f"--nofile={count}:"])


NO_DESCRIPTOR = {"policyd": "Too many open files",
                 "milter": "no file descriptor is left"}


@pytest.mark.parametrize("which", NO_DESCRIPTOR)
def test_descriptors_run_out(fault, which):
    with fault(f"descriptors of weir-{which} run out") as f:
        f.until(0.2)
        daemon = getattr(f.weir, which)
        pid = daemon.worker
        soft, _ = resource.prlimit(os.getpid(), resource.RLIMIT_NOFILE)
        let_open(pid, 8)  # fewer than are open: no more can be
        assert len(os.listdir(f"/proc/{pid}/fd")) >= 8
        time.sleep(12)  # longer than Postfix waits for an answer
        let_open(pid, soft)
        f.over()
    daemon.lines.wait(NO_DESCRIPTOR[which])
