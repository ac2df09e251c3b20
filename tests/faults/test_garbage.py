"""
A million frames that nobody meant, on each of two protocols: most of them have
the right form, so that they are taken apart.
"""
import os
import re
import sys

import pytest

from harness.process import Process

FRAMES = int(os.environ.get("WEIR_FAULT_FRAMES", "1000000"))
SPRAY = os.path.join(os.path.dirname(__file__), "spray.py")


@pytest.mark.parametrize("protocol", ["policy", "milter"])
def test_garbage(fault, protocol):
    with fault(f"{FRAMES} frames of garbage on the {protocol} socket") as f:
        f.until(0.1)
        spray = Process(
            "spray",
            ["nice", sys.executable, SPRAY, protocol,
             getattr(f.weir, f"{protocol}_socket"), str(FRAMES),
             str(f.dice.randrange(1 << 32))],
            os.devnull,
        )
        f.until(0.9)
        assert spray.wait(1800) == 0, spray.lines.tail()
        spray.lines.wait_end()
        known = re.search(r"(\d+) of \d+ frames", spray.lines.tail())[1]
        f.name += f", {known} taken apart"
        f.over()
    assert int(known) > 0.95 * FRAMES
    assert f.weir.policyd.lines.find("starting another") == []
    assert f.weir.milter.lines.find("starting another") == []
