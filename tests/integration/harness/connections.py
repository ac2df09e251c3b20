"""What is open, as weirctl connections says."""

import time

from harness.lines import PATIENCE


def connections(w):
    rows = w.ask("connections")["connections"]
    return {(row["listener"], row["source"]): row for row in rows}


def wait_open(w, wanted):
    """Until just these have connections open: (listener, source) -> number."""
    deadline = time.monotonic() + PATIENCE
    while True:
        rows = connections(w)
        now = {key: row["open"] for key, row in rows.items() if row["open"]}
        if now == wanted:
            return rows
        assert time.monotonic() < deadline, rows
        time.sleep(0.05)
