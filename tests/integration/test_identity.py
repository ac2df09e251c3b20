"""Who may send as whom, through Postfix: the milter's answers to real mail."""
import json
import re

import pytest

from harness.client import Message

ALICE = "alice@example.com"
BOB = "bob@example.com"

# login, envelope sender, From headers, the reply
CASES = [
    (ALICE, ALICE, [ALICE], "250"),
    (ALICE, ALICE, [f"Alice <{ALICE}>"], "250"),
    (ALICE, "alice+list@example.com", [ALICE], "250"),
    (ALICE, "Alice@Example.COM", ["ALICE@EXAMPLE.COM"], "250"),
    (ALICE, "sales@shop.example", ["sales@shop.example"], "250"),
    (ALICE, "", [ALICE], "250"),
    (ALICE, BOB, [ALICE], "550 5.7.1"),
    (ALICE, "", [BOB], "550 5.7.1"),
    (ALICE, ALICE, [BOB], "550 5.7.1"),
    (ALICE, ALICE, [ALICE, BOB], "550 5.7.1"),
    (ALICE, ALICE, [ALICE, ALICE], "550 5.7.1"),
    (ALICE, ALICE, [f"{ALICE}, {BOB}"], "550 5.7.1"),
    (ALICE, ALICE, [f'"{ALICE}" <{BOB}>'], "550 5.7.1"),
    (ALICE, ALICE, [], "550 5.7.1"),
    (ALICE, ALICE, ["no address at all"], "550 5.7.1"),
    (ALICE, ALICE, [f"x: {ALICE};"], "550 5.7.1"),
    (BOB, BOB, [BOB], "250"),
    (BOB, "sales@shop.example", [BOB], "550 5.7.1"),
]

IDENTITIES = """{
  realm = "example.com"; unlisted = "own-address"; recipient_delimiter = "+";
  users = ( { user = "alice";
              senders = [ "alice@example.com", "@shop.example" ]; } );
}"""


def test_seed_5_4_every_sender_and_from_is_the_login_s(site, weir, ledger):
    weir(identities=IDENTITIES)
    for login, sender, header_from, expected in CASES:
        with site.session() as session:
            site.login(session, login)
            reply = ledger.send(session, sender, header_from=header_from)
        assert str(reply).startswith(expected), (login, sender, header_from)
    ledger.check()


def test_a_refusal_names_the_address(site, weir, ledger):
    weir()
    with site.session() as session:
        site.login(session, ALICE)
        assert BOB in ledger.send(session, BOB).text
        assert BOB in ledger.send(session, ALICE, header_from=BOB).text


def test_mail_of_others_may_be_held_for_the_operator(site, weir, ledger):
    weir(identities=IDENTITIES.replace(
        "{", '{ header_from = "hold"; envelope = "hold"; ', 1))
    postfix = site.postfix
    with site.session() as session:
        site.login(session, ALICE)
        for sender, header_from in ((ALICE, BOB), (BOB, ALICE), (BOB, BOB)):
            mark = postfix.log.mark()
            reply = ledger.send(session, sender, header_from=header_from)
            assert reply.code == 250
            postfix.log.wait("milter-hold", since=mark)
        assert ledger.send(session, ALICE).code == 250
    site.inbox.wait_for(lambda new: ledger.delivered(), "the own mail")
    assert len(ledger.delivered()) == 1
    postfix.release()
    postfix.flush()
    ledger.check()


def test_mail_of_others_may_be_tagged(site, weir, ledger):
    weir(
        identities=IDENTITIES.replace("{", '{ header_from = "tag"; ', 1),
        listeners="""( { name = "submission"; daemons = [ "submission" ];
            envelope = "tag"; } )""",
    )
    forged = ("Weir-Identity: reason=ok\r\nWEIR-identity: reason=ok\r\n"
              "Weir-Identity : reason=ok\r\nWeir-Identity\t:\r\n reason=ok\r\n"
              "Weir-Other: reason=ok\r\n")
    with site.session() as session:
        site.login(session, ALICE)
        for sender, header_from in ((ALICE, ALICE), (BOB, BOB)):
            assert ledger.send(session, sender, header_from=header_from,
                               extra=forged).code == 250
    ledger.check()
    own, tagged = sorted(ledger.delivered(), key=lambda d: d.number)
    assert b"reason=ok" not in own.content + tagged.content
    assert b"weir-" not in own.content.lower()
    assert re.findall(rb"(?im)^weir-identity: (.*) ref=[0-9A-F]{6}\r?$",
                      tagged.content) == [
        b'reason=sender_not_owned sender="bob@example.com"',
        b'reason=from_not_owned from="bob@example.com"']
    assert tagged.content.lower().count(b"weir-identity") == 2


