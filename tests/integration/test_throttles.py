"""
Throttles through a real Postfix: everything that can be counted, what becomes
of mail beyond a limit, and who is excepted or has a rule of his own.
"""
import itertools
import signal

import pytest

from harness.client import numbered_message
from harness.store import wait_stored
from harness.weir import config_text

ALICE = "alice@example.com"
BOB = "bob@example.com"
PLACES = [f"203.0.113.{n}" for n in range(1, 5)]

_ports = itertools.count(30000)


def throttle(name="t", **settings):
    """One throttle of weir.conf; strings are given as they stand there."""
    text = "".join(f" {k} = {v};" for k, v in settings.items())
    return f'{{ name = "{name}";{text} }}'


def throttles(*rules):
    return "( " + ", ".join(rules) + " )"


def per_user(what, limit, action="defer", **more):
    return throttle(what=f'"{what}"', by='"user"', limit=f'"{limit}"',
                    action=f'"{action}"', **more)


def as_client(site, addr, login="alice"):
    session = site.session("xclient")
    session.ehlo()
    reply = session.xclient(addr=addr, port=next(_ports), login=login)
    assert reply.code == 220, reply
    return session


def send_as(site, ledger, user, **what):
    with site.session() as session:
        site.login(session, user)
        return ledger.send(session, user, **what)


def row_of(weir, key, rule="t"):
    rows = weir.ask("limits", "--key", key)["limits"]
    return next((row for row in rows if row["rule"] == rule), None)


# --- bytes ---


def test_bytes_are_those_of_the_message_as_it_came(site, weir, ledger):
    w = weir(throttles=throttles(per_user("bytes", "3000/h")))
    message = numbered_message(ALICE, size=1000)
    with site.session() as session:
        site.login(session, ALICE)
        assert session.send(message, ALICE).code == 250
        assert row_of(w, ALICE)["used"] == len(message.text)
        # it did not say how large it would be: refused when it is there
        reply = session.send(numbered_message(ALICE, size=3000), ALICE)
        assert reply.code == 451
        assert reply.text.startswith(
            "4.7.1 limit t: 3000 bytes/1h used, try again in ")
        # and what the refused one was charged came back
        assert row_of(w, ALICE)["used"] == len(message.text)
        assert session.send(numbered_message(ALICE, size=1000),
                            ALICE).code == 250


def test_size_that_cannot_fit_is_refused_before_it_comes(site, weir):
    w = weir(throttles=throttles(per_user("bytes", "10k/h", "reject")))
    with site.session() as session:
        site.login(session, ALICE)
        reply = session.command(f"MAIL FROM:<{ALICE}> SIZE=20000")
        assert (reply.code, reply.text[:7]) == (550, "5.7.1 l"), reply
        assert session.command(f"MAIL FROM:<{ALICE}> SIZE=9000").code == 250
        session.rset()
    assert row_of(w, ALICE) is None  # asked about, not charged


def test_a_message_refused_for_its_from_gives_all_back(site, weir, ledger):
    w = weir(throttles=throttles(
        throttle("b", what='"bytes"', by='"user"', limit='"1M/h"'),
        throttle("m", what='"messages"', by='"user"', limit='"5/h"'),
        throttle("r", what='"recipients"', by='["user","recipient-domain"]',
                 limit='"5/h"'),
        throttle("c", what='"clients"', by='"user"', limit='"5/h"')))
    for _ in range(8):
        assert send_as(site, ledger, ALICE, header_from=BOB).code == 550
    assert w.ask("limits")["limits"] == []
    assert send_as(site, ledger, ALICE).code == 250
    rows = {row["rule"]: row for row in w.ask("limits")["limits"]}
    assert set(rows) == {"b", "m", "r", "c"}
    assert rows["r"]["key"] == ALICE + "|remote.example"
    assert [rows[r]["used"] for r in "mrc"] == [1, 1, 1]
    ledger.check()


def test_all_recipients_come_back(site, weir, ledger):
    """Counted in parts and by several periods, beyond 128 charges."""
    w = weir(throttles=throttles(
        throttle("r", what='"recipients"', by='"user"',
                 limit='[ "400/h", "1000/d" ]'),
        throttle("d", what='"recipients"', by='"recipient-domain"',
                 limit='[ "40/h", "1000/d" ]')))
    recipients = [f"r@d{n}.example" for n in range(150)]
    for _ in range(3):
        assert send_as(site, ledger, ALICE, header_from=BOB,
                       recipients=recipients).code == 550
    assert w.ask("limits")["limits"] == []


