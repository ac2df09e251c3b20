"""
Mail that waits in the queue leaves by another smart host without a command,
both when its list is pinned to it and when Postfix asks the socketmap.
"""
import signal
from collections import Counter

import pytest

ALICE = "alice@example.com"
BOB = "bob@example.com"

SENDER = "socketmap:unix:weir/map.sock:sender"
RECIPIENT = "socketmap:unix:weir/map.sock:recipient"

# What Postfix says when a table does not answer.
NO_ANSWER = r"table lookup problem|address resolver failure|socketmap"

POLICY = """{
  listen = [ "unix:@DIR@/spool/weir/policy.sock" ];
  socketmap = [ "unix:@DIR@/spool/weir/map.sock" ];
  pin = "%s";
}"""

# Not by b: Postfix's default transport (a, then b) would take it there too.
A_OR_C = """( { name = "outbound"; transport = "relay";
  members = ( { host = "a"; }, { host = "c"; } ); } )"""
# What is queued waits for one host alone.
A_ALONE = """( { name = "outbound"; transport = "relay"; failovers = 0;
  members = ( { host = "a"; cost = 10; }, { host = "c"; cost = 20; } ); } )"""


@pytest.fixture
def mapped(site):
    """Postfix asks the socketmap."""
    site.postfix.set(sender_dependent_default_transport_maps=SENDER,
                     transport_maps=RECIPIENT)
    yield
    site.postfix.set(sender_dependent_default_transport_maps="",
                     transport_maps="")


def send_as(site, ledger, user, **what):
    with site.session() as session:
        site.login(session, user)
        assert ledger.send(session, user, **what).code == 250


def send_to_the_queue(site, ledger):
    """Two messages that every smart host tells to come again later."""
    for host in site.hosts:
        host.misbehave("rcpt", "450 4.2.0 not now")
    for user in (ALICE, BOB):
        mark = site.postfix.log.mark()
        send_as(site, ledger, user)
        site.postfix.log.wait("relay.*status=deferred.*450 4.2.0", mark)
    assert not ledger.delivered()


def take_mail(*hosts):
    for host in hosts:
        host.behave()


def test_unpinned_mail_in_the_queue_leaves_by_the_other_host(
    site, weir, mapped, ledger
):
    w = weir(policy=POLICY % "never", connectors=A_ALONE)
    send_to_the_queue(site, ledger)
    take_mail(site.c)
    site.a.kill()
    w.policyd.lines.wait("event=MarkedUnhealthy host=a")
    ledger.check()
    assert ledger.by_host() == {"c": 2}


def test_pinned_mail_in_the_queue_leaves_by_the_other_host(
    site, weir, mapped, ledger
):
    weir(policy=POLICY % "always", connectors=A_OR_C)
    send_to_the_queue(site, ledger)
    site.a.kill()
    take_mail(site.b, site.c)
    ledger.check()
    assert ledger.by_host() == {"c": 2}


C_AFTER_B = """( { name = "outbound"; transport = "relay";
  members = ( { host = "b"; cost = 10; }, { host = "c"; cost = 20; } ); } )"""


@pytest.mark.parametrize("pin", ["always", "never"])
def test_seed_1_20_1_21_queued_mail_does_not_stay_and_later_mail_not_join(
    site, weir, mapped, ledger, pin
):
    """100 messages; the first host dies mid-way, with 20 queued for it."""
    w = weir(policy=POLICY % pin, connectors=C_AFTER_B)
    site.traffic(ledger, 30).join()
    ledger.check()
    assert ledger.by_host() == {"b": 30}
    for host in site.hosts:
        host.misbehave("rcpt", "450 4.2.0 not now")
    mark = site.postfix.log.mark()
    queued = site.ledger()
    site.traffic(queued, 20).join()
    site.postfix.log.wait("relay.*status=deferred.*450 4.2.0", mark, count=20)
    site.b.kill()
    take_mail(site.c)
    later = site.ledger()
    site.traffic(later, 50).join()
    for part, count in ((queued, 20), (later, 50)):
        part.check()
        assert part.by_host() == {"c": count}
    w.policyd.lines.wait("event=MarkedUnhealthy host=b")
    assert not w.policyd.lines.find("event=(Drained|Down|Enabled)")


