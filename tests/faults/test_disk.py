"""The disk under the state: full, and a database that is not what it was."""
import contextlib
import os
import shutil
import signal
import sqlite3

import pytest

from disk import fill_up, small_disk  # noqa: F401
from harness.weir import USER, config_text


def test_disk_full(site, fault, small_disk):
    def start(**sections):
        text = config_text(**sections).replace("@STATE@", small_disk)
        site.start_weir(text)

    with fault("disk full under the database", start=start) as f:
        lines = f.weir.policyd.lines
        f.until(0.2)
        fill_up(os.path.join(small_disk, "filler"))
        f.until(0.6)
        lines.wait("cannot be written: .*kept in memory")
        os.unlink(os.path.join(small_disk, "filler"))
        f.over(lambda: lines.find("written again, nothing was lost"))
    assert len(lines.find("cannot be written")) == 1


def flip_bytes(path, dice):
    with open(path, "r+b") as file:
        size = file.seek(0, os.SEEK_END)
        for _ in range(64):
            at = dice.randrange(size)
            file.seek(at)
            old = file.read(1)[0]
            file.seek(at)
            file.write(bytes([old ^ dice.randrange(1, 256)]))


def truncate(path, dice):
    os.truncate(path, dice.randrange(1, os.path.getsize(path)))


def replace(path, _):
    """Somebody else's database under our name."""
    with contextlib.closing(sqlite3.connect(path + ".other")) as db:
        db.execute("CREATE TABLE recipe (cake TEXT)")
        db.commit()
    os.replace(path + ".other", path)
    shutil.chown(path, USER)


def change_records(path, dice):
    """No page is wrong: only what stands in it."""
    with contextlib.closing(sqlite3.connect(path)) as db:
        for kind, key, value in db.execute("SELECT kind, key, value"
                                           " FROM record").fetchall():
            at = dice.randrange(len(value))
            other = bytes([value[at] ^ 1])
            db.execute("UPDATE record SET value = ? WHERE kind = ? AND"
                       " key = ?", (value[:at] + other + value[at + 1:],
                                    kind, key))
        db.commit()


DAMAGES = {"a byte flipped in each record": change_records,
           "bytes flipped": flip_bytes, "truncated": truncate,
           "a foreign file": replace}


@pytest.mark.parametrize("how", DAMAGES)
def test_database_damaged(fault, how):
    with fault(f"database damaged: {how}, and kill -9") as f:
        path = os.path.join(f.weir.directory, "weir.db")
        lines = f.weir.policyd.lines
        for share in (0.3, 0.6):
            f.until(share)
            mark = lines.mark()
            put_all_in_the_file(path)
            DAMAGES[how](path, f.dice)
            with f.state_dies():
                f.weir.policyd.kill_worker(signal.SIGKILL)
            lines.wait("cannot be used: .*set aside as .*starting fresh", mark)


def put_all_in_the_file(path):
    """Or what is in the log beside it mends the damage."""
    with contextlib.closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA busy_timeout = 5000")
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
