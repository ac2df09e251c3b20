"""
Sockets that outlive their daemon, who may do what on them, and that ordinary
tools can talk to them.
"""
import os
import pwd
import signal
import socket
import sys

import pytest

from harness import activate
from harness.process import Process, run
from harness.weir import GROUP, SANITIZER_ENV, USER, Weir, config_text, program

ALICE = "alice@example.com"


def redis(weir, *words, user=None):
    become = ["setpriv", f"--reuid={user}", f"--regid={GROUP}",
              "--clear-groups"] if user else []
    return run([*become, "redis-cli", "-s", weir.socket, *words]).stdout.strip()


def test_redis_cli_can_ask(site, weir):
    w = weir()
    assert redis(w, "PING") == "PONG"
    assert '"name"' in redis(w, "HOSTS").replace("\\", "")
    assert redis(w, "NONSENSE").startswith("ERR")
    assert redis(w, "HOST").startswith("ERR")
    assert redis(w, "HOST", "nosuch").startswith("ERR")


def test_only_administrators_give_orders(site, weir):
    w = weir()
    assert redis(w, "DRAIN", "a", user=USER).startswith("NOPERM")
    assert w.host("a")["state"] == "healthy"
    assert redis(w, "DRAIN", "a") == "OK"
    assert w.host("a")["state"] == "drained"


def test_sockets_are_for_their_users_only(site, weir):
    w = weir()
    for path in (w.policy_socket, w.milter_socket):
        status = os.stat(path)
        assert status.st_mode & 0o777 == 0o660
        assert status.st_gid == os.stat(
            site.place.path("spool", "weir")).st_gid
    assert os.stat(w.socket).st_mode & 0o7 == 0


def process_status(pid):
    with open(f"/proc/{pid}/status") as lines:
        return dict(line.rstrip().split(":\t", 1) for line in lines
                    if ":\t" in line)


def test_nothing_of_root_is_left(site, weir):
    w = weir()
    for daemon in (w.policyd, w.milter):
        status = process_status(daemon.worker)
        user = pwd.getpwnam(USER)
        assert status["Uid"].split() == [str(user.pw_uid)] * 4
        assert status["Gid"].split() == [str(user.pw_gid)] * 4
        assert sorted(map(int, status["Groups"].split())) == sorted(
            os.getgrouplist(USER, user.pw_gid))
        assert int(status["CapPrm"], 16) == int(status["CapEff"], 16) == 0
        assert status["NoNewPrivs"] == "1"
        assert status["Umask"] == "0027"


def test_the_database_is_for_nobody_else(site, weir):
    w = weir()
    w.ctl("drain", "c")
    files = [os.path.join(w.directory, name)
             for name in os.listdir(w.directory)]
    assert files
    for path in files:
        assert os.stat(path).st_mode & 0o007 == 0, path


def test_terminated_the_daemons_take_their_sockets_along(site, weir):
    w = weir()
    w.stop()
    for path in (w.policy_socket, w.milter_socket, w.socket):
        assert not os.path.exists(path)


class Activated:
    """A listening socket held by us, and a daemon that is given it."""

    def __init__(self, w, name, paths):
        self.w, self.name = w, name
        self.sockets = [listening(path) for path in paths]

    def run(self):
        fds = [sock.fileno() for sock in self.sockets]
        process = Process(
            self.name,
            [sys.executable, activate.__file__, ",".join(map(str, fds)),
             program(self.name), "-u", USER, "-c", self.w.conf],
            os.devnull,
            env={**SANITIZER_ENV, **self.w._env},
            pass_fds=fds,
        )
        process.lines.wait("event=Started")
        return process

    def close(self):
        for sock in self.sockets:
            os.unlink(sock.getsockname())
            sock.close()


def listening(path):
    sock = socket.socket(socket.AF_UNIX)
    sock.bind(path)
    os.chmod(path, 0o666)
    sock.listen(64)
    return sock


def test_socket_activation_as_systemd_does_it(site, ledger):
    w = Weir(site, config_text())
    policyd = Activated(w, "weir-policyd", [w.socket, w.policy_socket])
    milter = Activated(w, "weir-milter", [w.milter_socket])
    running = []
    try:
        running = [policyd.run(), milter.run()]
        site.traffic(ledger, 20).join()
        for n, daemon in enumerate((policyd, milter)):
            os.kill(running[n].pid, signal.SIGKILL)
            running[n].wait()
            # nobody serves: a client waits in the queue of the socket
            client = socket.socket(socket.AF_UNIX)
            client.connect(daemon.sockets[-1].getsockname())
            running[n] = daemon.run()
            client.close()
        site.traffic(ledger, 20).join()
        assert not ledger.refused
        ledger.check()
        assert ledger.by_host() == {"a": 20, "b": 20}
    finally:
        for process in running:
            process.stop()
        policyd.close()
        milter.close()


@pytest.mark.parametrize("name", ["weir-policyd", "weir-milter"])
def test_a_second_daemon_does_not_take_the_socket(site, weir, ledger, name):
    w = weir()
    done = run([program(name), "-u", USER, "-c", w.conf],
               env=SANITIZER_ENV, check=False)
    assert done.returncode not in (0, -signal.SIGKILL)
    assert ".sock" in done.stderr
    site.traffic(ledger, 4).join()
    ledger.check()


def test_an_unknown_user_is_said_with_its_mend(site):
    w = Weir(site, config_text())
    for name in ("weir-policyd", "weir-milter"):
        done = run([program(name), "-u", "no-such-user", "-c", w.conf],
                   env=SANITIZER_ENV, check=False)
        assert done.returncode != 0
        assert "no-such-user" in done.stderr
        assert "useradd" in done.stderr or "adduser" in done.stderr
