"""The command line: help, mistakes, and a state that is away."""

import json
import subprocess

import pytest

from conftest import BUILD, WAIT

COMMANDS = {
    "status": (), "hosts": (), "host": ("isp-a",), "drain": ("isp-a",),
    "down": ("isp-a",), "enable": ("isp-a",), "probe": ("isp-a",),
    "explain": ("--sender", "a@example.com"), "limits": (),
    "limits reset": ("alice",),
    "connections": (), "events": (), "reload": (), "config check": (),
    "config show": (),
    "postfix": (), "doctor": (),
}
LOCAL = ("config check", "config show", "postfix", "doctor")
ASKING = [name for name in COMMANDS if name not in LOCAL]


def weirctl(*words, **more):
    return subprocess.run([BUILD / "weirctl", *words], capture_output=True,
                          text=True, timeout=WAIT, check=False, **more)


def test_help_names_every_command():
    done = weirctl("help")
    assert done.returncode == 0
    assert all(f"\n  {name}" in done.stdout for name in COMMANDS)
    assert weirctl("--help").stdout == done.stdout


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help(name):
    words = name.split()
    done = weirctl(*words, "--help")
    assert done.returncode == 0
    assert f"--json] {name}" in done.stdout
    assert weirctl("help", *words).stdout == done.stdout
    assert weirctl("--help", *words).stdout == done.stdout
    assert "\\x" not in done.stdout, "its lines are lines"


@pytest.mark.parametrize("words, said", [
    ((), "COMMAND"),
    (("hots",), "did you mean hosts?"),
    (("config", "chekc"), "did you mean config check?"),
    (("zzz",), "there is no command zzz\n"),
    (("--jsn", "hosts"), "did you mean --json?"),
    (("drain", "isp-a", "--fro", "2h"), "did you mean --for?"),
    (("drain",), "drain needs NAME"),
    (("drain", "a", "b"), "drain takes no argument beyond NAME"),
    (("hosts", "x"), "hosts takes no argument"),
    (("drain", "isp-a", "--for", "soon"), "2h"),
    (("drain", "isp-a", "--for", "0"), "2h"),
    (("explain",), "explain needs --sender"),
    (("explain", "-s", "a@b", "--client", "nonsense"), "an IP address"),
    (("explain", "-s", "a@b", "-r", "not an address"), "with its domain"),
    (("explain", "-s", "a@b", "-r", "c@d", "-r", "<>"), "with its domain"),
    (("explain", "-s", "a@b", "-r", "c@" + "d" * 319), "with its domain"),
    (("limits", "--top", "0"), "--top 0"),
    (("events", "-n", "x"), "-n x"),
    (("help", "hots"), "did you mean hosts?"),
    (("explain", "--sender", "a@b", *["-r", "c@d"] * 21), "20 recipients"),
])
def test_mistakes_are_usage_and_say_what_is_right(words, said):
    done = weirctl(*words)
    assert done.returncode == 2
    assert said in done.stderr
    assert done.stdout == ""


def test_version():
    assert weirctl("-V").stdout.startswith("weirctl ")


@pytest.mark.parametrize("name", ASKING)
def test_state_away_is_exit_3_and_says_why(name, tmp_path):
    config = tmp_path / "weir.conf"
    config.write_text(f'state: {{ socket = "{tmp_path}/none.sock"; }};')
    words = ("-c", config, *name.split(), *COMMANDS[name])
    done = weirctl(*words)
    assert (done.returncode, done.stdout) == (3, "")
    assert "weir-policyd is not running" in done.stderr
    done = weirctl("--json", *words)
    assert done.returncode == 3
    assert "not running" in json.loads(done.stdout)["error"]


def test_a_named_configuration_must_be_there():
    assert weirctl("-c", "/nonexistent", "hosts").returncode == 2


def test_a_mistake_elsewhere_does_not_keep_from_the_socket(tmp_path):
    config = tmp_path / "weir.conf"
    config.write_text(
        f'state: {{ socket = "{tmp_path}/s"; }}; smart_hosts = "x"; bad = 1;')
    done = weirctl("-c", config, "hosts")
    assert done.returncode == 3
    assert f"{tmp_path}/s" in done.stderr


def test_what_cannot_be_told_is_an_error():
    done = subprocess.run(["sh", "-c", 'exec "$0" --version >&-',
                           BUILD / "weirctl"], capture_output=True, text=True,
                          timeout=WAIT, check=False)
    assert done.returncode == 1 and "standard output" in done.stderr