def test_drained_host_is_not_waited_for(site, weir, mapped, ledger):
    w = weir(policy=POLICY % "never", connectors=A_ALONE)
    send_to_the_queue(site, ledger)
    take_mail(site.c)
    w.ctl("drain", "a")
    ledger.check()
    assert ledger.by_host() == {"c": 2}


WAITS = """( { name = "outbound"; transport = "relay";
  when_none_healthy = "queue"; members = ( { host = "a"; }, { host = "c"; } );
} )"""


def test_mail_waits_while_no_host_is_healthy(site, weir, mapped, ledger):
    """when_none_healthy = queue: taken, not tried anywhere, sent later."""
    w = weir(policy=POLICY % "always", connectors=WAITS)
    for host in (site.a, site.c):
        host.kill()
        w.policyd.lines.wait(f"event=MarkedUnhealthy host={host.name}")
    mark = site.postfix.log.mark()
    for user in (ALICE, BOB):
        send_as(site, ledger, user)
    site.postfix.log.wait(
        r"relay=none.*status=deferred \(no smart host is available\)", mark,
        count=2)
    assert not ledger.delivered()  # not by b, Postfix's own default, either
    site.c.start()
    ledger.check()
    assert ledger.by_host() == {"c": 2}


def test_pin_login_pins_what_a_login_decides(site, weir, mapped, ledger):
    w = weir(policy=POLICY % "login", routes="""(
      { name = "alice"; user = [ "alice@example.com" ]; host = "c"; },
      { name = "all"; host = "b"; } )""")
    for user in (ALICE, BOB):
        send_as(site, ledger, user)
    ledger.check()
    assert ledger.by_host() == {"b": 1, "c": 1}
    told = {
        user: w.ask("explain", "--user", user, "--sender", user)
        for user in (ALICE, BOB)
    }
    assert told[ALICE]["action"] == f"FILTER relay:{site.c.nexthop}"
    assert told[BOB]["decision"] == "not_pinned"
    assert told[BOB]["socketmap"] == f"OK relay:{site.b.nexthop}"


def test_each_recipient_has_its_way(site, weir, mapped, ledger):
    """A route takes one of two recipients: the message is not pinned."""
    big, other = "u@big.example", "v@remote.example"
    w = weir(policy=POLICY % "always", routes="""(
      { name = "big"; recipient = [ "@big.example" ]; host = "c"; },
      { name = "all"; host = "b"; } )""")
    for recipients in ((big,), (other,), (big, other), ("w@local.example",)):
        send_as(site, ledger, ALICE, recipients=recipients)
    ledger.check()
    took = Counter((d.host, r) for d in ledger.delivered()
                   for r in d.recipients)
    assert took == {("c", big): 2, ("b", other): 2,
                    ("local", "w@local.example"): 1}
    told = w.ask("explain", "--user", ALICE, "--sender", ALICE,
                 "--recipient", big, "--recipient", other)
    assert told["decision"] == "recipients_differ"
    assert told["route"] == "big"
    assert told["socketmap"] == f"OK relay:{site.b.nexthop}"
    assert told["socketmap_recipient"] == f"OK relay:{site.c.nexthop}"


def test_killed_worker_is_no_resolver_failure(site, weir, mapped, ledger):
    w = weir(policy=POLICY % "never", connectors=A_OR_C)
    mark = site.postfix.log.mark()
    traffic = site.traffic(ledger, 200)
    for sent in (50, 100, 150):
        ledger.wait_booked(sent)
        w.policyd.kill_worker(signal.SIGKILL)
    traffic.join()
    assert len(ledger.accepted) == 200
    ledger.check()
    assert set(ledger.by_host()) == {"a", "c"}
    assert not site.postfix.log.find(NO_ANSWER, mark)


def test_mail_is_accepted_while_the_map_is_away(site, weir, mapped, ledger):
    w = weir(policy=POLICY % "never")
    w.stop_policyd()
    mark = site.postfix.log.mark()
    send_as(site, ledger, ALICE)
    site.postfix.log.wait("status=deferred.*address resolver failure", mark)
    w.start_policyd()
    # the queue manager keeps its last answer, a failure too, for 30 s
    send_as(site, ledger, BOB)
    ledger.check()
