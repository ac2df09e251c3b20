"""Mistakes in weir.conf are told all at once, by every program alike."""
import os

import pytest

from harness.process import run
from harness.weir import SANITIZER_ENV, USER, Weir, config_text, program

EX_CONFIG = 78

MISTAKES = {
    "routes": '( { name = "all"; connector = "nosuch"; } )',
    "health": '{ ladder = "soon"; heartbeat = "30s"; colour = "red"; }',
    "throttles": """( { name = "t"; what = "recipients"; by = [ "user" ];
  limit = "lots"; } )""",
}

WORDS = ["nosuch", "ladder", "colour", "lots"]


def line_of(path, word):
    with open(path, encoding="utf-8") as file:
        return next(n for n, line in enumerate(file, 1) if word in line)


@pytest.mark.parametrize("supervise", [[], ["--supervise"]])
@pytest.mark.parametrize("name", ["weir-policyd", "weir-milter"])
def test_a_daemon_refuses_to_start_and_says_every_mistake(
    site, name, supervise
):
    w = Weir(site, config_text(**MISTAKES))
    done = run([program(name), *supervise, "-u", USER, "-c", w.conf],
               env=SANITIZER_ENV, check=False)
    assert done.returncode == EX_CONFIG
    for word in WORDS:
        where = f"{w.conf}:{line_of(w.conf, word)}: "
        assert any(where in line and word in line
                   for line in done.stderr.splitlines()), (word, done.stderr)
    assert not os.path.exists(w.policy_socket)


def test_weirctl_says_the_same(site):
    w = Weir(site, config_text(**MISTAKES))
    done = w.ctl("config", "check", check=False)
    assert done.returncode == 1
    for word in WORDS:
        assert f"{w.conf}:{line_of(w.conf, word)}: " in (
            done.stdout + done.stderr)
    w.write(config_text())
    assert w.ctl("config", "check").returncode == 0


def test_a_syntax_error_comes_alone_with_its_line(site):
    w = Weir(site, config_text() + "\nhealth = {{\n")
    done = run([program("weir-policyd"), "-u", USER, "-c", w.conf],
               env=SANITIZER_ENV, check=False)
    assert done.returncode == EX_CONFIG
    assert f"{w.conf}:" in done.stderr


def test_a_file_that_is_not_there_is_named(site):
    for name in ("weir-policyd", "weir-milter"):
        done = run([program(name), "-u", USER, "-c", "/nonexistent/weir.conf"],
                   env=SANITIZER_ENV, check=False)
        assert done.returncode != 0
        assert "/nonexistent/weir.conf" in done.stderr
