"""
The wall clock steps while mail flows. libfaketime gives our daemons, and
nobody else, another one; the clock since boot, by which they count, is not
touched.
"""
import datetime
import glob
import time

import pytest

from harness.lines import PATIENCE
from harness.weir import config_text

HOUR, YEARS = 3600, 10 * 365 * 24 * 3600
STEPS = {"+1 h": HOUR, "-1 h": -HOUR, "+10 years": YEARS, "-10 years": -YEARS}


@pytest.fixture
def start(site):
    """start.step(seconds): from real time, for daemons started by it."""
    (library,) = glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")

    def step(seconds):
        site.place.write(f"{seconds:+d}\n", "faketime")

    def start_with(**sections):
        step(0)
        site.start_weir(config_text(**sections), {
            "LD_PRELOAD": library,
            "FAKETIME_TIMESTAMP_FILE": site.place.path("faketime"),
            "FAKETIME_CACHE_DURATION": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        })

    start_with.step = step
    return start_with


@pytest.mark.parametrize("name", STEPS)
def test_clock_steps(fault, start, name):
    with fault(f"clock stepped {name}", start=start) as f:
        f.until(0.3)
        start.step(STEPS[name])
        f.until(0.7)
        see_it_step(f.weir, STEPS[name])
        f.over()


def see_it_step(weir, step):
    """Or nothing was tried: an event bears the new time."""
    deadline = time.monotonic() + PATIENCE
    while abs(time.time() + step - time_of_an_event(weir)) > 60:
        assert time.monotonic() < deadline, "the clock does not step"


def time_of_an_event(weir):
    weir.ctl("drain", "c")
    weir.ctl("enable", "c")
    at = weir.ask("events", "-n", "1")["events"][0]["time"]
    return datetime.datetime.fromisoformat(at).timestamp()
