"""
Which hosts are usable: what is seen of them in probes and in real deliveries,
what the operator orders, and what follows for the mail.
"""
import pytest

from harness.smarthost import CLOSE, MUTE, SmartHost

ALICE = "alice@example.com"

# No regular probe: what is known comes from the mail log, until a trial.
LOG_ALONE = '{ ladder = "2s"; heartbeat = "0"; timeout = "2s"; }'


def test_the_mail_log_alone_marks_a_host_and_a_probe_heals_it(
    site, weir, ledger
):
    w = weir(health=LOG_ALONE)
    probes = site.b.connections
    site.b.kill()
    site.traffic(ledger, 8, clients=1).join()
    line = w.policyd.lines.wait("event=MarkedUnhealthy")
    assert f"host=b ip={site.b.address} " in line
    assert " stage=tcp " in line
    assert " failures=1 " in line
    assert w.host("b")["state"] == "unhealthy"
    after = site.ledger()
    site.traffic(after, 10).join()
    after.check()
    assert after.by_host() == {"a": 10}
    site.b.start()
    line = w.policyd.lines.wait("event=MarkedHealthy host=b")
    assert "by=probe" in line
    assert site.b.connections == probes + 1
    assert w.host("b")["state"] == "healthy"
    ledger.check()


@pytest.mark.parametrize(
    "stage, how, seen",
    [
        ("banner", "421 4.3.2 busy", "banner"),
        ("banner", "554 5.3.2 no", "banner"),
        ("banner", CLOSE, "banner"),
        ("banner", MUTE, "banner"),
        ("ehlo", "421 4.3.2 busy", "ehlo"),
        ("ehlo", CLOSE, "ehlo"),
    ],
)
def test_a_probe_sees_what_is_wrong_and_that_it_is_over(
    site, weir, stage, how, seen
):
    policyd = weir().policyd
    site.a.misbehave(stage, how)
    line = policyd.lines.wait("event=MarkedUnhealthy host=a")
    assert f" stage={seen} " in line
    site.a.behave()
    policyd.lines.wait("event=MarkedHealthy host=a")


@pytest.mark.parametrize(
    "stage, how, seen",
    [
        # one line for both stages: "refused to talk to me"
        ("banner", "421 4.3.2 busy", "ehlo"),
        ("banner", "554 5.3.2 no", "ehlo"),
        ("banner", CLOSE, "banner"),
        ("ehlo", CLOSE, "ehlo"),
        ("mail", "421 4.3.2 busy", "mail"),
    ],
)
def test_real_mail_shows_what_is_wrong(site, weir, ledger, stage, how, seen):
    w = weir(health='{ ladder = "1h"; heartbeat = "0"; }')
    site.a.misbehave(stage, how)
    site.traffic(ledger, 4, clients=1).join()
    line = w.policyd.lines.wait("event=MarkedUnhealthy host=a")
    assert f" stage={seen} " in line
    ledger.check()
    assert ledger.by_host() == {"b": 4}


def test_seed_5_8_a_refused_recipient_says_nothing_of_the_host(site, weir, ledger):
    w = weir(health=LOG_ALONE)
    site.a.misbehave("rcpt", "450 4.2.1 mailbox busy")
    site.b.misbehave("rcpt", "450 4.2.1 mailbox busy")
    mark = site.postfix.log.mark()
    site.traffic(ledger, 6).join()
    site.postfix.log.wait("mailbox busy", mark, count=6)
    site.a.behave()
    site.b.behave()
    ledger.check()
    assert not w.policyd.lines.find("MarkedUnhealthy")


def test_a_smart_host_that_is_postfix_itself_gets_no_mail(
    site, weir, ledger
):
    """By a wrong DNS, say. Postfix bounces what is for it, at port 25."""
    me = SmartHost(site.loop, "mx.example.com", site.place.address(61),
                   site.inbox, port=25)
    try:
        w = weir(smart_hosts=f"""( {{ name = "me"; nexthop = "{me.nexthop}"; }},
          {{ name = "b"; nexthop = "@B@"; }},
          {{ name = "c"; nexthop = "@C@"; }} )""",
                 connectors="""( { name = "outbound"; transport = "relay";
          members = ( { host = "me"; }, { host = "b"; } ); } )""")
        line = w.policyd.lines.wait("event=MarkedUnhealthy host=me")
        assert " stage=ehlo error=loop " in line
        site.traffic(ledger, 6).join()
        ledger.check()
        assert ledger.by_host() == {"b": 6}
    finally:
        me.kill()


def test_one_login_cannot_take_all_smart_hosts_out(site, weir, ledger):
    """Every host puts off what alice writes, while bob's mail goes out."""
    w = weir(health=LOG_ALONE.replace('"2s"', '"1h"', 1))
    for host in site.hosts:
        host.misbehave("end", "451 4.7.1 content not now")
    mark = site.postfix.log.mark()
    site.traffic(ledger, 12, users=[ALICE], clients=3).join()
    # each message failed at every host it could go by
    site.postfix.log.wait("status=deferred", mark, count=12)
    w.policyd.lines.wait("event=MarkedUnhealthy")
    states = [h["state"] for h in w.ask("hosts")["hosts"]]
    assert states.count("unhealthy") == 1, states
    for host in site.hosts:
        host.behave()
    others = site.ledger()
    site.traffic(others, 6, users=["bob@example.com"]).join()
    others.check()
    site.postfix.flush()
    ledger.check()


def test_seed_1_22_4_5_drain_under_traffic_moves_the_mail_at_once(site, weir, ledger):
    w = weir()
    traffic = site.traffic(ledger, 400)
    ledger.wait_booked(100)
    w.ctl("drain", "b")
    late = site.ledger()  # each of these is decided after the command returned
    with site.session() as session:
        site.login(session, ALICE)
        for _ in range(30):
            assert late.send(session, ALICE).code == 250
    traffic.join()
    assert len(ledger.accepted) == 400
    ledger.check()
    late.check()
    assert late.by_host() == {"a": 30}
    assert ledger.by_host()["b"] > 0
    assert w.host("b")["state"] == "drained"
    w.ctl("enable", "b")
    again = site.ledger()
    site.traffic(again, 20).join()
    again.check()
    assert again.by_host() == {"a": 10, "b": 10}


def test_the_operator_can_read_it_all(site, weir, ledger):
    w = weir()
    site.traffic(ledger, 10).join()
    ledger.check()
    w.ctl("drain", "a")
    w.ctl("enable", "a")
    assert w.ctl("drain", "nosuch", check=False).returncode == 1
    names = [event["event"] for event in w.ask("events")["events"]]
    assert names[-2:] == ["Drained", "Enabled"]
    hosts = w.ask("hosts")["hosts"]
    assert [h["name"] for h in hosts] == ["a", "b", "c"]
    assert [h["selected"] for h in hosts] == [5, 5, 0]
    assert w.ask("status")["policy"]["requests"] >= 10
    for command in ("status", "hosts", "events"):
        assert w.ctl(command).stdout
