"""weir-policyd over HTTP: who may ask, what is answered, what it stands."""

import os
import pathlib
import re
import resource
import select
import signal
import socket
import subprocess
import sys
import threading
import time

import pytest

from conftest import BUILD, WAIT, free_port
from web_client import exchange, get, get_json

ACTIVATE = pathlib.Path(__file__).parents[1] / (
    "integration/harness/activate.py")
PATHS = ["/", "/weir.css", "/weir.js", "/weir.svg", "/status.json",
         "/history.json", "/metrics", "/healthz"]


# --- who may ask, and how ---

def test_a_refused_host_is_told_with_its_mend(web):
    """The first one: many in a row are summed up."""
    assert get(web, "/", "told.example")[0] == 403
    assert ("it asks for the host told.example, which is not in http.hosts"
            in web.log.read_text())


@pytest.mark.parametrize("path", PATHS)
def test_every_page_says_what_browsers_must_know(web, path):
    status, head, body = get(web, path)
    assert status == 200 and body
    policy = dict(part.strip().split(" ", 1) for part in
                  head["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'none'"
    for what in ("script-src", "style-src", "img-src", "connect-src"):
        assert policy[what] == "'self'"
    assert policy["frame-ancestors"] == "'none'"
    assert head["X-Content-Type-Options"] == "nosniff"
    assert head["Referrer-Policy"] == "no-referrer"
    assert head["Cache-Control"] == "no-store"
    assert int(head["Content-Length"]) == len(body)
    assert re.fullmatch(r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT",
                        head["Date"])


@pytest.mark.parametrize("path", PATHS)
def test_head_has_no_body(web, path):
    status, head, body = get(web, path, method="HEAD")
    assert (status, body) == (200, b"")
    assert int(head["Content-Length"]) > 0


@pytest.mark.parametrize("host, status", [
    ("localhost", 200), ("127.0.0.1", 200), ("MAIL.example.org:80", 200),
    ("evil.example", 403), ("127.0.0.1.evil.example", 403), ("", 403),
    ("192.0.2.1", 403)])
def test_the_host_must_be_ours(web, host, status):
    for path in ("/", "/status.json", "/nothing"):
        assert get(web, path, host)[0] == (404 if status == 200 and
                                           path == "/nothing" else status)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS",
                                    "TRACE", "PATCH", "get"])
def test_only_get_and_head(web, method):
    status, head, _ = get(web, "/", method=method)
    assert status == 405 and head["Allow"] == "GET, HEAD"


