"""Command line and exit codes of both daemons, as their manuals have them."""

import os
import pathlib
import resource
import subprocess
import tempfile

import pytest

from conftest import BUILD, WAIT

CONF = """
state: {{ socket = "{0}/state.sock"; directory = ""; group = "";
    daemons = [ ]; }};
postfix_group = "{group}";
milter: {{ listen = "unix:{0}/milter.sock"; }};
policy: {{ listen = [ "unix:{0}/policy.sock" ]; socketmap = [ ];
    default_transport = "smtp"; }};
maillog: {{ source = "none"; }};
log: {{ target = "{target}"; }};
"""
USER = ["--user", "root"] if os.geteuid() == 0 else []

pytestmark = pytest.mark.parametrize("name", ["weir-milter", "weir-policyd"])


@pytest.fixture
def folder():
    """Short, since the path of a socket must be."""
    with tempfile.TemporaryDirectory(prefix="weir.") as path:
        yield pathlib.Path(path)


def run(name, *words):
    return subprocess.run([BUILD / name, *words], capture_output=True,
                          text=True, timeout=WAIT, check=False)


def run_with(folder, name, text, *words):
    conf = folder / "weir.conf"
    conf.write_text(text)
    return run(name, "--config", conf, *words)


def test_options(name):
    for word in ("-h", "--help"):
        done = run(name, word)
        assert done.returncode == 0
        assert done.stdout.startswith(f"usage: {name} [-c FILE]")
    for word in ("-V", "--version"):
        done = run(name, word)
        assert done.returncode == 0 and done.stdout.startswith(f"{name} ")


@pytest.mark.parametrize("words", [["--nonsense"], ["word"], ["-c"]])
def test_a_wrong_command_line_is_64(name, words):
    done = run(name, *words)
    assert done.returncode == 64 and "usage: " in done.stderr


def test_mistakes_of_the_configuration_are_78(name, folder):
    done = run_with(folder, name, "nonsense = 1;\nprofile = 2;\n")
    assert done.returncode == 78
    assert "weir.conf:1: nonsense" in done.stderr
    assert "weir.conf:2: profile" in done.stderr


def test_a_missing_group_is_78(name, folder):
    done = run_with(folder, name, CONF.format(
        folder, group="no-such-group", target="stderr"), *USER)
    assert done.returncode == 78 and "groupadd" in done.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="root alone becomes another")
def test_a_missing_user_is_78(name, folder):
    done = run_with(folder, name, CONF.format(
        folder, group="", target="stderr"), "--user", "no-such-user")
    assert done.returncode == 78 and "useradd" in done.stderr


def test_a_socket_that_cannot_be_opened_is_71(name, folder):
    done = run_with(folder, name, CONF.format(
        folder / "nowhere", group="", target="stderr"), *USER)
    assert done.returncode == 71 and "cannot listen on" in done.stderr


def test_a_log_that_cannot_be_written_is_73(name, folder):
    done = run_with(folder, name, CONF.format(
        folder, group="", target=f"file:{folder}/nowhere/log"), *USER)
    assert done.returncode == 73 and "log.target" in done.stderr


def test_too_few_descriptors_are_said(name, folder):
    (folder / "weir.conf").write_text(CONF.format(
        folder / "nowhere", group="", target="stderr"))
    done = subprocess.run(
        [BUILD / name, "-c", folder / "weir.conf", *USER],
        capture_output=True, text=True, timeout=WAIT, check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE,
                                              (16, 16)))
    assert "may open 16 files (ulimit -n)" in done.stderr
