"""
The state is away, or hangs: what milter.on_state_loss names happens, in time,
and everything is back without a hand on it.
"""
import re
import signal
import threading
import time

from harness.client import numbered_message

ALICE = "alice@example.com"
BOB = "bob@example.com"

PER_USER = """( { name = "per-user"; what = "recipients"; by = [ "user" ];
  limit = "%s"; } )"""


def on_loss(how):
    """The milter's settings with that on_state_loss."""
    return (
        '{ listen = "unix:@DIR@/spool/weir/milter.sock"; '
        f'on_state_loss = "{how}"; }}'
    )


def send_as(site, ledger, user, service="submission", **what):
    with site.session(service) as session:
        site.login(session, user)
        return ledger.send(session, user, **what)


def test_tempfail_puts_mail_off_and_says_why(site, weir, ledger):
    w = weir(milter=on_loss("tempfail"))
    with site.session() as session:
        site.login(session, ALICE)
        assert ledger.send(session, ALICE).code == 250
        w.stop_policyd()
        reply = ledger.send(session, ALICE)
        assert reply.code == 451
        assert re.search(
            r"limits cannot be checked, try again later \(weir \w{6}\)",
            reply.text,
        )
        # a new connection is let in, so that it can be told
        assert send_as(site, ledger, BOB).code == 451
        w.start_policyd()
        w.milter.lines.wait("event=StateBack")
        # the session that saw the loss goes on
        assert ledger.send(session, ALICE).code == 250
    ledger.check()


def test_accept_lets_pass_uncounted_but_not_unchecked(site, weir, ledger):
    w = weir(milter=on_loss("accept"), throttles=PER_USER % "2/h")
    w.stop_policyd()
    for _ in range(4):
        assert send_as(site, ledger, ALICE).code == 250
    assert send_as(site, ledger, ALICE, header_from=BOB).code == 550
    w.start_policyd()
    w.milter.lines.wait("event=StateBack")
    # nothing was counted meanwhile, and the limit is in force again
    codes = [send_as(site, ledger, ALICE).code for _ in range(3)]
    assert codes == [250, 250, 451]
    ledger.check()


def test_local_holds_what_was_used_across_loss_and_return(
    site, weir, ledger
):
    w = weir(milter=on_loss("local"), throttles=PER_USER % "4/h")
    assert send_as(site, ledger, ALICE).code == 250
    w.stop_policyd()
    # local counters start at zero: four more here ...
    codes = [send_as(site, ledger, ALICE).code for _ in range(5)]
    assert codes == [250] * 4 + [451]
    w.start_policyd()
    w.milter.lines.wait("event=StateBack")
    (row,) = [r for r in w.ask("limits")["limits"] if r["key"] == ALICE]
    # ... which are reported, to the one that was on disk
    assert (row["rule"], row["used"], row["limit"]) == ("per-user", 5, 4)
    assert send_as(site, ledger, ALICE).code == 451
    assert send_as(site, ledger, BOB).code == 250
    ledger.check()


def test_what_was_charged_while_away_leaves_its_window_in_time(
    site, weir, ledger
):
    w = weir(
        milter=on_loss("local"),
        throttles="""( { name = "quick"; what = "messages"; by = [ "user" ];
          limit = [ "3/15s", "100/h" ]; } )""",
    )
    w.stop_policyd()
    began = time.monotonic()
    for _ in range(3):
        assert send_as(site, ledger, ALICE).code == 250
    charged = time.monotonic()
    assert charged - began < 10, "too slow a machine to tell"
    time.sleep(6)  # that time passes is what is tested
    w.start_policyd()
    w.milter.lines.wait("event=StateBack")
    reply = send_as(site, ledger, ALICE)
    while reply.code == 451:
        wait = int(re.search(r"try again in (\d+) s", reply.text)[1])
        # 15 s after they were charged, and not after they were reported
        assert time.monotonic() + wait < charged + 15 + 4, reply
        time.sleep(wait)
        reply = send_as(site, ledger, ALICE)
    assert reply.code == 250
    (row,) = [r for r in w.ask("limits")["limits"]
              if r["key"] == ALICE and r["limit"] == 100]
    assert row["used"] == 4
    ledger.check()


class Clients:
    """Clients that send without a pause; how long each command took."""

    def __init__(self, site, count=4):
        self._site = site
        self._going = True
        self._lock = threading.Lock()
        self._took = []
        self.codes = []
        self._threads = [
            threading.Thread(target=self._run, args=(user,))
            for user in (ALICE, BOB) * (count // 2)
        ]
        for thread in self._threads:
            thread.start()

    def _run(self, user):
        while self._going:
            # no policy service: it hangs too, and Postfix waits for that
            with self._site.session("unasked") as session:
                self._site.login(session, user)
                for _ in range(10):
                    self._message(session, user)

    def _message(self, session, user):
        steps = (
            lambda: session.mail(user),
            session.rcpt,
            lambda: session.data(numbered_message(user)),
        )
        for step in steps:
            began = time.monotonic()
            reply = step()
            with self._lock:
                self._took.append(time.monotonic() - began)
                self.codes.append(reply.code)

    def p99_of(self, count):
        """Of the next so many commands."""
        with self._lock:
            start = len(self._took)
        deadline = time.monotonic() + 60
        while len(self._took) < start + count:
            assert time.monotonic() < deadline, len(self._took) - start
            time.sleep(0.01)
        with self._lock:
            return sorted(self._took[start:])[-count // 100]

    def stop(self):
        self._going = False
        for thread in self._threads:
            thread.join()


def test_a_state_that_hangs_costs_its_deadline_and_no_more(site, weir):
    w = weir(milter=on_loss("local"))
    clients = Clients(site)
    try:
        usual = clients.p99_of(1500)
        w.policyd.signal(signal.SIGSTOP)
        try:
            hanging = clients.p99_of(1500)
            w.milter.lines.wait("event=StateLost")
        finally:
            w.policyd.signal(signal.SIGCONT)
        w.milter.lines.wait("event=StateBack")
        clients.p99_of(100)
    finally:
        clients.stop()
    print(f"p99: {usual * 1000:.0f} ms, hanging {hanging * 1000:.0f} ms")
    assert hanging - usual < 0.3
    assert set(clients.codes) == {250}
    assert len(w.milter.lines.find("event=StateLost")) == 1