@pytest.mark.parametrize("sent, status", [
    (b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n"
     b"some body", 405),
    (b"GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n"
     b"some body", 413),
    (b"GET / HTTP/1.1\r\n\r\n", 400),
    (b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n", 400),
    (b"EHLO me\r\n\r\n", 400),
    (b"GET / HTTP/3.0\r\nHost: localhost\r\n\r\n", 505),
    (b"GET /" + b"a" * 500 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", 414),
    (b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 1000 + b"\r\n", 431),
    (b"GET / HTTP/1.1\r\nX: " + b"y" * 60000, 431),
    (b"GET /history.json?after=x HTTP/1.0\r\n\r\n", 400),
    (b"GET /../../etc/passwd HTTP/1.0\r\n\r\n", 404),
    (b"GET /healthz HTTP/1.0\r\n\r\n", 200),
])
def test_what_is_wrong_is_answered(web, sent, status):
    assert exchange(web.port, sent)[0] == status


def test_a_unix_socket_is_for_its_group(make_weir):
    weir = make_weir()
    path = weir.folder / "http.sock"
    weir.config.write_text(weir.config.read_text() +
                           f'http: {{ listen = "unix:{path}"; }};')
    weir.start()
    assert path.stat().st_mode & 0o777 == 0o660
    client = socket.socket(socket.AF_UNIX)
    client.connect(str(path))
    assert exchange(None, b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n",
                    client)[0] == 200


def test_without_http_nothing_listens(weir):
    assert "http" not in weir.config.read_text()
    assert "http" not in weir.log.read_text()


# --- what is answered ---

# seed_4_30
def test_seed_4_30_healthz_for_any_balancer(web):
    """A balancer in front asks /healthz, by HTTP/1.0 or 1.1."""
    assert get(web, "/healthz")[0] == 200
    try:
        for host in ("isp-a", "isp-b", "dr"):
            web.json("drain", host)
        status, _, body = get(web, "/healthz")
        assert status == 503
        assert body == b"no smart host of connector outbound is usable\n"
        assert exchange(web.port, b"GET /healthz HTTP/1.0\r\n\r\n")[0] == 503
        web.json("enable", "isp-b")
        assert get(web, "/healthz")[0] == 200
    finally:
        for host in ("isp-a", "isp-b", "dr"):
            web.json("enable", host)


def test_healthz_knows_what_a_route_by_host_uses(held):
    """That host alone: the others of its connector take none of its mail."""
    weir = held
    weir.config.write_text(re.sub(
        r"(?s)routes = .*?\} \);", 'routes = ( { name = "one"; '
        'host = "isp-a"; } );', weir.config.read_text(), count=1))
    weir.start()
    weir.json("drain", "dr")
    assert get(weir, "/healthz")[0] == 200
    weir.json("drain", "isp-a")
    status, _, body = get(weir, "/healthz")
    why = "smart host isp-a, which a route names alone, is not usable"
    assert (status, body) == (503, f"{why}\n".encode())
    told = get_json(weir, "/status.json")
    assert told["mail"] == {"flows": "not", "without": "outbound",
                            "without_host": "isp-a", "text": why}
    assert told["connectors"][0]["usable"] == 0
    assert (b'weir_connector_usable{connector="outbound"} 0\n' in
            get(weir, "/metrics")[2])


def test_status_is_what_weirctl_shows(web):
    milter = web.milter()
    assert milter.ask("CONNECT", "1", "submission", "192.0.2.9",
                      "1000")[0] == "accept"
    web.json("drain", "isp-a")
    web.json("enable", "isp-a")
    status = get_json(web, "/status.json")
    assert set(status) == {
        "time", "epoch", "status", "mail", "connectors", "hosts",
        "listeners", "connections", "connections_truncated", "limits",
        "limits_at", "events"}
    assert status["connections_truncated"] is False
    told = web.json("status")
    assert status["status"].keys() == told.keys()
    assert status["status"]["hosts"] == told["hosts"]
    assert [h["name"] for h in status["hosts"]] == ["isp-a", "isp-b", "dr"]
    for shown, host in zip(status["hosts"], web.json("hosts")["hosts"]):
        assert shown.keys() == host.keys()
        assert shown["state"] == host["state"]
    assert status["hosts"][0]["since"] is None
    assert status["hosts"][2]["since"].endswith("Z")
    assert status["mail"]["flows"] == "partly"
    assert status["mail"]["without"] is None
    assert status["connectors"] == [
        {"name": "outbound", "in_use": True,
         "members": ["isp-a", "isp-b", "dr"], "usable": 2}]
    assert [row["source"] for row in status["connections"]] == ["192.0.2.9"]
    assert status["listeners"][0] == {
        "name": "submission", "open": 1, "limit": 100, "refused": 0}
    assert status["events"] == web.json("events", "-n", "50")["events"]
    assert status["events"][-1]["event"] == "Enabled"


def test_connections_of_many_are_cut_and_it_says_so(web):
    milter = web.milter()
    sessions = [str(n) for n in range(1000, 1101)]
    for session in sessions:
        milter.ask("CONNECT", session, "submission",
                   f"198.51.100.{int(session) - 1000}", session)
    try:
        status = get_json(web, "/status.json")
        assert len(status["connections"]) == 100
        assert status["connections_truncated"] is True
    finally:
        for session in sessions:
            milter.send("CLOSE", session)


def test_limits_nearest_their_end_come_first(web):
    milter = web.milter()
    for number, (user, recipients) in enumerate(
            [("few", 1), ("many", 4), ("some", 2)]):
        session = str(100 + number)
        assert milter.ask("CONNECT", session, "submission", "192.0.2.9",
                          session)[0] == "accept"
        sender = f"{user}@example.com"
        assert milter.ask("MAIL", session, f"{user}@example.com",
                          sender)[0] == "accept"
        for i in range(recipients):
            assert milter.ask("RCPT", session, f"r{i}@far.example", "smtp",
                              "far.example", "Q1")[0] == "accept"
    deadline = time.monotonic() + WAIT
    while True:
        limits = [row for row in get_json(web, "/status.json")["limits"]
                  if row["rule"] == "per-user"]
        if len(limits) == 3 or time.monotonic() > deadline:
            break
    assert [(row["key"], row["used"]) for row in limits] == [
        ("many@example.com", 4), ("some@example.com", 2),
        ("few@example.com", 1)]
    assert limits[0]["limit"] == 5 and limits[0]["what"] == "recipients"


def test_history_has_every_host_and_goes_on(web):
    history = get_json(web, "/history.json")
    assert history["step"] == 10 and history["first"] == 1
    length = history["last"] - history["first"] + 1
    assert [h["name"] for h in history["hosts"]] == ["isp-a", "isp-b", "dr"]
    for host in history["hosts"]:
        for key in ("selected", "delivered", "failed", "states"):
            assert len(host[key]) == length
    later = get_json(web, f"/history.json?after={history['last']}")
    assert later["first"] == history["last"] + 1
    assert later["epoch"] == history["epoch"]
    # a number of another run: all there is
    assert get_json(web, "/history.json?after=99999")["first"] == 1


# --- what it stands ---

def trickle(port, gaps):
    """Sends a byte each gap; how long the server bore with it."""
    with socket.create_connection(("127.0.0.1", port), WAIT) as client:
        begin = time.monotonic()
        try:
            for byte in b"GET / HTTP/1.1\r\nX: " + b"y" * 1000:
                client.sendall(bytes([byte]))
                if select.select([client], [], [], gaps)[0]:
                    break
        except OSError:
            pass
        return time.monotonic() - begin


def test_a_trickler_is_closed(web):
    assert trickle(web.port, 0.2) < WAIT


def test_slow_clients_do_not_stop_policy_answers(web):
    """Two thousand that have not said what they want."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 4096), hard))
    slow = []
    try:
        for i in range(2000):
            client = socket.socket()
            client.setblocking(False)
            client.connect_ex(("127.0.0.1", web.port))
            slow.append(client)
            if i % 100 == 99:
                answer = web.ask_policy(
                    instance=f"slow{i}", sender="a@b.example",
                    recipient="x@far.example", server_port="25")
                assert answer.startswith("FILTER relay:")
        for client in slow:
            try:
                client.send(b"GET / HT")
            except OSError:
                pass
        assert get(web, "/healthz")[0] == 200
        web.json("status")
    finally:
        for client in slow:
            client.close()


def test_garbage_harms_nobody(web):
    for i in range(200):
        try:
            exchange(web.port, bytes((i * 7 + j * 31) % 256
                                     for j in range(300)) + b"\r\n\r\n")
        except (AssertionError, OSError):
            pass  # it may close at once
    assert get(web, "/healthz")[0] == 200
    lines = [line for line in web.log.read_text().splitlines()
             if " http: client on " in line]
    assert 0 < len(lines) < 100, "many in a row are summed up"


def test_an_answer_nobody_reads_goes(web):
    """The client asks and reads nothing; others are served meanwhile."""
    mute = [socket.create_connection(("127.0.0.1", web.port))
            for _ in range(20)]
    for client in mute:
        client.sendall(b"GET /weir.js HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert get(web, "/")[0] == 200
    for client in mute:
        client.close()


# --- reload ---

def test_names_follow_a_reload_and_the_socket_does_not(web):
    text = web.config.read_text()
    assert get(web, "/", "new.example.org")[0] == 403
    web.config.write_text(text.replace(
        '"mail.example.org"', '"new.example.org"').replace(
            f"127.0.0.1:{web.port}", f"127.0.0.1:{free_port()}"))
    mark = web.log.read_text().count("event=Reloaded")
    web.process.send_signal(1)
    deadline = time.monotonic() + WAIT
    while web.log.read_text().count("event=Reloaded") == mark:
        assert time.monotonic() < deadline
        threading.Event().wait(0.05)
    assert get(web, "/", "new.example.org")[0] == 200
    assert get(web, "/", "mail.example.org")[0] == 403
    assert ("http.listen has changed; that takes a restart of weir-policyd"
            in web.log.read_text())
    web.config.write_text(text)


# --- sockets that outlive their daemon ---

@pytest.fixture
def held(make_weir):
    """A Weir that is not started, with http."""
    weir = make_weir()
    weir.port = free_port()
    weir.config.write_text(
        weir.config.read_text() +
        f'http: {{ listen = "inet:127.0.0.1:{weir.port}"; }};')
    return weir


def run_with_log(weir, command, **more):
    with weir.log.open("ab") as log:
        weir.process = subprocess.Popen(command, stderr=log, **more)
    weir._await_answer()


def test_the_supervisor_holds_the_socket(held):
    """A worker that is killed: the client waits, and is answered."""
    run_with_log(held, [BUILD / "weir-policyd", "-c", held.config, "-u",
                        "root", "--supervise"])
    for _ in range(3):
        children = f"/proc/{held.process.pid}/task/{held.process.pid}/children"
        with open(children) as file:
            os.kill(int(file.read()), signal.SIGKILL)
        assert get(held, "/healthz")[0] == 200


def test_the_socket_may_be_passed_on(held):
    """As systemd does it: the one that is passed is served."""
    with socket.create_server(("127.0.0.1", held.port)) as listener:
        fd = listener.fileno()
        run_with_log(held, [sys.executable, ACTIVATE, str(fd),
                            BUILD / "weir-policyd", "-c", held.config, "-u",
                            "root"], pass_fds=[fd])
    assert get(held, "/healthz")[0] == 200
