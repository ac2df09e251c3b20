"""
Probes against a real Postfix: TLS, a certificate that is none, a login by its
SASL. The smart host is the site's own Postfix, by a service without Weir.
"""
import os
import shutil

import pytest

from harness.certificates import Certificates
from harness.site import PASSWORDS
from harness.weir import USER

ALICE = "alice@example.com"
STAGES = ["tcp", "banner", "ehlo", "tls", "auth"]


@pytest.fixture(scope="module")
def certificates(whole_site):
    return Certificates(whole_site.place)


@pytest.fixture
def probed(site, weir, certificates):
    """probed(level, certificate, password) -> weir with that smart host."""
    address, port = site.postfix.address, site.postfix.ports["plain"]

    def start(level, certificate=None, password=PASSWORDS[ALICE]):
        auth = site.place.write(f"{ALICE}:{password}\n", "a.auth", mode=0o600)
        shutil.chown(auth, USER)
        site.postfix.set(
            smtpd_tls_chain_files=f"{certificates.key}, {certificate}"
            if certificate else "",
            smtpd_tls_security_level="may" if certificate else "none",
            smtpd_tls_auth_only="yes" if certificate else "no",
        )
        return weir(
            health=f"""{{
                ladder = "1s*4 2s"; heartbeat = "1h"; timeout = "5s";
                ca_file = "{certificates.ca}"; }}""",
            smart_hosts=f"""(
                {{ name = "a"; nexthop = "[{address}]:{port}";
                   probe = "{level}"; auth = "file:{auth}"; }},
                {{ name = "b"; nexthop = "@B@"; }},
                {{ name = "c"; nexthop = "@C@"; }} )""",
        )

    yield start
    site.postfix.set(smtpd_tls_chain_files="", smtpd_tls_security_level="none",
                     smtpd_tls_auth_only="no")
    os.unlink(site.place.path("a.auth"))


def test_a_login_over_tls(site, probed, certificates):
    good = certificates.make("good", f"IP:{site.postfix.address}")
    w = probed("auth", good)
    mark = site.postfix.log.mark()
    probe = w.ask("probe", "a")
    assert [s["stage"] for s in probe["stages"]] == STAGES
    assert all(s["ok"] for s in probe["stages"]) and probe["ok"]
    assert w.host("a")["tls_days_left"] == 29
    # a guest that introduces himself and says goodbye
    site.postfix.log.wait(
        r"disconnect from .* ehlo=2 starttls=1 auth=1 quit=1 commands=5",
        since=mark)


def ask_ended(w):
    done = w.ctl("--json", "probe", "a", check=False)
    assert done.returncode == 1, done
    assert PASSWORDS[ALICE] not in done.stdout
    line = w.policyd.lines.wait("event=MarkedUnhealthy host=a")
    return done.stdout, line


def test_a_wrong_password(site, probed, certificates):
    w = probed("auth", certificates.make("good",
               f"IP:{site.postfix.address}"), "wrong-word")
    said, line = ask_ended(w)
    assert " stage=auth error=smtp_535 " in line
    assert "wrong-word" not in said + w.policyd.lines.tail(999)


def test_an_expired_certificate(site, probed, certificates):
    w = probed("starttls", certificates.make("old",
               f"IP:{site.postfix.address}", days=-5))
    _, line = ask_ended(w)
    assert " stage=tls error=tls_expired " in line
    assert "the certificate expired on 20" in line


def test_the_certificate_of_another(probed, certificates):
    w = probed("starttls", certificates.make("other", "DNS:mx.example.net"))
    _, line = ask_ended(w)
    assert " stage=tls error=tls_name " in line
    assert "the certificate is for mx.example.net, not for" in line


def test_no_tls(probed):
    _, line = ask_ended(probed("starttls"))
    assert " stage=tls error=tls_absent " in line


def test_no_credentials_without_tls(site, probed):
    w = probed("auth")
    mark = site.postfix.log.mark()
    _, line = ask_ended(w)
    assert " stage=auth error=auth_without_tls " in line
    disconnect = site.postfix.log.wait(r"disconnect from ", since=mark)
    assert "auth=" not in disconnect
