"""What the client is told, word for word, and what reaches the state."""

import re
import socket

import pytest

from daemon import DEFAULTS
from mta import CONTINUE, Mta, session
from state import Error, verdict

REF = r" \(weir [0-9A-F]{6}\)$"

NODATA = 0x200

ALICE = ("From", "Alice <alice@example.com>")


def begin(milter, sender="alice@example.com", login="alice", **how):
    mta = session(milter.socket, **how)
    assert mta.mail(sender, login) == CONTINUE
    assert mta.rcpt() == CONTINUE
    return mta


@pytest.mark.parametrize("headers,text", [
    ([("Subject", "x")], "550 5.7.1 the message has no From header"),
    ([], "550 5.7.1 the message has no From header"),
    ([ALICE, ("from", "alice@example.com")],
     "550 5.7.1 the message has more than one From header"),
    ([("From", "bob@example.com")],
     "550 5.7.1 not allowed to use this address in From: bob@example.com"),
    ([("From", "alice@example.com, bob@example.com")],
     "550 5.7.1 not allowed to use this address in From: bob@example.com"),
    ([("From", "")],
     "550 5.7.1 the From header is malformed or ambiguous"),
    ([("From", "alice@example.com <bob@example.com")],
     "550 5.7.1 the From header is malformed or ambiguous"),
    ([("From", '"bob@example.com" <alice@example.com>')],
     "550 5.7.1 not allowed to use this address in From: bob@example.com"),
    ([("From", "a" * 9000 + " <alice@example.com>")],
     "550 5.7.1 the From, Sender and Resent headers are too large to be "
     "checked"),
    ([ALICE, ("Sender", "bob@example.com")],
     "550 5.7.1 not allowed to use this address in Sender: bob@example.com"),
    ([ALICE, ("Sender", "alice@example.com, alice@example.com")],
     "550 5.7.1 the Sender header is malformed or ambiguous"),
    ([ALICE, ("Sender", "alice@example.com"),
      ("sender", "alice@example.com")],
     "550 5.7.1 the message has more than one Sender header"),
    ([("Resent-From", "alice@example.com"), ("Resent-From", "b@example.com"),
      ALICE],
     "550 5.7.1 not allowed to use this address in a Resent header: "
     "b@example.com"),
    ([ALICE, ("RESENT-sender", "Friends: alice@example.com;")],
     "550 5.7.1 a Resent header is malformed or ambiguous"),
    ([("Subject", "x\rFrom: bob@example.com"), ALICE],
     "550 5.7.1 the From header is malformed or ambiguous"),
    ([ALICE] + [("Resent-From", "alice@example.com")] * 32,
     "550 5.7.1 the From, Sender and Resent headers are too large to be "
     "checked"),
    ([ALICE] + [("X", "y" * 60000)] * 18,
     "550 5.7.1 the header block is too large to be checked"),
])
def test_headers_refused(milter, headers, text):
    reply = begin(milter).message(*headers)
    assert re.fullmatch(re.escape(text) + REF, reply.text), reply


def test_headers_of_nobody_are_not_looked_at(milter):
    mta = session(milter.socket, daemon="smtpd")
    assert mta.mail("x@example.net") == CONTINUE
    assert mta.rcpt() == CONTINUE
    assert mta.message(*[("Resent-From", "x" * 9000)] * 40) == CONTINUE


@pytest.mark.parametrize("value", [
    '"alice@example.com" <alice@example.com>',
    "alice@example.com (alice@sales.example.com)",
    "Alice+news <alice+news@example.com>",
])
def test_own_addresses_in_names_are_no_offence(milter, value):
    assert begin(milter).message(("From", value)) == CONTINUE