def test_a_message_that_lost_all_recipients_to_a_limit_is_none(
        site, weir, ledger):
    w = weir(throttles=throttles(
        throttle("m", what='"messages"', by='"user"', limit='"3/h"'),
        throttle("r", what='"recipients"', by='"user"', limit='"1/h"')))
    for away in (False, True):
        if away:  # counted by the milter, from nothing
            w.stop_policyd()
        with site.session() as session:
            site.login(session, ALICE)
            assert ledger.send(session, ALICE).code == 250
            for _ in range(4):
                assert session.command(f"MAIL FROM:<{ALICE}>").code == 250
                assert session.command("RCPT TO:<x@y.example>").code == 451
                session.rset()
            # what the client gives up before any recipient is one
            codes = []
            for _ in range(3):
                codes.append(session.command(f"MAIL FROM:<{ALICE}>").code)
                session.rset()
            assert codes == [250, 250, 451]
    ledger.check()


# --- clients ---


def test_a_login_from_too_many_networks(site, weir, ledger):
    w = weir(throttles=throttles(per_user("clients", "2/h", "reject")))
    codes = [ledger.send(as_client(site, addr), ALICE).code
             for addr in PLACES + PLACES[:2]]
    assert codes == [250, 250, 550, 550, 250, 250]
    assert ledger.send(as_client(site, PLACES[3], "bob"), BOB).code == 250
    row = row_of(w, "alice")  # the realm is added
    assert (row["key"], row["what"], row["used"]) == (ALICE, "clients", 2)
    assert sorted(row["networks"]) == PLACES[:2]
    ledger.check()


def test_a_stolen_login_is_seen_when_it_is_only_observed(site, weir, ledger):
    w = weir(throttles=throttles(per_user("clients", "1/h", "observe")))
    for addr in PLACES:
        assert ledger.send(as_client(site, addr), ALICE).code == 250
    w.policyd.lines.wait("event=LimitObserved rule=t key=alice")
    assert "more than 1" in w.ctl("limits").stdout
    ledger.check()


# --- connections ---


@pytest.mark.parametrize("action,code", [
    ("defer", 451), ("reject", 550), ("disconnect", 421)])
def test_new_connections_of_a_client_are_counted(
    site, weir, ledger, action, code
):
    w = weir(throttles=throttles(throttle(
        what='"connections"', by='"client"', limit='"2/h"',
        action=f'"{action}"')))
    for _ in range(2):
        with site.session() as session:
            site.login(session, ALICE)
    session = site.session()
    if action == "disconnect":  # Postfix drops the milter's text
        assert session.banner.code == 421
    else:
        # a client that may not connect gets the text at MAIL
        session.ehlo()
        reply = session.mail(ALICE)
        assert reply.code == code
        assert "limit t: 2 connections/1h used" in reply.text
    session.close()
    assert "0 open" in w.ctl("status").stdout  # a refused one holds no lease
    (row,) = w.ask("limits")["limits"]
    assert (row["what"], row["used"]) == ("connections", 2)
    ledger.check()


# --- actions ---


def test_beyond_the_limit_mail_waits_for_the_operator(site, weir, ledger):
    w = weir(throttles=throttles(per_user("messages", "2/h", "hold")))
    mark = site.postfix.log.mark()
    with site.session() as session:
        site.login(session, ALICE)
        for _ in range(2):
            assert ledger.send(session, ALICE).code == 250
        for _ in range(2):
            held = numbered_message(ALICE)
            assert session.send(held, ALICE).code == 250
    site.postfix.log.wait("milter-hold", mark, count=2)
    w.policyd.lines.wait("event=LimitReached rule=t .* action=hold")
    (tally,) = w.ask("status")["limits"]
    assert (tally["allowed"], tally["held"]) == (2, 2)
    site.postfix.remove_held()
    ledger.check()


def test_a_message_is_held_for_its_bytes(site, weir, ledger):
    weir(throttles=throttles(per_user("bytes", "3k/h", "hold")))
    mark = site.postfix.log.mark()
    with site.session() as session:
        site.login(session, ALICE)
        assert ledger.send(session, ALICE, size=1000).code == 250
        assert session.send(numbered_message(ALICE, size=4000),
                            ALICE).code == 250
    site.postfix.log.wait("milter-hold", mark)
    site.postfix.remove_held()
    ledger.check()


