"""Smart hosts that fail in the middle of the mail, one of them or all."""
import datetime
import re
import time
from collections import Counter

import pytest

from harness.asker import Asker
from harness.deaths import (  # noqa: F401
    BY_PROBE, DEATHS, certificates, impatient, with_tls,
)
from harness.smarthost import CLOSE

QUICK = """{
  ladder = "1s*4 2s"; heartbeat = "1s"; timeout = "2s"; probe = "ehlo"; }"""
SLOW_START = 5
RAMP = f"""{{ ladder = "1s*4 2s"; heartbeat = "1s"; timeout = "2s";
  slow_start = "{SLOW_START}s"; }}"""
ASKED = 200  # at a time
CLOSE_TO = 0.02  # the ramp's steps are sixtieths, and no message is halved
DRAINED = 60  # seconds in which a queue leaves that was full of them
CAROL = "carol@example.com"
ONE = [death for death in DEATHS
       if death.name in ("blackhole", "silent", "421", "tls_garbage",
                         "tls_stops", "tls_closes")]


@pytest.mark.parametrize("death", ONE, ids=lambda death: death.name)
def test_a_smart_host_dies(site, fault, impatient, certificates, with_tls,
                           death):
    health = QUICK
    if death.tls:
        with_tls()
        health = BY_PROBE % certificates.ca
    with fault(f"smart host: {death.name}", health=health) as f:
        f.until(0.2)
        death.die(site.b)
        f.weir.policyd.lines.wait("event=MarkedUnhealthy host=b")
        f.until(0.6)
        bring_back(site.b, death)
        f.over()


def bring_back(host, death):
    good = host.good if death.tls else None
    host.behave()
    host.tls = good


def test_a_tarpit(site, fault):
    """Slow at each answer, and never wrong: it takes its share, late."""
    with fault("smart host: tarpit, 1.5 s an answer") as f:
        f.until(0.2)
        for stage in ("banner", "ehlo", "mail", "rcpt", "data", "end"):
            site.b.misbehave(stage, 1.5)
        f.until(0.6)
        site.b.behave()
        f.over()


def test_drops_after_data(site, fault):
    """The content was sent and no answer came: sent again, elsewhere."""
    with fault("smart host: drops after DATA") as f:
        f.until(0.2)
        site.b.misbehave("end", CLOSE)
        f.weir.policyd.lines.wait("event=MarkedUnhealthy host=b")
        f.until(0.6)
        site.b.behave()
        f.over()


def test_all_dead_for_a_while(site, fault):
    """What waits is not thrown at one of them when they are back."""
    log_mark = site.postfix.log.mark()
    with fault("all smart hosts dead for a while", health=RAMP) as f:
        f.until(0.2)
        for host in site.hosts:
            host.misbehave("banner", "421 4.3.2 dead")
        for name in "abc":
            f.weir.policyd.lines.wait(f"event=MarkedUnhealthy host={name}")
        f.until(0.7)
        waiting, mark = f.waiting(), site.inbox.mark()
        for host in site.hosts:
            host.behave()
        took = Counter(d.host for d in site.inbox.wait_for(
            lambda new: waiting <= {d.number for d in new}, "what waited",
            mark, DRAINED) if d.number in waiting)
        f.over()
    assert len(waiting) > f.messages / 10
    assert min(took["a"], took["b"]) > 0.4 * took.total(), took
    # to each of them the queue manager opens so many connections at once:
    # by a or b alone, and by both in either order
    lists = site.postfix.log.find("triggers FILTER", log_mark)
    assert len({re.search("FILTER ([^;]*);", x)[1] for x in lists}) <= 4


def test_a_host_returns_slowly(site, fault):
    """It begins with a tenth of its weight, which grows to all of it."""
    with fault("a smart host returns, slow_start", health=RAMP) as f:
        f.until(0.1)
        site.b.misbehave("banner", "421 4.3.2 dead")
        f.weir.policyd.lines.wait("event=MarkedUnhealthy host=b")
        f.until(0.2)
        site.b.behave()
        f.weir.policyd.lines.wait("event=MarkedHealthy host=b")
        healed = time_of_last(f.weir, "MarkedHealthy")
        with Asker(f.weir.policy_socket, CAROL) as asker:
            while time.time() < healed + SLOW_START + 1:
                check_share(f.weir, asker, healed)
        f.over()


def check_share(weir, asker, healed):
    """Its part of all decisions is what the manual says it is."""
    before, least = selected(weir), ramp(time.time() - healed)
    for _ in range(ASKED):
        asker.first()
    most, after = ramp(time.time() - healed), selected(weir)
    of_b, of_all = after["b"] - before["b"], (after - before).total()
    assert least - CLOSE_TO < of_b / of_all < most + CLOSE_TO


def selected(weir):
    """host -> decisions that named it first"""
    return Counter({host["name"]: host["selected"]
                    for host in weir.ask("hosts")["hosts"]})


def ramp(seconds):
    """The part of two equals that healed so long ago (weir.conf(5))."""
    weight = min(1.0, 0.1 + 0.9 * seconds / SLOW_START)
    return weight / (1 + weight)


def time_of_last(weir, name):
    (*_, last) = [e for e in weir.ask("events")["events"]
                  if e["event"] == name]
    return datetime.datetime.fromisoformat(last["time"]).timestamp()
