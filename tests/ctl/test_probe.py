"""weirctl probe, and probes with TLS and a login, against weir-policyd."""

import base64
import os
import pathlib
import re
import shutil
import signal
import socket
import tempfile
import time

import pytest

from conftest import NoHost, SmartHost, Weir
from smtp_tls import Certificates, TlsHost
from web_client import exchange

USER, PASSWORD = "probe@example.com", "Tr0ub4dor&3-xyzzy"
SECRETS = [
    PASSWORD,
    base64.b64encode(PASSWORD.encode()).decode(),
    base64.b64encode(f"\0{USER}\0{PASSWORD}".encode()).decode(),
]


@pytest.fixture(scope="module")
def site():
    """isp-a logs in over TLS, isp-b is plain, by name; dr is not there."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="weirprobe."))
    certificates = Certificates(folder)
    host = TlsHost(certificates.make("good"), certificates.key, USER,
                   PASSWORD)
    auth = folder / "isp-a.auth"
    auth.write_text(f"{USER}:{PASSWORD}\n")
    auth.chmod(0o600)
    weir = Weir(folder, [host, SmartHost(), NoHost()])
    weir.config.write_text(weir.config.read_text().replace(
        'name = "isp-a";', 'name = "isp-a"; probe = "auth"; '
        f'auth = "file:{auth}";').replace(
        f"[127.0.0.1]:{weir.hosts[1].port}",
        f"[localhost]:{weir.hosts[1].port}") +
        f'health: {{ heartbeat = "1h"; helo_name = "probe.example.org"; '
        f'source_address = [ "127.0.0.9", "::1" ]; '
        f'ca_file = "{certificates.ca}"; }};'
        f'http: {{ listen = "unix:{folder}/http.sock"; }};')
    weir.certificates, weir.auth = certificates, auth
    weir.start()
    yield weir
    try:
        host.close()
        weir.hosts[1].close()
        weir.stop()
        check_secrets(weir.log.read_text())
    finally:
        if weir.process.poll() is None:
            weir.kill()
        shutil.rmtree(folder)


def check_secrets(text):
    for secret in SECRETS:
        assert secret not in text


def stages(probe):
    return [(s["stage"], s["ok"]) for s in probe["stages"]]


GOOD = [("tcp", True), ("banner", True), ("ehlo", True), ("tls", True)]


def test_a_login_stage_by_stage(site):
    probe = site.json("probe", "isp-a")
    assert probe["host"] == "isp-a" and probe["ok"] is True
    assert stages(probe) == GOOD + [("auth", True)]
    assert probe["stages"][1]["text"] == "220 test ESMTP"
    assert "certificate of good, 99 days left" in probe["stages"][3]["text"]
    assert all(s["ip"] == "127.0.0.1" and s["ms"] >= 0
               for s in probe["stages"])
    assert site.hosts[0].logins[-1] == f"\0{USER}\0{PASSWORD}".encode()
    assert set(site.hosts[0].greetings) == {b"probe.example.org"}
    assert site.hosts[0].came_from == {"127.0.0.9"}


def test_as_text(site):
    text = site.text("probe", "isp-a")
    assert [line.split()[:2] for line in text.splitlines()[:2]] == [
        ["ADDRESS", "STAGE"], ["127.0.0.1", "tcp"]]
    assert "235 logged in" in text
    check_secrets(text)


def test_days_left_are_shown(site):
    host = site.json("host", "isp-a")
    assert host["tls_days_left"] == 99
    assert host["addresses"][0]["tls_days_left"] == 99
    assert "certificate" not in site.text("host", "isp-a")
    assert site.json("host", "isp-b")["tls_days_left"] is None


def test_its_end_is_a_metric(site):
    client = socket.socket(socket.AF_UNIX)
    client.connect(str(site.folder / "http.sock"))
    _, _, body = exchange(None, b"GET /metrics HTTP/1.0\r\n\r\n", client)
    (end,) = re.findall(rb"^weir_host_certificate_expiry_timestamp_seconds"
                        rb'\{host="isp-a"\} ([\d.]+)$', body, re.MULTILINE)
    assert 99 <= (float(end) - time.time()) / 86400 < 100


def test_a_certificate_near_its_end_is_told(site):
    certificates = site.certificates
    site.hosts[0].use(certificates.make("short", days=9), certificates.key)
    site.json("probe", "isp-a")
    assert site.json("host", "isp-a")["tls_days_left"] == 8
    for words in (["hosts"], ["host", "isp-a"]):
        assert "its certificate expires in 8 days" in site.text(*words)


def test_what_is_found_counts(site):
    certificates = site.certificates
    site.hosts[0].use(certificates.make("other", alt="IP:192.0.2.7"),
                      certificates.key)
    probe = site.json("probe", "isp-a", code=1)
    assert stages(probe) == GOOD[:3] + [("tls", False)]
    host = site.json("host", "isp-a")
    assert (host["state"], host["stage"], host["error"]) == (
        "unhealthy", "tls", "tls_name")
    site.hosts[0].use(certificates.make("good"), certificates.key)
    assert site.json("probe", "isp-a")["ok"] is True
    host = site.json("host", "isp-a")
    assert host["state"] == "healthy"
    assert host["history"][-1]["event"] == "MarkedHealthy"
    assert host["history"][-1]["by"] == "operator"


def test_a_wrong_password_and_no_secret_anywhere(site):
    site.hosts[0].accepts = b"another"
    try:
        probe = site.run("--json", "probe", "isp-a")
        assert probe.returncode == 1
        assert "(not shown: the answer repeats" in probe.stdout
        said = [probe.stdout]
        for words in (["hosts"], ["host", "isp-a"], ["events", "-n", "99"],
                      ["config", "show"], ["status"],
                      ["explain", "--sender", "a@example.com"]):
            said.append(site.run("--json", *words).stdout)
            said.append(site.run(*words).stdout)
        said.append(site.log.read_text())
        for path in (site.folder / "db").iterdir():
            said.append(path.read_bytes().decode("latin-1"))
        check_secrets("".join(said))
        assert site.json("host", "isp-a")["stage"] == "auth"
    finally:
        site.hosts[0].accepts = f"\0{USER}\0{PASSWORD}".encode()


def test_an_ehlo_level_host_and_one_that_is_not_there(site):
    probe = site.json("probe", "isp-b")
    assert probe["stages"][0]["stage"] == "dns"
    assert probe["stages"][0]["ip"] is None
    by_ip = [(s["stage"], s["ok"]) for s in probe["stages"]
             if s["ip"] == "127.0.0.1"]
    assert by_ip == GOOD[:3]
    probe = site.json("probe", "dr", code=1)
    assert probe["ok"] is False and stages(probe) == [("tcp", False)]
    assert probe["stages"][0]["text"] == "Connection refused"


def test_no_such_host(site):
    done = site.run("probe", "isp-x")
    assert done.returncode == 1 and "did you mean isp-a?" in done.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="another user is needed")
def test_only_for_operators(site):
    os.chmod(site.folder, 0o755)
    os.chmod(site.socket, 0o666)
    done = site.run("probe", "isp-b", user="nobody")
    assert done.returncode == 1 and done.stdout == ""
    assert "your role does not allow" in done.stderr


def test_one_that_leaves_does_not_hurt(site):
    client = site.milter()
    client.send("PROBE", "isp-b")
    client.socket.close()
    assert site.json("probe", "isp-b")["ok"] is True


def test_a_reload_refuses_what_others_may_read(site):
    site.auth.chmod(0o640)
    with site.follow() as events:
        site.process.send_signal(signal.SIGHUP)
        assert events.event() == "ReloadRefused"
    assert "chmod 600" in site.log.read_text()
    check = site.run("config", "check")
    assert check.returncode == 1 and "chmod 600" in check.stdout + check.stderr
    assert site.json("probe", "isp-a")["ok"] is True
    site.auth.chmod(0o600)
    with site.follow() as events:
        site.process.send_signal(signal.SIGHUP)
        assert events.event() == "Reloaded"
    assert site.json("probe", "isp-a")["ok"] is True
