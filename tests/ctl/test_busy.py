"""What goes on beside the answers must not hold them up."""

import threading
import time

import pytest

from conftest import WAIT
from test_map import Map

LINES = 50000
SENT = (
    "Nov 23 12:02:35 mx postfix/relay/smtp[{pid}]: {queue_id}: "
    "to=<x@far.example>, relay=127.0.0.1[127.0.0.1]:{port}, delay=0.1, "
    "delays=0/0/0.1/0, dsn=2.0.0, status=sent (250 2.0.0 Ok)\n"
)


@pytest.fixture
def weir(make_weir):
    weir = make_weir()
    (weir.folder / "maillog").touch()
    text = weir.config.read_text()
    weir.config.write_text(text.replace(
        'source = "none"', f'source = "file:{weir.folder}/maillog"'))
    weir.start()
    return weir


def beside(work, done):
    """Does it in a thread; done is set when that ends, however it does."""

    def run():
        try:
            work()
        finally:
            done.set()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def longest(ask, until):
    """Asks until told to stop; how often, and the longest answer took."""
    times = []
    while not until.is_set():
        began = time.monotonic()
        ask(len(times))
        times.append(time.monotonic() - began)
    return len(times), max(times)


def test_a_burst_of_the_log_is_read_whole_and_holds_nobody_up(weir):
    """Two kinds of answers meanwhile; each comes in time."""
    done = threading.Event()

    def burst():
        port = weir.hosts[0].port
        lines = "".join(
            SENT.format(pid=n % 50, queue_id=f"A{n:08X}", port=port)
            for n in range(LINES))
        with (weir.folder / "maillog").open("a") as log:
            log.write(lines)
        end = time.monotonic() + WAIT
        while (weir.json("host", "isp-a")["delivered"] < LINES
               and time.monotonic() < end):
            pass

    thread = beside(burst, done)
    with Map(weir) as client:

        def ask(n):
            answer = weir.ask_policy(
                instance=f"busy{n}", sender="a@b.example",
                recipient="x@far.example", server_port="25")
            assert answer.startswith("FILTER relay:")
            assert client.ask("sender", f"{n}@b.example").startswith("OK ")

        asked, slowest = longest(ask, done)
    thread.join()
    assert weir.json("host", "isp-a")["delivered"] == LINES
    assert asked > 20
    assert slowest < 2


def test_the_last_good_answer_stands_while_reloading(weir):
    """Also while one is refused: never an error, never a wait."""
    done = threading.Event()
    good = weir.config.read_text()
    told = []

    def reload():
        for n in range(6):
            weir.config.write_text(good + n % 2 * "nonsense = 1;")
            told.append(weir.run("reload").returncode)

    thread = beside(reload, done)
    with Map(weir) as client:

        def ask(n):
            assert client.ask("sender", f"{n}@b.example").startswith(
                "OK relay:[127.0.0.1]:")

        asked, slowest = longest(ask, done)
    thread.join()
    assert told == [0, 1] * 3
    assert asked > 20
    assert slowest < 2
