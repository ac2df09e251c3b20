import os
import re
import tempfile

import pytest

from daemon import Daemon
from state import State


@pytest.fixture
def place():
    """A directory the daemon's user may use; short, for socket paths."""
    with tempfile.TemporaryDirectory(prefix="weir-milter-") as path:
        os.chmod(path, 0o777)
        yield path


@pytest.fixture
def state(place):
    owner = State(f"{place}/state.sock").start()
    yield owner
    owner.stop()


@pytest.fixture
def daemons(place):
    """Makes daemons; each must end well and leave no sanitizer report."""
    made = []

    def make(start=True, options=(), **settings):
        daemon = Daemon(place, **settings)
        made.append(daemon)
        return daemon.start(*options) if start else daemon

    yield make
    for daemon in made:
        status = daemon.stop()
        log = daemon.log() if os.path.exists(daemon.log_path) else ""
        assert status in (None, 0), log
        assert not re.search("Sanitizer|runtime error", log), log


@pytest.fixture
def milter(state, daemons):
    """A weir-milter whose state is there and accepts everything."""
    return daemons()


@pytest.fixture
def alone(daemons):
    """A weir-milter whose state is away."""
    return daemons()
