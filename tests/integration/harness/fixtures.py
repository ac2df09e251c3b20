"""
Fixtures of the tests that drive real mail, for their conftest.py to import.
One mail system serves all of a run; each test finds every smart host alive
and well behaved, and an account of its own.
"""
import os
import signal

import pytest

from .nameserver import of_postfix
from .site import Site
from .weir import config_text


def pytest_sessionstart(session):
    if os.geteuid() != 0:
        pytest.exit("these tests start a Postfix: run as root", 1)
    # TERM ends the session as Ctrl-C does, so that everything is stopped
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)


@pytest.fixture(scope="session")
def whole_site():
    with Site("weir-test-", test_services=True) as site:
        yield site


@pytest.fixture
def site(whole_site):
    for host in whole_site.hosts:
        host.behave()
        if not host.alive():
            host.start()
    return whole_site


@pytest.fixture
def ledger(site):
    return site.ledger()


@pytest.fixture
def weir(site):
    """
    weir(section="...", ...) starts both daemons with that configuration
    (harness/weir.py, SECTIONS); stopped after the test, which fails when one
    did not end well or a sanitizer complained.
    """
    yield lambda **sections: site.start_weir(config_text(**sections))
    site.stop_weir()


@pytest.fixture
def names(site):
    """The name server of the chrooted smtp(8), and of whoever asks it."""
    server = of_postfix(site.place)
    yield server
    server.close()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """What Postfix and the daemons said stands below a failure."""
    outcome = yield
    report = outcome.get_result()
    arguments = getattr(item, "funcargs", {})
    site = arguments.get("whole_site") or arguments.get("newcomer")
    if report.failed and site:
        for name, text in site.logs():
            report.sections.append((name, text))
