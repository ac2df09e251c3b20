"""A disk that can be full without harm to anybody else."""
import contextlib
import os
import shutil
import tempfile

import pytest

from harness.process import run
from harness.weir import USER


@pytest.fixture
def small_disk():
    """A directory with a file system of 8 MiB of its own."""
    path = tempfile.mkdtemp(prefix="weir-full-")
    run(["mount", "-t", "tmpfs", "-o", "size=8m", "weir-test", path])
    try:
        shutil.chown(path, USER)
        yield path
    finally:
        run(["umount", "-l", path])
        os.rmdir(path)


def fill_up(path):
    with open(path, "wb", buffering=0) as file:
        with contextlib.suppress(OSError):
            while True:
                file.write(bytes(4096))