@pytest.mark.parametrize("login,sender,text", [
    ("alice", "bob@example.com",
     "550 5.7.1 not allowed to send as this address: bob@example.com"),
    ("alice", "Bob@EXAMPLE.com",
     "550 5.7.1 not allowed to send as this address: bob@example.com"),
    ("alice", "nobody",
     "550 5.1.7 the sender address is malformed: nobody"),
    ("alice", "a%nb@example.net",
     "550 5.7.1 not allowed to send as this address: a?nb@example.net"),
    ("", "alice@example.com", "550 5.7.1 the login has no name"),
    ("x" * 300, "alice@example.com",
     "550 5.7.1 the login's name is too long"),
    (None, "alice@example.com",
     "530 5.7.0 authentication is required to send mail here"),
])
def test_mail_refused(milter, login, sender, text):
    reply = session(milter.socket).mail(sender, login)
    assert reply.text.startswith(text), reply
    assert re.search(REF, reply.text)


def test_reference_is_in_reply_log_and_event(milter, state):
    reply = session(milter.socket).mail("bob@example.com", "alice")
    ref = re.search(r"\(weir (\w+)\)", reply.text)[1]
    assert milter.wait_log(f"event=IdentityRefused .*ref={ref}")
    event = state.wait("EVENT", "IdentityRefused")[0]
    pairs = dict(zip(event[2::2], event[3::2]))
    assert pairs == {"user": "alice@example.com", "sender": "bob@example.com",
                     "client": "203.0.113.5", "queue_id": "",
                     "reason": "sender_not_owned", "ref": ref}


def test_event_of_from_names_the_message(milter, state):
    begin(milter).message(("From", "bob@example.com"))
    event = state.wait("EVENT", "IdentityRefused")[0]
    pairs = dict(zip(event[2::2], event[3::2]))
    assert pairs["from"] == "bob@example.com"
    assert pairs["queue_id"] == "4jY54H2Vzjz1c6Kn"
    line = milter.wait_log("event=IdentityRefused.*")[0]
    assert "queue_id=4jY54H2Vzjz1c6Kn" in line
    assert "user=alice@example.com" in line


def test_recipient_limit_names_rule_limit_wait_and_reference(milter, state):
    state.answers[("RCPT", "1")] = verdict(
        "defer", "limit", "per-user-hour", "alice@example.com", "recipients",
        200, 200, 3600000, 312000, "7F3A2C")
    mta = session(milter.socket)
    mta.mail("alice@example.com", "alice")
    assert mta.rcpt().text == (
        "451 4.7.1 limit per-user-hour: 200 recipients/1h used, "
        "try again in 312 s (weir 7F3A2C)")


@pytest.mark.parametrize("action,code", [
    ("defer", "451 4.7.1"), ("reject", "550 5.7.1"),
    ("disconnect", "421 4.7.0")])
def test_actions_of_a_limit(milter, state, action, code):
    state.answers[("MAIL",)] = verdict(
        action, "limit", "m", "k", "messages", 5, 5, 60000, 1000, "ABCDEF")
    reply = session(milter.socket).mail("alice@example.com", "alice")
    assert reply.text.startswith(code + " limit m: 5 messages/1m used")


def test_observed_limit_passes(milter, state):
    state.answers[("MAIL",)] = verdict("observe", "limit", "m")
    assert begin(milter).message(ALICE) == CONTINUE


@pytest.mark.parametrize("verb", ["MAIL", "RCPT"])
def test_limit_that_holds(milter, state, verb):
    state.answers[(verb,)] = verdict("hold", "limit", "night")
    mta = begin(milter)
    assert mta.message(ALICE) == CONTINUE
    assert mta.changes == [("q", b"limit night\0")]
    state.answers.clear()
    mta.mail("alice@example.com", "alice")
    mta.rcpt()
    assert mta.message(ALICE) == CONTINUE
    assert mta.changes == []


def test_connection_deferred_is_told_at_mail(milter, state):
    """Postfix shows a 4xx of CONNECT at MAIL; a server that asks again hears
    the same, and nothing is charged or closed."""
    state.answers[("CONNECT",)] = verdict(
        "defer", "connections_source", "submission", "203.0.113.5",
        used=100, limit=100, ref="ABCDEF")
    mta = Mta(milter.socket)
    told = mta.connect()
    assert told.text == ("451 4.7.1 too many connections from your network: "
                         "100 of 100 open (weir ABCDEF)")
    assert mta.mail("alice@example.com", "alice") == told
    mta.quit()
    milter.stop()
    assert [r[0] for r in state.asked] == ["CONNECT"]


