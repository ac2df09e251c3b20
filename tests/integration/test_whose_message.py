"""
The answer at DATA is that of the message that is meant: the milter tells the
state of every session, and the policy service finds the one it is asked about.
"""
import pytest

from harness.client import numbered_message

ALICE = "alice@example.com"
BOB = "bob@example.com"
SHARED = "shared@example.com"
REMOTE = "someone@remote.example"

SECTIONS = {
    "routes": """(
  { name = "shop"; sender = [ "@shop.example" ]; host = "b"; },
  { name = "bob"; user = [ "bob@example.com" ]; host = "c"; },
  { name = "rest"; connector = "direct-a"; } )""",
    "connectors": """(
  { name = "direct-a"; transport = "relay"; members = ( { host = "a"; } ); },
  { name = "others"; transport = "relay"; members = ( { host = "b"; },
    { host = "c"; } ); } )""",
    "identities": '{ realm = "example.com"; unlisted = "any"; }',
}


def hosts(ledger):
    ledger.check()
    return [d.host for d in sorted(ledger.delivered(),
                                   key=lambda d: d.number)]


def test_several_messages_a_connection_each_by_its_own_way(
    site, weir, ledger
):
    weir(**SECTIONS)
    with site.session() as session:
        site.login(session, BOB)
        for sender in (BOB, "x@shop.example", BOB, "y@shop.example"):
            assert ledger.send(session, sender).code == 250
        ledger.send(session, BOB, recipients=("box@local.example",))
        assert ledger.send(session, BOB).code == 250
    assert hosts(ledger) == ["c", "b", "c", "b", "local", "c"]


def test_rset_leaves_nothing_of_a_message(site, weir, ledger):
    weir(**SECTIONS)
    with site.session() as session:
        site.login(session, BOB)
        for _ in range(2):
            assert session.mail("x@shop.example").code == 250
            assert session.rcpt("box@local.example").code == 250
            assert session.rset().code == 250
            assert ledger.send(session, BOB).code == 250
        session.mail("x@shop.example")
        session.ehlo()  # ends it too
        assert ledger.send(session, BOB, recipients=(
            REMOTE, "other@remote.example")).code == 250
    assert hosts(ledger) == ["c", "c", "c"]


def test_recipients_that_are_refused_are_no_recipients(site, weir, ledger):
    weir(**SECTIONS, throttles="""( { name = "two"; what = "recipients";
      by = [ "user" ]; limit = "2/h"; } )""")
    message = numbered_message(BOB)
    with site.session() as session:
        site.login(session, BOB)
        session.mail(BOB)
        codes = [session.rcpt(r).code for r in (
            "one@remote.example", "two words@remote.example",
            "two@remote.example", "three@remote.example")]
        assert codes == [250, 501, 250, 451]
        assert session.data(message).code == 250
    site.inbox.wait_for(
        lambda new: any(d.number == message.number for d in new), "it")
    taken, = [d for d in site.inbox.since() if d.number == message.number]
    assert taken.host == "c"
    assert sorted(taken.recipients) == ["one@remote.example",
                                        "two@remote.example"]


def test_pipelined_commands_change_nothing(site, weir, ledger):
    weir(**SECTIONS)
    senders = [BOB, "x@shop.example", BOB]
    made = [numbered_message(sender) for sender in senders]
    with site.session() as session:
        site.login(session, BOB)
        wire = session._smtp.sock
        for sender, message in zip(senders, made):
            wire.sendall((f"MAIL FROM:<{sender}>\r\n"
                          f"RCPT TO:<{REMOTE}>\r\n"
                          "RCPT TO:<o@remote.example>\r\n"
                          f"DATA\r\n").encode())
            codes = [session._smtp.getreply()[0] for _ in range(4)]
            assert codes == [250, 250, 250, 354]
            # the next message's RSET comes with the end of this one
            wire.sendall(message.text.encode() + b".\r\nRSET\r\n")
            assert [session._smtp.getreply()[0] for _ in range(2)] == \
                [250, 250]
            ledger.accepted[message.number] = (REMOTE, "o@remote.example")
    assert hosts(ledger) == ["c", "b", "c"]


def both_at_data(site, ledger):
    """Two sessions that look the same to Postfix's policy request: one client
    without a port, one sender, one recipient, each of a login of its own."""
    made = [numbered_message(SHARED) for _ in range(2)]
    with site.session("xclient") as one, site.session("xclient") as two:
        for session, login in ((one, ALICE), (two, BOB)):
            session.xclient(addr="203.0.113.5", port="[UNAVAILABLE]",
                            login=login)
            assert session.mail(SHARED).code == 250
            assert session.rcpt(REMOTE).code == 250
        for session, message in ((two, made[1]), (one, made[0])):
            assert session.data(message).code == 250
            ledger.accepted[message.number] = (REMOTE,)
    return hosts(ledger)


def test_two_sessions_of_one_client_are_told_apart_by_queue_id(
    site, weir, ledger
):
    w = weir(**SECTIONS)
    assert both_at_data(site, ledger) == ["a", "c"]
    assert "session_ambiguous" not in w.ask("status")["policy"]["answered"]


@pytest.fixture
def late_queue_ids(site):
    """Postfix as it is by default: no queue id at the first recipient."""
    site.postfix.set(smtpd_delay_open_until_valid_rcpt="yes")
    yield
    site.postfix.set(smtpd_delay_open_until_valid_rcpt="no")


def test_two_that_could_be_meant_are_left_to_postfix(
    site, weir, late_queue_ids, ledger
):
    w = weir(**SECTIONS)
    # Bob's is asked about first and is in doubt: by Postfix's default, a. When
    # it is over Alice's is the only one.
    assert both_at_data(site, ledger) == ["a", "a"]
    assert w.ask("status")["policy"]["answered"]["session_ambiguous"] >= 1
    line = w.policyd.lines.wait("event=Unrouted")
    assert "reason=session_ambiguous" in line and f"user={BOB}" in line


def test_one_alone_is_found_by_client_and_sender(
    site, weir, late_queue_ids, ledger
):
    weir(**SECTIONS)
    with site.session("xclient") as one, site.session("xclient") as two:
        for session, login, sender in ((one, ALICE, ALICE),
                                       (two, BOB, SHARED)):
            session.xclient(addr="203.0.113.5", port="[UNAVAILABLE]",
                            login=login)
            assert session.mail(sender).code == 250
        assert one.rcpt(REMOTE).code == 250
        assert two.rcpt(REMOTE).code == 250
        for session, sender in ((two, SHARED), (one, ALICE)):
            message = numbered_message(sender)
            assert session.data(message).code == 250
            ledger.accepted[message.number] = (REMOTE,)
    assert hosts(ledger) == ["c", "a"]


def test_without_the_milter_nothing_is_guessed(site, weir, ledger):
    """One recipient is known from the request, several are not."""
    w = weir(**SECTIONS)
    w.stop_milter()
    with site.session("relay") as session:  # takes mail without the milter
        for recipients in ((REMOTE,), (REMOTE, "o@remote.example"),
                           ("box@local.example",)):
            assert ledger.send(session, "x@shop.example",
                               recipients=recipients).code == 250
    assert hosts(ledger) == ["b", "a", "local"]
    answered = w.ask("status")["policy"]["answered"]
    assert answered["recipients_unknown"] == 1
    assert answered["recipient_not_remote"] == 1
