"""
The ways in which a smart host dies in the middle of the mail: each is seen,
costs no message, and takes the host out of every list that is made from then
on. A name that DNS no longer knows is in test_name_gone.py.
"""
import re
import time

import pytest

from harness.asker import Asker
from harness.deaths import (  # noqa: F401
    BY_LOG, BY_PROBE, DEATHS, certificates, impatient, with_tls,
)
from harness.weir import config_text

CAROL = "carol@example.com"

@pytest.fixture
def start(weir, certificates, impatient, with_tls):
    """start(death): both daemons, and what that death needs."""

    def start_for(death):
        if death.tls:
            with_tls()
        return weir(
            health=BY_PROBE % certificates.ca if death.tls else BY_LOG
        )

    return start_for


def first_hosts(site, sender, count, since):
    """The first next hop of each list that was given to sender's mail."""
    pattern = rf"triggers FILTER relay:([^,;]+).*from=<{sender}>"
    site.postfix.log.wait(pattern, since, count=count)
    return [re.search(pattern, line).group(1)
            for line in site.postfix.log.find(pattern, since)]


@pytest.mark.parametrize("death", DEATHS, ids=lambda death: death.name)
def test_seed_4_38_a_death_in_the_middle_of_200_messages(site, start, ledger, death):
    w = start(death)
    traffic = site.traffic(ledger, 200)
    ledger.wait_booked(100)
    death.die(site.b)
    line = w.policyd.lines.wait("event=MarkedUnhealthy")
    assert f" host=b ip={site.b.address} " in line
    assert re.search(f" (?:{death.seen})[ (]", line), line
    traffic.join()
    assert len(ledger.accepted) == 200
    ledger.check()
    named = w.host("b")["selected"]
    mark = site.postfix.log.mark()
    after = site.ledger()
    site.traffic(after, 50, users=[CAROL]).join()
    after.check()
    assert first_hosts(site, CAROL, 50, mark) == [site.a.nexthop] * 50
    assert w.host("b")["selected"] == named
    # what b took before it died is told after the event, and heals nothing
    assert len(w.policyd.lines.find("event=Marked")) == 1


def refused_line(host):
    """What Postfix writes to its log."""
    now = time.strftime("%b %e %H:%M:%S")
    where = f"{host.address}[{host.address}]:{host.port}"
    return (f"{now} mx postfix/relay/smtp[4711]: "
            f"connect to {where}: Connection refused\n")


def test_seed_1_17_no_decision_100_ms_after_the_log_said_it_is_dead(
    site, weir
):
    path = site.place.write("", "log", "other-maillog")
    # b is always first while it lives: no other answer is chance
    w = site.start_weir(config_text(
        health=BY_LOG,
        connectors="""( { name = "outbound"; transport = "relay";
          members = ( { host = "a"; cost = 20; }, { host = "b"; cost = 10; } );
        } )""",
    ).replace("@DIR@/log/maillog", path))
    with Asker(w.policy_socket, CAROL) as asker, open(path, "a") as log:
        assert {asker.first() for _ in range(20)} == {site.b.nexthop}
        log.write(refused_line(site.b))
        written = time.monotonic()
        log.flush()
        while asker.first() == site.b.nexthop:
            assert time.monotonic() - written < 10, "never seen"
        took = time.monotonic() - written
        assert {asker.first() for _ in range(200)} == {site.a.nexthop}
    assert took < 0.1
    line = w.policyd.lines.wait("event=MarkedUnhealthy")
    assert "host=b " in line and " stage=tcp error=ECONNREFUSED(111) " in line