def test_connection_disconnected(milter, state):
    state.answers[("CONNECT",)] = verdict("disconnect", "connections_total")
    assert Mta(milter.socket).connect().code == "421"


def test_connection_rejected_is_told_at_mail_too(milter, state):
    state.answers[("CONNECT",)] = verdict(
        "reject", "connections_total", "submission", used=5, limit=5)
    mta = Mta(milter.socket)
    told = mta.connect()
    assert told.text.startswith(
        "550 5.7.1 too many connections to this service: 5 of 5 open")
    assert mta.mail("alice@example.com", "alice") == told


def test_connection_held_holds_all_its_messages(milter, state):
    state.answers[("CONNECT",)] = verdict(
        "hold", "connections_source", "submission", "203.0.113.5",
        used=2, limit=2, ref="ABCDEF")
    mta = begin(milter)
    for _ in range(2):
        assert mta.message(ALICE) == CONTINUE
        assert mta.changes == [("q", b"limit submission\0")]
        mta.mail("alice@example.com", "alice")
        mta.rcpt()
    state.answers.clear()
    mta = begin(milter)
    assert mta.message(ALICE) == CONTINUE
    assert mta.changes == []


def test_connection_observed_passes(milter, state):
    state.answers[("CONNECT",)] = verdict(
        "observe", "connections_source", "submission")
    mta = begin(milter)
    assert mta.message(ALICE) == CONTINUE
    assert mta.changes == []
    mta.quit()
    state.wait("CLOSE", "1")


def test_connect_names_listener_client_and_port(milter, state):
    session(milter.socket, client="2001:db8::1", port=4567,
            daemon="smtpd").quit()
    session(milter.socket, client="::ffff:198.51.100.7", port=0).quit()
    state.wait("CLOSE", "2")
    assert state.asked[0] == ["CONNECT", "1", "default", "2001:db8::1",
                              "4567"]
    assert ["CONNECT", "2", "submission", "198.51.100.7", "0"] in state.asked


def test_recipient_is_told_with_its_transport_and_queue_id(milter, state):
    mta = session(milter.socket)
    mta.mail("alice@example.com", "alice")
    mta.rcpt("X@BÜCHER.example")
    mta.rcpt("u@local.example", queue_id="4jY54H2Vzjz1c6Kn", mailer="local",
             host="mx.example.com")
    assert state.asked[-2:] == [
        ["RCPT", "1", "x@xn--bcher-kva.example", "smtp", "example.org", ""],
        ["RCPT", "1", "u@local.example", "local", "mx.example.com",
         "4jY54H2Vzjz1c6Kn"]]


def test_queue_id_of_one_message_is_not_the_next_ones(milter, state):
    mta = session(milter.socket)
    mta.mail("alice@example.com", "alice")
    mta.rcpt(queue_id="AAAA")
    assert mta.message(ALICE) == CONTINUE
    mta.mail("alice@example.com", "alice")
    mta.rcpt()
    assert state.asked[-1] == ["RCPT", "1", "x@example.org", "smtp",
                               "example.org", ""]


def test_one_round_trip_an_event(milter, state):
    mta = begin(milter)
    assert mta.message(ALICE, ("Subject", "x")) == CONTINUE
    mta.quit()
    state.wait("CLOSE", "1")
    assert [r[0] for r in state.asked] == ["CONNECT", "MAIL", "RCPT", "END",
                                           "CLOSE"]


def test_forged_headers_leave_from_the_highest_index_down(milter):
    mta = begin(milter)
    assert mta.message(("Weir-Identity", "1"), ALICE,
                       ("WEIR-IDENTITY", "2"), ("weir-x", "3"),
                       ("Weirdo", "4")) == CONTINUE
    assert mta.changes == [
        ("m", b"\0\0\0\2Weir-Identity\0\0"),
        ("m", b"\0\0\0\1Weir-Identity\0\0"),
        ("m", b"\0\0\0\1weir-x\0\0")]


