"""Completion in bash and zsh, against the commands and options there are."""

import os
import pathlib
import re
import shutil
import subprocess

import pytest

from conftest import BUILD, WAIT

TOP = pathlib.Path(__file__).parents[2] / "contrib/completion"

BASH = r"""
. "$0"
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
_weirctl
printf '%s\n' "${COMPREPLY[@]}"
"""
ZSH = r"""
compadd() { print -l -- ${@:2} }
words=("$@")
CURRENT=$#
. $0
"""
SHELLS = {
    "bash": lambda *words: ["bash", "-c", BASH, TOP / "bash/weirctl", *words],
    "zsh": lambda *words: ["zsh", "-f", "-c", ZSH, TOP / "zsh/_weirctl",
                           *words],
}


def weirctl_help(*words):
    return subprocess.run([BUILD / "weirctl", "help", *words],
                          capture_output=True, text=True, timeout=WAIT,
                          check=True).stdout


def commands():
    """Each with its words: ["config", "check"]."""
    lines = re.findall(r"(?m)^  ([a-z]+(?: [a-z]+)?)(?: [A-Z\[].*)?  ",
                       weirctl_help())
    assert "status" in lines and "config check" in lines
    return [line.split() for line in lines]


def options(text):
    return set(re.findall(r"--[a-z][a-z-]*", text))


@pytest.fixture(params=SHELLS)
def complete(request):
    assert shutil.which(request.param), f"{request.param} is not installed"
    env = {**os.environ, "PATH": f"{BUILD}:{os.environ['PATH']}"}

    def run(*words):
        done = subprocess.run(
            SHELLS[request.param]("weirctl", *words), env=env, text=True,
            capture_output=True, timeout=WAIT, check=True)
        assert done.stderr == ""
        return {word for word in done.stdout.split("\n")
                if word.startswith(words[-1])} - {""}

    return run


def test_first_word_is_every_command(complete):
    found = complete("")
    assert {words[0] for words in commands()} <= found
    assert options(weirctl_help()) <= found


def test_second_word_of_commands_that_have_two(complete):
    assert {"check", "show"} <= complete("config", "")
    assert "reset" in complete("limits", "")


def test_every_command_completes_its_options(complete):
    for words in commands():
        found = complete(*words, "--")
        assert found == {option for option in options(weirctl_help(*words))
                         if option != "--"}


def test_options_with_values_do_not_count_as_commands(complete):
    assert complete("-c", "/etc/weir.conf", "drain", "--f") == {"--for"}
    assert complete("-C", "/etc/postfix", "postfix", "--so") == {
        "--socketmap"}
    assert "reset" in complete("limits", "-n", "5", "")
    assert "reset" in complete("limits", "--key", "alice", "")
    assert "hosts" in complete("help", "")


def test_a_value_is_not_an_option(complete):
    assert complete("events", "-n", "") == set()
    assert complete("explain", "--user", "") == set()
    assert "--sender" in complete("explain", "--user", "alice", "")
