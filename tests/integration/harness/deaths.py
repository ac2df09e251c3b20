"""
The ways in which a smart host dies, and what is needed to have it die so. For
tests: the fixtures are for them to import.
"""
import ssl
from dataclasses import dataclass
from typing import Callable

import pytest

from .certificates import Certificates
from .smarthost import CLOSE, MUTE, HalfTls

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


def half_tls(then):
    return lambda host: setattr(host, "tls", HalfTls(host.good, then))


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
    Death("tls_stops", half_tls(MUTE),
          "stage=tls error=(?:ETIMEDOUT|tls_handshake)", True),
    Death("tls_closes", half_tls(CLOSE), "stage=tls error=tls_handshake",
          True),
    Death("expired", shows_expired,
          "stage=tls error=tls_(?:expired|certificate)", True),
]

NAME = "hop.example.net"  # in certificates; Postfix compares no addresses


@pytest.fixture(scope="module")
def certificates(whole_site):
    return Certificates(whole_site.place)


@pytest.fixture(scope="module")
def impatient(whole_site):
    """Postfix waits a shorter time for a banner, and for TLS."""
    whole_site.postfix.set(smtp_helo_timeout="2s", smtp_starttls_timeout="2s")
    yield
    whole_site.postfix.set(smtp_helo_timeout="5s", smtp_starttls_timeout="5s")


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
            host.tls = host.good = context(certificates, host)
        site.postfix.set(smtp_tls_security_level="verify",
                         smtp_tls_verify_cert_match=NAME,
                         smtp_tls_CAfile=certificates.ca)

    yield begin
    if asked:
        site.postfix.set(smtp_tls_security_level="", smtp_tls_CAfile="",
                         smtp_tls_verify_cert_match="hostname")
