"""Smart hosts that fail in the middle of the mail, one of them or all."""
import pytest

from harness.deaths import (  # noqa: F401
    BY_PROBE, DEATHS, certificates, impatient, with_tls,
)
from harness.smarthost import CLOSE

QUICK = """{
  ladder = "1s*4 2s"; heartbeat = "1s"; timeout = "2s"; probe = "ehlo"; }"""
ONE = [death for death in DEATHS
       if death.name in ("blackhole", "silent", "421", "tls_garbage")]


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
    """What waits does not fall on them all at once when they are back."""
    with fault(
        "all smart hosts dead for a while",
        health="""{ ladder = "1s*4 2s"; heartbeat = "1s"; timeout = "2s";
          slow_start = "5s"; }""",
    ) as f:
        f.until(0.2)
        for host in site.hosts:
            host.misbehave("banner", "421 4.3.2 dead")
        for host in "abc":
            f.weir.policyd.lines.wait(f"event=MarkedUnhealthy host={host}")
        f.until(0.6)
        for host in site.hosts:
            host.behave()
        f.over()