def test_the_next_message_of_the_session_is_judged_for_itself(
    site, weir, ledger
):
    weir()
    with site.session() as session:
        site.login(session, ALICE)
        assert ledger.send(session, ALICE, header_from=BOB).code == 550
        assert ledger.send(session, ALICE).code == 250
        assert ledger.send(session, BOB).code == 550
        assert ledger.send(session, ALICE, header_from=[]).code == 550
        assert ledger.send(session, ALICE).code == 250
    ledger.check()
    assert len(ledger.delivered()) == 2


def test_a_message_without_any_header_is_refused_not_stuck(site, weir):
    weir()
    with site.session() as session:
        site.login(session, ALICE)
        assert session.mail(ALICE).code == 250
        assert session.rcpt().code == 250
        assert session.data(Message(0, "\r\nno header\r\n")).code == 550


@pytest.mark.parametrize("login", ["alice", "ALICE", "Alice@Example.Com"])
def test_a_login_is_one_user_however_it_is_written(
    site, weir, ledger, login
):
    weir()
    with site.session("xclient") as session:
        session.xclient(login=login.replace("@", "+40"))
        assert ledger.send(session, ALICE).code == 250
        assert ledger.send(session, BOB).code == 550
    ledger.check()


def test_a_listener_that_requires_a_user_refuses_others(site, weir, ledger):
    weir(listeners='( { name = "relay"; daemons = [ "relay" ];'
                   ' require_user = true; }, { name = "default"; } )')
    with site.session("relay") as session:
        reply = ledger.send(session, ALICE)
        assert str(reply).startswith("530 5.7.0")
    ledger.check()


def test_without_a_login_nothing_is_checked_unless_asked(site, weir, ledger):
    weir()
    with site.session("relay") as session:
        assert ledger.send(session, ALICE, header_from=BOB).code == 250
    ledger.check()


def test_a_client_network_may_stand_for_a_user(site, weir, ledger):
    weir(
        identities="""{ realm = "example.com"; unlisted = "own-address";
          clients = ( { network = "127.0.0.0/8"; user = "alice"; } ); }"""
    )
    with site.session("relay") as session:
        assert ledger.send(session, ALICE).code == 250
        assert ledger.send(session, BOB).code == 550
    ledger.check()


def test_a_client_that_tries_on_and_on_is_one_event_a_minute(
    site, weir, ledger
):
    weir = weir()
    replies = []
    with site.session() as session:
        site.login(session, ALICE)
        for header in (f"Sender: {BOB}\r\n",) * 4 + (f"Resent-From: {BOB}\r\n",):
            replies.append(ledger.send(session, ALICE, extra=header))
    refs = [re.search(r"\(weir (\w+)\)$", reply.text)[1] for reply in replies]
    for ref in refs:
        line = weir.milter.lines.wait(rf"event=IdentityRefused .*ref={ref}")
        assert re.search(rf"user={ALICE} \w+={BOB} .*queue_id=\w+ reason=",
                         line)
        told = json.loads(weir.ctl("--json", "explain", "--ref", ref,
                                   check=False).stdout)
        assert told["past"][0]["user"] == ALICE
    events = [e for e in weir.ask("events")["events"]
              if e["event"] == "IdentityRefused"]
    assert [(e["ref"], e["user"], e["reason"]) for e in events] == [
        (refs[0], ALICE, "header_sender_not_owned"),
        (refs[4], ALICE, "resent_not_owned")]
    assert events[0]["header_sender"] == events[1]["resent_from"] == BOB
    assert events[0]["queue_id"]
