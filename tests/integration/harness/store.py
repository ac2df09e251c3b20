"""
What weir-policyd has on disk (common/core/counter_bytes.c has the format): so
that a test can wait until a kill -9 cannot forget it.
"""
import os
import sqlite3
import struct
import time

from .lines import PATIENCE


def stored(directory, rule, key):
    """What one counter of a rule by rates has counted, as the disk has it."""
    path = os.path.join(directory, "weir.db")
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as db:
        row = db.execute(
            "SELECT value FROM record WHERE kind = 'limit' AND key = ?",
            (f"{rule}\t{key}",),
        ).fetchone()
    return 0 if row is None else _count(row[0])


def _count(record):
    version, bins, width = record[0], record[6], record[7]
    assert version == 2 and width in (4, 8), record
    form = "<q" + ("I" if width == 4 else "Q")
    return sum(
        count for _, count in struct.iter_unpack(
            form, record[8:8 + bins * (8 + width)])
    )


def wait_stored(directory, rule, key, count, timeout=PATIENCE):
    end = time.monotonic() + timeout
    while (there := stored(directory, rule, key)) != count:
        assert time.monotonic() < end, f"{there} of {count} are on disk"
        time.sleep(0.02)
