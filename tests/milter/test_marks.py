"""Mail that passes with a mark: held in Postfix's queue, or tagged."""

import re

import pytest

from daemon import DEFAULTS
from mta import CONTINUE, session
from state import verdict

ALICE = ("From", "alice@example.com")
BOB = ("From", "bob@example.com")
REF = "[0-9A-F]{6}"


def send(milter, *headers, sender="alice@example.com", **how):
    """A message of alice's; the changes to it, once it has passed."""
    mta = session(milter.socket, **how)
    assert mta.mail(sender, "alice") == CONTINUE
    assert mta.rcpt() == CONTINUE
    assert mta.message(*headers) == CONTINUE
    return mta.changes


def tag(reason, what, address):
    return (r"Weir-Identity\0reason=%s %s=\"%s\" ref=%s\0" %
            (reason, what, address, REF))


def check(changes, *wanted):
    """Each is the command and what its text must be."""
    assert [c for c, _ in changes] == [c for c, _ in wanted], changes
    for (_, text), (_, pattern) in zip(changes, wanted):
        assert re.fullmatch(pattern, text.decode("ascii")), text


@pytest.mark.parametrize("header,reason,address", [
    (BOB, "from_not_owned", "bob@example.com"),
    (("Subject", "x"), "from_missing", ""),
    (("From", "no address"), "from_syntax", ""),
])
def test_a_from_that_is_not_his_is_tagged(daemons, state, header, reason,
                                          address):
    milter = daemons(identities='header_from = "tag";')
    check(send(milter, header), ("h", tag(reason, "from", address)))
    event = state.wait("EVENT", "IdentityRefused")[0]
    assert event[event.index("action") + 1] == "tag"


def test_a_tag_has_the_reference_of_the_log(daemons, state):
    milter = daemons(identities='envelope = "tag";')
    _, text = send(milter, ALICE, sender="bob@example.com")[0]
    ref = re.search(rf"ref=({REF})", text.decode())[1]
    assert milter.wait_log(f"user=alice@example.com .*ref={ref}")
    assert milter.wait_log(f"tagged queue_id=4jY54H2Vzjz1c6Kn .*ref={ref}")
    assert b"alice" not in text  # it leaves the house with the message


def test_a_from_that_is_not_his_is_held(daemons, state):
    milter = daemons(identities='header_from = "hold";')
    check(send(milter, BOB), ("q", rf"from_not_owned \(weir {REF}\)\0"))
    assert send(milter, ALICE) == []
    event = state.wait("EVENT", "IdentityRefused")[0]
    assert event[event.index("action") + 1] == "hold"
    assert event[event.index("queue_id") + 1] == "4jY54H2Vzjz1c6Kn"


def test_envelope_and_from_are_tagged_each(daemons, state):
    milter = daemons(identities='header_from = "tag"; envelope = "tag";')
    check(send(milter, BOB, sender="eve@example.com"),
          ("h", tag("sender_not_owned", "sender", "eve@example.com")),
          ("h", tag("from_not_owned", "from", "bob@example.com")))


def test_one_hold_counts_the_first(daemons, state):
    milter = daemons(identities='header_from = "hold"; envelope = "hold";')
    state.answers[("RCPT",)] = verdict("hold", "limit", "night")
    check(send(milter, BOB, sender="eve@example.com"),
          ("q", rf"sender_not_owned \(weir {REF}\)\0"))
    assert milter.wait_log(
        rf"held queue_id=4jY54H2Vzjz1c6Kn sender_not_owned \(weir {REF}\)")
    check(send(milter, ALICE), ("q", r"limit night\0"))
    assert milter.wait_log("held queue_id=4jY54H2Vzjz1c6Kn limit night")


def test_forged_headers_leave_before_a_tag_is_put_on(daemons, state):
    milter = daemons(identities='header_from = "tag"; envelope = "hold";')
    check(send(milter, ("Weir-Identity", "ok"), BOB, ("weir-identity", "ok"),
               sender="eve@example.com"),
          ("m", r"\0\0\0\x02Weir-Identity\0\0"),
          ("m", r"\0\0\0\x01Weir-Identity\0\0"),
          ("h", tag("from_not_owned", "from", "bob@example.com")),
          ("q", rf"sender_not_owned \(weir {REF}\)\0"))


def test_an_address_cannot_break_out_of_its_tag(daemons, state):
    milter = daemons(identities='envelope = "tag";')
    sender = 'a" ref=1\r\nTo: "x\u00fc' + "y" * 300
    _, text = send(milter, ALICE, sender=sender)[0]
    assert re.fullmatch(
        r'Weir-Identity\0reason=\w+ sender="[ !#-~]+" ref=%s\0' % REF,
        text.decode("ascii")), text
    assert len(text) < 998


def test_marks_are_gone_with_their_message(daemons, state):
    milter = daemons(identities='header_from = "hold"; envelope = "tag";')
    mta = session(milter.socket)
    for end in (mta.abort, lambda: mta.message(BOB)):
        assert mta.mail("eve@example.com", "alice") == CONTINUE
        assert mta.rcpt() == CONTINUE
        end()
        assert mta.mail("alice@example.com", "alice") == CONTINUE
        assert mta.rcpt() == CONTINUE
        assert mta.message(ALICE) == CONTINUE
        assert mta.changes == []


def test_a_refusal_later_on_forgets_the_marks(daemons, state):
    milter = daemons(identities='envelope = "hold";')
    mta = session(milter.socket)
    assert mta.mail("eve@example.com", "alice") == CONTINUE
    assert mta.rcpt() == CONTINUE
    assert mta.message(BOB).code == "550"
    assert mta.changes == []


def test_a_listener_has_actions_of_its_own(daemons, state):
    listeners = DEFAULTS["listeners"].replace(
        'require_user = true;', 'header_from = "tag"; envelope = "ignore";')
    milter = daemons(identities='header_from = "hold"; envelope = "observe";',
                     listeners=listeners)
    check(send(milter, BOB, sender="eve@example.com"),
          ("h", tag("from_not_owned", "from", "bob@example.com")))
    assert "sender_not_owned" not in milter.log()
    check(send(milter, BOB, sender="eve@example.com", daemon="smtpd"),
          ("q", rf"from_not_owned \(weir {REF}\)\0"))
    assert milter.wait_log("sender_not_owned .*action=observe")


def test_the_null_sender_has_a_setting_of_its_own(daemons, state):
    milter = daemons(identities='envelope = "ignore"; null_sender = "reject";')
    assert session(milter.socket).mail("", "alice").code == "550"
