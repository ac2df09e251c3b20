"""
Postfix without Weir: that the mail system the other tests stand on does what
they rely upon.
"""
import pytest

from harness.smarthost import CLOSE, MUTE

ALICE = "alice@example.com"


def send_plain(site, ledger, **what):
    with site.session("plain") as session:
        site.login(session, ALICE)
        return ledger.send(session, ALICE, **what)


def test_a_login_sends_to_the_first_smart_host(site, ledger):
    assert send_plain(site, ledger).code == 250
    ledger.check()
    assert ledger.by_host() == {"a": 1}


def test_a_wrong_password_is_refused(site):
    with site.session("plain") as session:
        assert session.login(ALICE, "wrong").code == 535


def test_local_mail_stays_here(site, ledger):
    send_plain(site, ledger, recipients=("box@local.example",))
    ledger.check()
    assert ledger.by_host() == {"local": 1}


@pytest.mark.parametrize(
    "stage, how",
    [
        ("banner", "421 4.3.2 busy"),
        ("banner", "554 5.3.2 no"),
        ("banner", CLOSE),
        ("banner", MUTE),
        ("ehlo", CLOSE),
        ("mail", "451 4.3.0 not now"),
        ("rcpt", "450 4.2.0 not now"),
        ("data", CLOSE),
        ("end", "451 4.3.0 not now"),
        ("end", CLOSE),
    ],
)
def test_a_misbehaving_host_is_passed_over(site, ledger, stage, how):
    site.a.misbehave(stage, how)
    send_plain(site, ledger)
    ledger.check()
    assert ledger.by_host() == {"b": 1}


def test_a_slow_host_is_waited_for(site, ledger):
    site.a.misbehave("ehlo", 0.2)
    send_plain(site, ledger)
    ledger.check()
    assert ledger.by_host() == {"a": 1}


def test_200_messages_across_a_kill_arrive_once_each(site, ledger):
    traffic = site.traffic(ledger, 200, service="plain")
    ledger.wait_booked(80)
    site.a.kill()
    ledger.wait_booked(140)
    site.a.start()
    traffic.join()
    ledger.check()
    assert len(ledger.accepted) == 200
    assert set(ledger.by_host()) == {"a", "b"}
