"""
What breaks around Weir, and Weir's own processes killed: no message lost or
doubled, none unchecked, and everything back without a hand on it.
"""
import signal
import socket
import time

from harness.client import numbered_message
from harness.lines import PATIENCE

ALICE = "alice@example.com"
BOB = "bob@example.com"

CALM = '{ ladder = "1h"; heartbeat = "0"; }'
PER_USER = """( { name = "per-user"; what = "recipients"; by = [ "user" ];
  limit = "%s"; } )"""


def send_as(site, ledger, user, service="submission", **what):
    with site.session(service) as session:
        site.login(session, user)
        return ledger.send(session, user, **what)


def test_seed_5_10_policyd_killed_costs_nobody_an_answer(
    site, weir, ledger
):
    w = weir(health=CALM)
    traffic = site.traffic(ledger, 800)
    for sent in (150, 350, 550):
        ledger.wait_booked(sent)
        w.policyd.kill_worker(signal.SIGKILL)
    traffic.join()
    assert not ledger.refused
    assert len(ledger.accepted) == 800
    ledger.check()


def test_a_new_policyd_knows_what_the_killed_one_knew(site, weir, ledger):
    w = weir(health=CALM, throttles=PER_USER % "5/h")
    site.b.kill()
    for _ in range(4):
        send_as(site, ledger, BOB)
    w.policyd.lines.wait("event=MarkedUnhealthy host=b")
    w.ctl("drain", "c")
    for _ in range(4):
        assert send_as(site, ledger, ALICE).code == 250
    let_it_be_flushed(site)
    w.policyd.kill_worker(signal.SIGKILL)
    assert w.host("b")["state"] == "unhealthy"
    assert w.host("c")["state"] == "drained"
    assert send_as(site, ledger, ALICE).code == 250
    assert send_as(site, ledger, ALICE).code == 451
    ledger.check()


def test_a_message_in_progress_keeps_its_way_across_a_restart(
    site, weir, ledger
):
    """Only the milter knows that no recipient is local: it says so again."""
    w = weir(health=CALM, routes='( { name = "all"; host = "c"; } )')
    two = ("x@one.example", "y@two.example")
    mark = site.inbox.mark()
    with site.session() as session:
        site.login(session, ALICE)
        session.mail(ALICE)
        for recipient in two:
            assert session.rcpt(recipient).code == 250
        w.policyd.kill_worker(signal.SIGKILL)
        deadline = time.monotonic() + PATIENCE
        while not w.ask("status")["milters"]:
            assert time.monotonic() < deadline, "the milter does not return"
        assert session.data(numbered_message(ALICE)).code == 250
    (took,) = site.inbox.wait_for(bool, "it", mark)
    assert (took.host, took.recipients) == ("c", two)


def let_it_be_flushed(site):
    """Other people's mail for longer than flush_interval."""
    end = time.monotonic() + 0.5
    with site.session("plain") as session:
        while time.monotonic() < end:
            session.command("NOOP")


def test_milter_killed_under_traffic_lets_nothing_pass_unchecked(
    site, weir, ledger
):
    w = weir(health=CALM)
    honest = site.traffic(ledger, 500)
    spoofed = site.ledger()
    # short sessions: Postfix slows down clients that make many errors
    spoofers = site.traffic(spoofed, 500, users=[ALICE], per_session=5,
                            header_from=BOB)
    for sent in (100, 200, 300):
        ledger.wait_booked(sent)
        w.milter.kill_worker(signal.SIGKILL)
    honest.join()
    spoofers.join()
    assert {r.code for r in ledger.refused.values()} <= {451}
    assert not spoofed.accepted
    assert {r.code for r in spoofed.refused.values()} <= {451, 550}
    assert 550 in {r.code for r in spoofed.refused.values()}
    ledger.check()
    spoofed.check()
    assert send_as(site, ledger, ALICE).code == 250


def test_while_policyd_is_away_limits_go_on_and_mail_by_the_static_list(
    site, weir, ledger
):
    w = weir(health=CALM, throttles=PER_USER % "3/h")
    w.stop_policyd()
    assert send_as(site, ledger, ALICE, header_from=BOB).code == 550
    codes = [send_as(site, ledger, ALICE).code for _ in range(4)]
    assert codes == [250, 250, 250, 451]
    w.milter.lines.wait("event=StateLost")
    ledger.check()
    assert ledger.by_host() == {"a": 3}  # the first of default_transport
    w.start_policyd()
    w.milter.lines.wait("event=StateBack")
    # what was counted meanwhile was reported
    assert send_as(site, ledger, ALICE).code == 451
    assert send_as(site, ledger, BOB).code == 250


GARBAGE = {
    "binary": bytes(range(256)) * 4 + b"\n\n",
    "http": b"GET / HTTP/1.0\r\nHost: x\r\n\r\n",
    "endless": b"x" * 200000,
    "nested": b"*1\r\n*1\r\n*1\r\n",
    "huge": b"*1\r\n$999999999\r\n",
}


def closed_by_peer(path, data):
    """Sends data; did the other side close, and how?"""
    with socket.socket(socket.AF_UNIX) as sock:
        sock.settimeout(10)
        sock.connect(path)
        try:
            sock.sendall(data)
            while sock.recv(4096):
                pass
        except (ConnectionResetError, BrokenPipeError):
            pass
    return True


def test_garbage_closes_that_connection_with_one_line(site, weir, ledger):
    w = weir()
    traffic = site.traffic(ledger, 300)
    lines = w.policyd.lines
    mark = lines.mark()
    for name in ("binary", "http", "endless"):
        before = lines.mark()
        assert closed_by_peer(w.policy_socket, GARBAGE[name])
        lines.wait("policy", before)
    for name in ("binary", "http", "endless", "nested", "huge"):
        before = lines.mark()
        assert closed_by_peer(w.socket, GARBAGE[name])
        lines.wait("state", before)
    traffic.join()
    assert not ledger.refused
    ledger.check()
    assert len(lines.all) - mark == 8, lines.all[mark:]


def test_garbage_on_the_milter_socket_disturbs_nobody(site, weir, ledger):
    w = weir()
    traffic = site.traffic(ledger, 200)
    for data in GARBAGE.values():
        assert closed_by_peer(w.milter_socket, data)
    traffic.join()
    assert not ledger.refused
    ledger.check()


def test_many_idle_connections_disturb_nobody(site, weir, ledger):
    w = weir()
    held = []
    for _ in range(300):
        sock = socket.socket(socket.AF_UNIX)
        sock.connect(w.policy_socket)
        sock.send(b"request=smtpd_access_policy\n")
        held.append(sock)
    site.traffic(ledger, 40).join()
    assert not ledger.refused
    ledger.check()
    for sock in held:
        sock.close()
