"""
The ways in which a smart host dies in the middle of the mail: each is seen,
costs no message, and takes the host out of every list that is made from then
on. A name that DNS no longer knows is in test_name_gone.py.
"""
import re
import socket
import ssl
import time
from dataclasses import dataclass
from typing import Callable

import pytest

from harness.certificates import Certificates
from harness.smarthost import MUTE
from harness.weir import config_text

CAROL = "carol@example.com"

# Once sick a host stays so, but for what deliveries tell.
BY_LOG = '{ ladder = "1h"; heartbeat = "0"; }'
BY_PROBE = """{
  ladder = "1h"; heartbeat = "300ms"; timeout = "10s"; probe = "starttls";
  ca_file = "%s";
}"""


@dataclass(frozen=True)
class Death:
    name: str
    die: Callable  # given the host
    seen: str  # stage and error of the event
    tls: bool = False  # Postfix and the probes ask for it


def misbehaves(how):
    return lambda host: host.misbehave("banner", how)


def shows(tls):
    return lambda host: setattr(host, "tls", tls)


def shows_expired(host):
    host.tls = host.expired


DEATHS = [
    # conversations under way are cut before the next is refused
    Death("refused", lambda host: host.kill(),
          "stage=tcp error=ECONNREFUSED|stage=[a-z]+ error=lost_connection"),
    Death("blackhole", lambda host: host.swallow(),
          "stage=tcp error=ETIMEDOUT"),
    Death("silent", misbehaves(MUTE), "stage=banner error=ETIMEDOUT"),
    # one line for both stages: "refused to talk to me"
    Death("421", misbehaves("421 4.3.2 busy"), "stage=ehlo error=smtp_421"),
    Death("554", misbehaves("554 5.3.2 no"), "stage=ehlo error=smtp_554"),
    Death("no_starttls", shows(None), "stage=tls error=tls_absent", True),
    Death("tls_garbage", shows(b"garbage, not a ServerHello\r\n"),
          "stage=tls error=tls_handshake", True),
    # the probe's word, or Postfix's, which does not say why
    Death("expired", shows_expired,
          "stage=tls error=tls_(?:expired|certificate)", True),
]

NAME = "hop.example.net"  # in certificates; Postfix compares no addresses


@pytest.fixture(scope="module")
def certificates(whole_site):
    return Certificates(whole_site.place)


@pytest.fixture(scope="module")
def impatient(whole_site):
    """Postfix waits a shorter time for a banner."""
    whole_site.postfix.set(smtp_helo_timeout="2s")
    yield
    whole_site.postfix.set(smtp_helo_timeout="5s")


def context(certificates, host, **how):
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(
        certificates.make(host.name, f"IP:{host.address},DNS:{NAME}", **how),
        certificates.key,
    )
    return made


@pytest.fixture
def with_tls(site, certificates):
    """Postfix gives no mail to a host whose certificate is not good."""
    asked = []

    def begin():
        asked.append(True)
        site.b.expired = context(certificates, site.b, days=-5)
        for host in (site.a, site.b, site.c):
            host.tls = context(certificates, host)
        site.postfix.set(smtp_tls_security_level="verify",
                         smtp_tls_verify_cert_match=NAME,
                         smtp_tls_CAfile=certificates.ca)

    yield begin
    if asked:
        site.postfix.set(smtp_tls_security_level="", smtp_tls_CAfile="",
                         smtp_tls_verify_cert_match="hostname")


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


REQUEST = "".join(f"{name}={value}\n" for name, value in {
    "request": "smtpd_access_policy",
    "protocol_state": "DATA",
    "protocol_name": "ESMTP",
    "queue_id": "3F2A1B%(n)X",
    "instance": "1.%(n)d",
    "client_address": "127.0.0.1",
    "client_port": "4711",
    "sender": CAROL,
    "recipient": "someone@remote.example",
    "recipient_count": "1",
    "sasl_username": CAROL,
    "sasl_method": "PLAIN",
    "size": "200",
}.items()) + "\n"


class Asker:
    """Postfix's side of the policy socket."""

    def __init__(self, path):
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(10)
        self._socket.connect(path)
        self._answers = self._socket.makefile("r")
        self._asked = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._answers.close()
        self._socket.close()

    def first(self):
        """The first next hop of the list for one more message."""
        self._asked += 1
        self._socket.sendall((REQUEST % {"n": self._asked}).encode())
        answer = self._answers.readline()
        assert self._answers.readline() == "\n"
        return re.match("action=FILTER relay:([^,\n]+)", answer).group(1)


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
    with Asker(w.policy_socket) as asker, open(path, "a") as log:
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
