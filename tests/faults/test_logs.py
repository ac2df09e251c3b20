"""The logs: the mail log, which we read, and our own, which we write."""
import contextlib
import os
import re

import pytest

from disk import fill_up, small_disk  # noqa: F401
from harness.lines import FileLines
from harness.process import run
from harness.weir import config_text

LINE = r"^\S+Z weir-(policyd|milter)\[\d+\]: "


def test_mail_log_gone(site, fault):
    """A host dies while there is no log to tell of it: probes do."""
    with fault("mail log removed, and a smart host dies") as f:
        f.until(0.2)
        os.unlink(site.postfix.log_path)
        f.until(0.4)
        site.b.kill()
        f.weir.policyd.lines.wait("event=MarkedUnhealthy host=b")
        f.until(0.7)
        site.b.start()
        new_log(site)
        f.over()


def new_log(site):
    """As logrotate leaves it: an empty file, and Postfix is told."""
    open(site.postfix.log_path, "ab").close()
    run(["postfix", "-c", site.postfix.config_directory, "reload"])


def test_mail_log_rotated(site, fault):
    with fault("mail log rotated, 5 times") as f:
        for n, _ in enumerate(f.moments(5)):
            os.rename(site.postfix.log_path, f"{site.postfix.log_path}.{n}")
            new_log(site)
        site.b.kill()
        f.weir.policyd.lines.wait("event=MarkedUnhealthy host=b")
        site.b.start()
        f.over()


@pytest.fixture
def logged(site, small_disk):
    """logged(...) starts the daemons, which log to logged.path then."""

    def start(**sections):
        log = f'{{ target = "file:{start.path}"; }}'
        site.start_weir(config_text(**sections))  # where it is awaited
        site.weir.write(config_text(**sections, log=log))
        site.weir.ctl("reload")

    start.path = os.path.join(small_disk, "weir.log")
    return start


def test_own_log(small_disk, fault, logged):
    """Each line stands in the file, or is counted among those lost."""
    filler = os.path.join(small_disk, "filler")
    with (contextlib.closing(FileLines(logged.path)) as lines,
          fault("own log rotated, gone, its disk full", start=logged) as f):
        f.listen_to(lines)
        f.until(0.2)
        os.rename(logged.path, logged.path + ".1")
        say_something(f.weir)
        assert reads(logged.path + ".1") and reads(logged.path)
        f.until(0.4)
        os.unlink(logged.path)
        say_something(f.weir)
        assert reads(logged.path)
        f.until(0.6)
        fill_up(filler)
        say_something(f.weir)
        f.until(0.8)
        os.unlink(filler)
        say_something(f.weir)
        lines.wait("log lines were lost")
        f.over()
    strange = [x for x in reads(logged.path) if not re.search(LINE, x)]
    assert len(strange) <= 2, strange  # half a line of each, no more


def say_something(weir):
    """Some pages of log, for longer than the file is not looked at."""
    for _ in range(60):
        weir.ctl("drain", "c")
        weir.ctl("enable", "c")


def reads(path):
    with open(path, encoding="utf-8") as file:
        return file.read().splitlines()
