"""
What breaks while mail flows, and what that costs: each test is one fault, and
one row of the table that stands at the end.

    make check-faults          (as root, in a build)

    WEIR_BUILD             the build whose daemons are tried
    WEIR_FAULT_MESSAGES    messages in flight each, 2000
    WEIR_FAULT_FRAMES      of garbage, 1000000
    WEIR_FAULT_TABLE       a file for the table, too
    WEIR_FAULT_SEED        of the random moments; told with the table
"""
import contextlib
import os
import random
import sys

import pytest

sys.path.insert(
    0, os.path.join(os.path.dirname(__file__), "..", "integration"))

from harness.fixtures import (  # noqa: E402, F401
    names, pytest_runtest_makereport, pytest_sessionstart, site, weir,
    whole_site,
)

import table  # noqa: E402
from fault import Fault, config  # noqa: E402

MESSAGES = int(os.environ.get("WEIR_FAULT_MESSAGES", "2000"))
SEED = os.environ.get("WEIR_FAULT_SEED") or str(random.randrange(1 << 32))
ROWS = []


@pytest.fixture
def fault(site, weir, request):
    """
    with fault("name", section="...", ...) as f: what happens while the
    messages of f are sent, by both daemons with that configuration. Behind
    it: the account, the row, and the test fails when the row is not clean.
    """
    dice = random.Random(SEED + request.node.name)

    @contextlib.contextmanager
    def happens(name, start=weir, **sections):
        start(**{**config(MESSAGES), **sections})
        f = Fault(site, name, MESSAGES, dice)
        try:
            yield f
            f.over()
        finally:
            f.join()
        row = f.account()
        ROWS.append(row)
        assert row.clean(), f"{row}\n{f.wrong}"

    return happens


def pytest_terminal_summary(terminalreporter):
    if not ROWS:
        return
    text = table.render(ROWS)
    terminalreporter.section(f"faults (WEIR_FAULT_SEED={SEED})")
    terminalreporter.write(text)
    path = os.environ.get("WEIR_FAULT_TABLE")
    if path:
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