def test_disconnect_ends_the_session(site, weir, ledger):
    weir(throttles=throttles(per_user("recipients", "1/h", "disconnect")))
    assert send_as(site, ledger, ALICE).code == 250
    session = site.session()
    session.ehlo()
    site.login(session, ALICE)
    assert session.mail(ALICE).code == 250
    reply = session.rcpt()
    assert (reply.code, reply.text[:5]) == (421, "4.7.0")
    with pytest.raises(OSError):  # smtplib.SMTPServerDisconnected is one
        session.command("NOOP")
    ledger.check()


# --- who is excepted, and who has a rule of his own ---


def test_excepted_and_replaced(site, weir, ledger):
    w = weir(throttles=throttles(
        throttle("all", what='"messages"', by='"user"', limit='"2/h"',
                 except_users='"carol@example.com"'),
        throttle("bob", what='"messages"', by='"user"', limit='"4/h"',
                 users='"bob"', replaces='"all"')))
    for user, passes in ((ALICE, 2), (BOB, 4), ("carol@example.com", 6)):
        codes = [send_as(site, ledger, user).code for _ in range(6)]
        assert codes == [250] * passes + [451] * (6 - passes), user
    assert row_of(w, BOB, "all") is None
    assert row_of(w, "carol@example.com", "all")["used"] == 6
    text = w.ctl("explain", "-u", "bob", "-s", BOB, check=False).stdout
    assert "replaced by bob" in text and "defer, decides" in text
    ledger.check()


def test_recipient_domains_are_counted_each(site, weir, ledger):
    weir(throttles=throttles(throttle(
        what='"recipients"', by='["user", "recipient-domain"]',
        limit='"2/h"')))
    with site.session() as session:
        site.login(session, ALICE)
        assert session.mail(ALICE).code == 250
        replies = [session.rcpt(r).code for r in (
            "a@one.example", "b@ONE.example", "c@one.example",
            "a@two.example")]
        session.rset()
    assert replies == [250, 250, 451, 250]


# --- reload, restart, reset ---


def limits_of(n):
    return config_text(throttles=throttles(per_user("messages", f"{n}/m")))


def test_seed_2_25_a_limit_raised_by_a_reload_keeps_what_was_used(
    site, weir, ledger
):
    w = weir(throttles=throttles(per_user("messages", "600/m")))
    with site.session() as session:
        site.login(session, ALICE)
        for _ in range(3):
            assert ledger.send(session, ALICE).code == 250
    for limit, code in ((3, 451), (2000, 250)):
        w.write(limits_of(limit))
        w.ctl("reload")
        assert row_of(w, ALICE)["limit"] == limit
        assert send_as(site, ledger, ALICE).code == code
    assert row_of(w, ALICE)["used"] == 4
    ledger.check()


def test_seed_5_3_reset_lets_a_login_go_on_at_once(site, weir, ledger):
    w = weir(throttles=throttles(per_user("recipients", "1/h")))
    assert send_as(site, ledger, ALICE).code == 250
    assert send_as(site, ledger, ALICE).code == 451
    said = w.ctl("limits", "reset", "alice").stdout
    assert "t of alice@example.com is 0 again, it was 1 of 1" in said
    w.policyd.lines.wait("event=LimitReset key=alice@example.com")
    assert send_as(site, ledger, ALICE).code == 250
    assert send_as(site, ledger, ALICE).code == 451
    ledger.check()


def test_what_was_used_survives_kill_9(site, weir, ledger):
    w = weir(throttles=throttles(per_user("messages", "3/h")))
    for _ in range(3):
        assert send_as(site, ledger, ALICE).code == 250
    wait_stored(w.directory, "t", ALICE, 3)
    w.policyd.kill_worker(signal.SIGKILL)
    assert send_as(site, ledger, ALICE).code == 451
    ledger.check()


def test_connections_beyond_a_limit_may_be_held(site, weir, ledger):
    w = weir(throttles=throttles(throttle(
        what='"connections"', by='"client"', limit='"1/h"',
        action='"hold"')))
    assert send_as(site, ledger, ALICE).code == 250
    mark = site.postfix.log.mark()
    with site.session() as session:
        site.login(session, ALICE)
        for _ in range(2):
            assert session.send(numbered_message(ALICE), ALICE).code == 250
    site.postfix.log.wait("milter-hold", mark, count=2)
    w.policyd.lines.wait("event=LimitReached rule=t .* action=hold")
    site.postfix.remove_held()
    ledger.check()
