"""Readiness and reload as systemd is told of them (Type=notify)."""

import os
import pathlib
import signal
import socket
import subprocess
import tempfile
import threading

import pytest

from conftest import BUILD, WAIT

CONF = """
state: {{ socket = "{0}/state.sock"; directory = ""; group = "";
    daemons = [ ]; }};
postfix_group = "";
milter: {{ listen = "unix:{0}/milter.sock"; }};
policy: {{ listen = [ "unix:{0}/policy.sock" ]; socketmap = [ ];
    default_transport = "smtp"; }};
maillog: {{ source = "none"; }};
"""


@pytest.fixture
def folder():
    """Short, since the path of a socket must be."""
    with tempfile.TemporaryDirectory(prefix="weir.") as path:
        yield pathlib.Path(path)


@pytest.mark.parametrize("name, reload", [
    ("weir-policyd", signal.SIGHUP), ("weir-policyd", signal.SIGUSR1),
    ("weir-milter", signal.SIGUSR1)])
def test_start_and_reload_are_told(folder, name, reload):
    conf = folder / "weir.conf"
    conf.write_text(CONF.format(folder))
    user = ["-u", "root"] if os.geteuid() == 0 else []
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as told:
        told.bind(str(folder / "notify"))
        told.settimeout(WAIT)
        process = subprocess.Popen(
            [BUILD / name, "-c", conf, *user], stderr=subprocess.DEVNULL,
            env={**os.environ, "NOTIFY_SOCKET": str(folder / "notify")})
        try:
            assert told.recv(200) == b"READY=1"
            process.send_signal(signal.SIGUSR2)  # means nothing to them
            process.send_signal(reload)
            assert told.recv(200).startswith(b"RELOADING=1\nMONOTONIC_USEC=")
            assert told.recv(200) == b"READY=1"
            conf.write_text("nonsense = 1;")  # refused: it serves as before
            process.send_signal(reload)
            assert told.recv(200).startswith(b"RELOADING=1")
            assert told.recv(200) == b"READY=1"
        finally:
            process.terminate()
            process.wait(WAIT)


def children(pid):
    path = pathlib.Path(f"/proc/{pid}/task/{pid}/children")
    return path.read_text().split()


@pytest.mark.parametrize("name, more", [
    ("weir-policyd", []), ("weir-milter", []),
    ("weir-policyd", ["--supervise"]), ("weir-milter", ["--supervise"])])
def test_nothing_of_ours_is_a_standard_descriptor(folder, name, more):
    """Whoever starts us may close them."""
    conf = folder / "weir.conf"
    conf.write_text(CONF.format(folder))
    user = ["-u", "root"] if os.geteuid() == 0 else []
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as told:
        told.bind(str(folder / "notify"))
        told.settimeout(WAIT)
        process = subprocess.Popen(
            ["sh", "-c", 'exec "$0" "$@" <&- >&- 2>&-', BUILD / name,
             "-c", conf, *user, *more],
            env={**os.environ, "NOTIFY_SOCKET": str(folder / "notify")})
        try:
            assert told.recv(200) == b"READY=1"
            for pid in [process.pid, *children(process.pid)]:
                for fd in range(3):
                    assert os.readlink(f"/proc/{pid}/fd/{fd}") == "/dev/null"
        finally:
            process.terminate()
            process.wait(WAIT)


def until(process, seen):
    while not seen():
        assert process.poll() is None, process.stderr.read()
        threading.Event().wait(0.001)


@pytest.mark.parametrize("more", [[], ["--supervise"]], ids=["", "parent"])
@pytest.mark.parametrize("name", ["weir-policyd", "weir-milter"])
@pytest.mark.parametrize("first", [signal.SIGUSR1, signal.SIGUSR2,
                                   signal.SIGHUP, signal.SIGTERM])
def test_a_signal_to_a_beginning_daemon_kills_nobody(folder, name, more,
                                                     first):
    """Whoever sees the socket may send it."""
    conf = folder / "weir.conf"
    conf.write_text(CONF.format(folder))
    user = ["-u", "root"] if os.geteuid() == 0 else []
    path = folder / ("state.sock" if name == "weir-policyd" else
                     "milter.sock")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as told:
        told.bind(str(folder / "notify"))
        told.settimeout(WAIT)
        process = subprocess.Popen(
            [BUILD / name, "-c", conf, *user, *more],
            stderr=subprocess.PIPE, text=True,
            env={**os.environ, "NOTIFY_SOCKET": str(folder / "notify")})
        try:
            until(process, path.exists)
            if more:
                until(process, lambda: children(process.pid))
            process.send_signal(first)
            if first != signal.SIGTERM:
                assert told.recv(200) == b"READY=1"
                process.terminate()
            _, said = process.communicate(timeout=WAIT)
        finally:
            process.kill()
            process.wait(WAIT)
        assert process.returncode == 0 and "killed" not in said, said
