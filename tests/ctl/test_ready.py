"""Readiness and reload as systemd is told of them (Type=notify)."""

import os
import pathlib
import signal
import socket
import subprocess
import tempfile

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
