"""Runs each miltertest script beside this file against a real weir-milter.

The comments at a script's head set its stage, one a line:
  -- state: away            no state owner; else one that accepts everything
  -- says: ASKED => ACTION REASON NAME=VALUE...   what that one answers instead
  -- milter|listeners|identities|throttles: text for that part of weir.conf
and what must be seen once it has run:
  -- log: REGEX             in the log, in this order
  -- nolog: REGEX           nowhere in the log
  -- asked: WORDS           the beginning of a request, in this order
  -- notasked: WORDS
"""

import pathlib
import re
import subprocess

import pytest

from state import State, verdict

HERE = pathlib.Path(__file__).parent
SCRIPTS = sorted(p for p in HERE.glob("*.lua") if p.name != "lib.lua")
SETTINGS = ("milter", "listeners", "identities", "throttles")


def directives(script):
    found = []
    for line in script.read_text(encoding="utf-8").splitlines():
        match = re.match(r"-- (\w+): (.*)", line)
        if match:
            found.append(match.groups())
    return found


def all_of(found, name):
    return [value for key, value in found if key == name]


def answer(text):
    asked, said = text.split(" => ")
    action, reason, *rest = said.split()
    values = dict(word.split("=") for word in rest)
    return tuple(asked.split()), verdict(action, reason, **values)


def check_order(patterns, text, what):
    at = 0
    for pattern in patterns:
        match = re.compile(pattern).search(text, at)
        assert match, f"{what}: {pattern}\nnot (or not then) in\n{text}"
        at = match.end()


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda p: p.stem)
def test_script(script, place, daemons):
    found = directives(script)
    state = None
    if "away" not in all_of(found, "state"):
        state = State(f"{place}/state.sock").start()
        state.answers = dict(answer(a) for a in all_of(found, "says"))
    daemon = daemons(**{k: v for k, v in found if k in SETTINGS})

    done = subprocess.run(
        ["miltertest", "-s", str(script)], cwd=HERE, timeout=60,
        env={"MILTER_SOCKET": daemon.socket},
        capture_output=True, text=True, check=False)
    said = done.stdout + done.stderr
    assert done.returncode == 0 and "error" not in said, said + daemon.log()

    if state is not None:
        asked = all_of(found, "asked")
        if asked:
            state.wait(*asked[-1].split())
        lines = "\n".join(" ".join(r) for r in state.asked)
        check_order([f"(?m)^{re.escape(a.rstrip())}" for a in asked], lines,
                    "asked")
        for words in all_of(found, "notasked"):
            assert not re.search(f"(?m)^{words}", lines), lines
        state.stop()
    daemon.stop()
    check_order(all_of(found, "log"), daemon.log(), "log")
    for pattern in all_of(found, "nolog"):
        assert not re.search(pattern, daemon.log()), daemon.log()