def test_macros_missing_are_an_operators_mistake(milter):
    """Without {mail_addr} nobody can be told from somebody: 450 where a user
    is required, and the log names the setting."""
    mta = session(milter.socket)
    mta.send("M", b"<alice@example.com>\0")
    assert mta.reply().text.startswith("450 4.7.0 cannot tell who is sending")
    mta.send("M", b"<alice@example.com>\0")
    mta.reply()
    assert len(milter.wait_log("milter_mail_macros")) == 1


@pytest.mark.parametrize("daemon", ["submission", "smtpd"])
def test_a_login_without_a_name_is_not_taken_for_nobody(milter, daemon):
    mta = session(milter.socket, daemon=daemon)
    reply = mta.mail("alice@example.com", **{"{auth_type}": "PLAIN"})
    assert reply.text.startswith("450 4.7.0 cannot tell who is sending")
    assert milter.wait_log(
        "no {auth_authen} at MAIL.*milter_mail_macros in main.cf")


@pytest.mark.parametrize("argument,passes", [
    (b"<@r.example:\"alice\"@Example.COM>", True),
    (b"<alice>", False),
    (b"<example.com!alice>", False),
    (b"<bob@example.com>", False),
])
def test_the_argument_of_mail_says_what_postfix_understood(milter, argument,
                                                           passes):
    mta = session(milter.socket)
    mta.macros("M", {"{auth_authen}": "alice",
                     "{mail_addr}": "alice@example.com"})
    mta.send("M", argument + b"\0")
    reply = mta.reply()
    if passes:
        assert reply == CONTINUE
    else:
        assert reply.text.startswith("550 5.1.7 the sender address can be "
                                     "read in two ways: alice@example.com")


def test_address_without_macro_is_taken_from_the_argument(milter, state):
    mta = session(milter.socket, daemon="smtpd")
    for argument, sender in (("<A@Example.net>", "a@example.net"),
                             ("<>", ""), ("<" + "a" * 400 + "@x>", "a" * 320)):
        mta.send("M", argument.encode() + b"\0SIZE=1\0")
        assert mta.reply() == CONTINUE
        assert state.asked[-1] == ["MAIL", "1", "", sender, "0"]


def test_state_that_answers_nonsense_counts_as_away(milter, state):
    state.answers[("MAIL",)] = ["what", "is", "this"]
    state.answers[("RCPT",)] = Error("ERR no such verb")
    mta = begin(milter)
    assert mta.message(ALICE) == CONTINUE
    assert milter.wait_log("the state did not answer MAIL")


def test_data_is_not_asked_for_on_a_unix_socket(milter):
    assert session(milter.socket).steps & NODATA


def test_old_server_gets_its_replies(milter):
    """One that knows no unanswered headers is answered to each."""
    mta = Mta(milter.socket, steps=0x7F)
    assert mta.connect() == CONTINUE
    assert mta.mail("alice@example.com", "alice") == CONTINUE
    assert mta.rcpt() == CONTINUE
    mta.header(*ALICE)
    assert mta.reply() == CONTINUE
    mta.send("N")
    assert mta.reply() == CONTINUE
    mta.send("E")
    assert mta.reply() == CONTINUE


def test_data_is_answered_on_tcp(daemons, state):
    """Else each message waits 40 ms for a delayed acknowledgement."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = probe.getsockname()
    daemons(listen=f"inet:{address[0]}:{address[1]}")
    mta = session(address)
    assert mta.steps & NODATA == 0
    mta.mail("alice@example.com", "alice")
    mta.rcpt()
    mta.send("T")
    assert mta.reply() == CONTINUE
    assert mta.message(ALICE) == CONTINUE
    mta.quit()


def test_listener_by_port(daemons, state):
    milter = daemons(listeners=DEFAULTS["listeners"])
    mta = Mta(milter.socket)
    mta.macros("C", {"{daemon_name}": "mx.example.com",
                     "{daemon_port}": "587"})
    mta.send("C", b"client\x004" + b"\0\x19" + b"203.0.113.5\0")
    assert mta.reply() == CONTINUE
    assert state.asked[-1][2] == "submission"
