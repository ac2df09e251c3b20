"""Where weir-policyd logs, and how the lines read."""

import json
import signal
import threading

import pytest

from conftest import WAIT


@pytest.fixture
def weir(make_weir):
    weir = make_weir()
    weir.lines = weir.folder / "weir.log"
    weir.config.write_text(weir.config.read_text() + f"""
        log: {{ target = "file:{weir.lines}"; format = "json"; }};""")
    weir.start()
    return weir


def event(weir, name):
    """The first logged event of that name, when it is there."""
    for _ in range(WAIT * 20):
        lines = weir.lines.read_text() if weir.lines.exists() else ""
        for line in map(json.loads, lines.splitlines()):
            if line.get("event") == name:
                return line
        threading.Event().wait(0.05)
    raise AssertionError(f"no {name} in:\n{lines}")


def test_each_line_of_a_file_is_an_object(weir):
    started, marked = event(weir, "Started"), event(weir, "MarkedUnhealthy")
    assert started["program"] == "weir-policyd"
    assert started["pid"] == weir.process.pid
    assert marked["level"] == "info" and marked["host"] == "dr"
    assert marked["error"].startswith("ECONNREFUSED")


def test_a_reload_begins_the_file_anew_when_it_was_moved(weir):
    event(weir, "Started")
    weir.lines.rename(weir.folder / "weir.log.1")
    weir.process.send_signal(signal.SIGHUP)
    assert event(weir, "Reloaded")["generation"] == "2"


def test_a_reload_to_a_file_that_cannot_be_had_is_none(weir):
    event(weir, "Started")
    weir.config.write_text(weir.config.read_text().replace(
        str(weir.lines), "/nonexistent/weir.log"))
    weir.process.send_signal(signal.SIGHUP)
    assert "/nonexistent/weir.log" in event(weir, "ReloadRefused")["text"]
    assert weir.json("status")["generation"] == 1
