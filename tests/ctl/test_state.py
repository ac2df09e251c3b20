"""weirctl against a real weir-policyd: what is shown and what is ordered."""

import json
import os
import pathlib
import pty
import re
import shutil
import socket
import subprocess
import tempfile
import threading
from datetime import datetime, timezone

import pytest

from conftest import BUILD, WAIT

HOST_KEYS = {"name", "nexthop", "state", "stage", "rung", "failures",
             "last_failure", "next_retry", "last_error", "weight", "share", "selected",
             "delivered", "failed", "addresses"}


def by_name(weir):
    return {host["name"]: host for host in weir.json("hosts")["hosts"]}


def test_status(weir):
    status = weir.json("status")
    assert status["generation"] == 1
    assert status["state"]["backend"] == "sqlite"
    assert status["state"]["file"].startswith(str(weir.folder))
    assert status["state"]["max_keys"] == 1000000
    assert status["hosts"] == {
        "healthy": 2, "unhealthy": 1, "drained": 0, "down": 0}
    assert {"version", "uptime", "milters", "policy",
            "connections"} <= status.keys()
    assert "2 healthy, 1 unhealthy" in weir.text("status")


def test_hosts_have_their_keys_and_the_sick_one_its_failure(weir):
    hosts = by_name(weir)
    assert list(hosts) == ["isp-a", "isp-b", "dr"]
    assert all(HOST_KEYS <= host.keys() for host in hosts.values())
    good, sick = hosts["isp-a"], hosts["dr"]
    assert (good["state"], good["stage"], good["rung"], good["failures"],
            good["next_retry"], good["last_error"]) == (
                "healthy", None, None, 0, None, None)
    assert (sick["state"], sick["stage"], sick["rung"]) == (
        "unhealthy", "tcp", 1)
    assert sick["failures"] >= 1 and "refused" in sick["last_error"]
    assert sick["next_retry"].endswith("Z")
    text = weir.text("hosts").splitlines()
    assert text[0].split()[:4] == ["HOST", "STATE", "NEXT", "HOP"]
    assert "tcp: Connection refused" in text[4]


def test_seed_4_11_4_12_what_is_known_of_each_address(weir):
    """Count, last error, last attempt that failed, next attempt."""
    (address,) = weir.json("host", "dr")["addresses"]
    assert address["ip"] == "127.0.0.1"
    assert address["failures"] >= 1
    assert address["stage"] == "tcp"
    assert address["error"] == "ECONNREFUSED"
    assert address["last_error"] == "Connection refused"
    times = [datetime.fromisoformat(address[key].replace("Z", "+00:00"))
             for key in ("last_failure", "next_retry")]
    assert times[0] < datetime.now(timezone.utc) and times[0] < times[1]
    assert ", the last " in weir.text("host", "dr")


def test_shares_are_of_decisions(weir):
    for i in range(10):
        answer = weir.ask_policy(instance=f"share{i}", sender="a@b.example",
                                 recipient="x@far.example", server_port="25")
        assert answer.startswith("FILTER relay:[127.0.0.1]:")
    hosts = by_name(weir)
    assert hosts["isp-a"]["share"] == hosts["isp-b"]["share"] == 50.0
    assert hosts["isp-a"]["selected"] == hosts["isp-b"]["selected"]
    assert weir.json("status")["policy"]["requests"] >= 10


def test_host_shows_one_and_asks_health_by_check(weir):
    host = weir.json("host", "isp-a")
    assert HOST_KEYS | {"history"} <= host.keys()
    assert host["addresses"][0]["ip"] == "127.0.0.1"
    assert weir.json("host", "dr")["history"][0]["event"] == "MarkedUnhealthy"
    weir.text("host", "isp-a", "--check")
    weir.text("host", "dr")
    assert "unhealthy" in weir.text("host", "dr", "--check", code=1)


@pytest.mark.parametrize("verb", ["host", "drain", "down", "enable"])
def test_a_host_that_is_not_there_is_no(weir, verb):
    done = weir.run(verb, "isp-x")
    assert done.returncode == 1
    assert "did you mean isp-a?" in done.stderr
    assert "no smart host" in weir.json(verb, "isp-x", code=1)["error"]


def test_drain_and_enable(weir):
    assert weir.json("drain", "isp-a")["state"] == "drained"
    assert weir.json("host", "isp-a")["until"] is None
    answers = {weir.ask_policy(instance=f"drain{i}", sender="a@b.example",
                               recipient="x@far.example", server_port="25")
               for i in range(6)}
    port = weir.hosts[0].port
    assert not any(f":{port}" in answer for answer in answers), answers
    assert "isp-a is drained" in weir.text("drain", "isp-a")
    assert weir.json("enable", "isp-a")["state"] == "healthy"
    assert weir.json("enable", "isp-a")["state"] == "healthy"


def test_a_drain_stands_when_postfix_cannot_be_asked(weir):
    main = weir.folder / "main.cf"
    main.write_text("queue_directory = /nonexistent\n")
    order = "drain", "isp-a", "--requeue", "-C", str(weir.folder)
    host = weir.json(*order, code=1)
    assert host["state"] == "drained" and host["requeue"]["queued"] == 0
    assert host["error"].startswith("postqueue failed")
    text = weir.text(*order, code=1)
    assert "isp-a is drained" in text and "queued messages" not in text


def test_drain_for_a_time_has_an_end(weir):
    host = weir.json("drain", "isp-a", "--for", "2h")
    assert host["until"].endswith("Z")
    text = weir.text("hosts")
    assert "enabled again in" in text
    weir.json("enable", "isp-a")


def test_down(weir):
    assert weir.json("down", "isp-b")["state"] == "down"
    assert weir.json("status")["hosts"]["down"] == 1
    weir.text("host", "isp-b", "--check", code=1)
    weir.json("enable", "isp-b")


def test_descriptors_are_as_many_as_may_be(weir):
    limits = pathlib.Path(f"/proc/{weir.process.pid}/limits").read_text()
    soft, hard = re.search(r"Max open files +(\w+) +(\w+)", limits).groups()
    assert soft == hard


def test_orders_outlive_a_crash(make_weir):
    weir = make_weir()
    weir.start()
    weir.json("drain", "isp-a", "--for", "2h")
    until = weir.json("host", "isp-a")["until"]
    weir.json("down", "isp-b")
    weir.kill()
    weir.text("hosts", code=3)
    weir.start(probed=False)
    hosts = by_name(weir)
    assert hosts["isp-a"]["state"] == "drained"
    assert hosts["isp-a"]["until"][:19] == until[:19]
    assert hosts["isp-b"]["state"] == "down"


LOST = "could not be written: it is lost with the next restart"


def say(weir, text, times=1):
    """Waits until that many lines of its log have the text."""
    for _ in range(WAIT * 20):
        if weir.log.read_text().count(text) >= times:
            break
        threading.Event().wait(0.05)
    assert weir.log.read_text().count(text) == times


@pytest.mark.parametrize("put", [lambda path: None, pathlib.Path.touch],
                         ids=["missing", "a file"])
def test_a_directory_that_comes_later_is_used(make_weir, put):
    weir = make_weir()
    folder = weir.folder / "db"
    folder.rmdir()
    put(folder)
    weir.start(probed=False)
    say(weir, "kept in memory, tried again each flush")
    state = weir.json("status")["state"]
    assert (state["backend"], state["failing"]) == ("sqlite", True)
    assert "it cannot be written" in weir.text("status")
    assert LOST in weir.json("drain", "isp-a", code=1)["error"]
    assert by_name(weir)["isp-a"]["state"] == "drained"
    folder.unlink(missing_ok=True)
    folder.mkdir()
    say(weir, "written again, nothing was lost")
    weir.json("down", "isp-b")
    assert weir.json("status")["state"]["failing"] is False
    assert "it cannot be written" not in weir.text("status")
    weir.kill()
    weir.start(probed=False)
    hosts = by_name(weir)
    assert hosts["isp-a"]["state"] == "drained"
    assert hosts["isp-b"]["state"] == "down"


def test_orders_of_a_database_that_is_back_hold(make_weir):
    """Those that were not replaced by others while it was away."""
    weir = make_weir()
    weir.start(probed=False)
    weir.json("drain", "isp-a")
    weir.json("down", "isp-b")
    milter = weir.milter()
    milter.send("CHARGED", "mails", "u@example.com", "3", "0")
    assert milter.ask("PING") == "+PONG"
    weir.stop()
    folder, away = weir.folder / "db", weir.folder / "away"
    folder.rename(away)
    weir.start(probed=False)
    milter = weir.milter()
    milter.send("CHARGED", "mails", "u@example.com", "4", "0")
    assert milter.ask("PING") == "+PONG"
    assert LOST in weir.json("enable", "isp-b", code=1)["error"]
    away.rename(folder)
    say(weir, "written again, nothing was lost")
    for _ in range(2):
        hosts = by_name(weir)
        assert hosts["isp-a"]["state"] == "drained"
        assert hosts["isp-b"]["state"] != "down"
        used, = [row["used"] for row in weir.json("limits")["limits"]
                 if row["key"] == "u@example.com"]
        assert used == 7
        weir.kill()
        weir.start(probed=False)


def test_explain_gives_the_answer_postfix_gets(weir):
    told = weir.json("explain", "--user", "alice", "--sender",
                     "alice@sales.example.com", "-r", "x@far.example",
                     "--from", "Alice <alice@example.com>")
    assert (told["verdict"], told["reason"]) == ("accept", "ok")
    assert told["identity"]["user"] == "alice@example.com"
    assert told["identity"]["sender_allowed"] is True
    assert told["identity"]["from_allowed"] is True
    assert (told["route"], told["connector"]) == ("rest", "outbound")
    assert [row["route"] for row in told["passed_over"]] == ["vip", "no"]
    by_host = {row["host"]: row for row in told["candidates"]}
    chosen = [row for row in told["candidates"] if row["chosen"]]
    assert len(chosen) == 1 and chosen[0]["position"] == 1
    assert by_host["dr"]["position"] is None
    assert by_host["dr"]["reason"] == "unhealthy"
    answer = weir.ask_policy(instance="explain1", recipient="x@far.example",
                             sender="alice@sales.example.com",
                             sasl_username="alice", server_port="25")
    assert told["action"] == answer


def test_explain_changes_nothing(weir):
    words = ("explain", "--user", "alice", "--sender", "alice@example.com")
    first = weir.json(*words)
    assert all(weir.json(*words)["action"] == first["action"]
               for _ in range(3))
    assert weir.json(*words)["limits"] == first["limits"]


@pytest.mark.parametrize("words, verdict, reason, stage, route", [
    (("--user", "alice", "--sender", "bob@example.com"),
     "reject", "sender_not_owned", "mail", "rest"),
    (("--user", "alice", "--sender", "alice@example.com",
      "--from", "bob@example.com"),
     "reject", "from_not_owned", "headers", "rest"),
    (("--user", "alice", "--sender", "alice@example.com",
      "--from", "not an address"),
     "reject", "from_syntax", "headers", "rest"),
    (("--listener", "submission", "--sender", "a@far.example"),
     "reject", "user_required", "mail", "rest"),
    (("--sender", "a@bad.example"),
     "reject", "route_rejects", "data", "no"),
    (("--user", "", "--sender", "a@far.example"),
     "reject", "login_empty", "mail", "rest"),
    (("--user", "alice", "--sender", "bob@example.com", "--listener", "slow"),
     "accept", "ok", None, "rest"),
    (("--user", "alice", "--sender", "alice@example.com", "--from",
      "bob@example.com", "--listener", "slow"),
     "hold", "from_not_owned", "headers", "rest"),
    (("--sender", "a@vip.example"), "accept", "ok", None, "vip"),
    (("--sender", "<>"), "accept", "ok", None, "rest"),
])
def test_explain_verdicts(weir, words, verdict, reason, stage, route):
    code = 0 if verdict == "accept" else 1
    told = weir.json("explain", *words, code=code)
    assert (told["verdict"], told["reason"], told["stage"],
            told["route"]) == (verdict, reason, stage, route)
    assert weir.text("explain", *words, code=code).startswith(
        f"Verdict     {verdict}")


def test_json_is_harmless_on_a_terminal(weir):
    """C1 controls and those that turn a line around are good UTF-8."""
    sender = "x\u009b31m\u202e@example.com"
    raw = weir.text("--json", "explain", "--user", "alice", "--sender",
                    sender, code=1)
    assert raw.isascii()
    assert json.loads(raw)["identity"]["sender"] == sender


@pytest.mark.parametrize("headers, reason", [
    (("From: alice@example.com", "Sender: x@sales.example.com"), "ok"),
    (("From: alice@example.com", "Sender: bob@example.com"),
     "header_sender_not_owned"),
    (("From: alice@example.com", "sender: alice@example.com",
      "SENDER: alice@example.com"), "header_sender_several"),
    (("From: alice@example.com", "Resent-From: bob@example.com"),
     "resent_not_owned"),
    (("From: alice@example.com", "From: alice@example.com"), "from_several"),
    (("Sender: alice@example.com",), "from_missing"),
    (('From: "ceo@bank.example" <alice@example.com>',), "from_not_owned"),
])
def test_explain_takes_the_headers_of_a_message(weir, headers, reason):
    words = [f"--header={header}" for header in headers]
    told = weir.json("explain", "--user", "alice", "--sender",
                     "alice@example.com", *words, code=reason != "ok")
    assert told["identity"]["from_reason"] == reason
    assert told["identity"]["from_allowed"] == (reason == "ok")
    assert told["reason"] == reason


@pytest.mark.parametrize("header", ["Subject: x", "From", "X" * 300 + ": x"])
def test_explain_takes_no_other_headers(weir, header):
    done = weir.run("explain", "--sender", "a@b.example", "--header", header)
    assert done.returncode == 1
    assert "names an author" in done.stderr


def test_explain_of_held_mail_has_no_refusal(weir):
    words = ("explain", "--user", "alice", "--sender", "alice@example.com",
             "--from", "bob@example.com", "--listener", "slow")
    assert weir.json(*words, code=1)["reply"] is None
    assert "holds the message" in weir.text(*words, code=1)


def test_explain_holds_local_recipients_back(weir):
    told = weir.json("explain", "--sender", "a@far.example",
                     "-r", "x@far.example", "-r", "y@example.com")
    assert (told["decision"], told["action"]) == (
        "recipient_not_remote", "DUNNO")
    assert not any(row["chosen"] for row in told["candidates"])


def test_explain_counts_all_recipients_of_the_message(weir):
    words = ["explain", "--user", "carol", "--sender", "carol@example.com"]
    words += [f"--recipient=x{i}@far.example" for i in range(5)]
    assert weir.json(*words)["verdict"] == "accept"
    told = weir.json(*words, "-r", "one@too.many.example", code=1)
    assert (told["verdict"], told["stage"]) == ("defer", "rcpt")


def test_explain_refuses_what_is_no_address_or_listener(weir):
    for words, code in ((("--client", "x"), 2), (("--listener", "nope"), 1),
                        (("--recipient", "nobody"), 2)):
        assert weir.run("explain", "--sender", "a@b.example",
                        *words).returncode == code


def test_seed_3_17_connections_open_and_refused_by_source(make_weir):
    """The busiest first; one that has none open and was refused is there."""
    weir = make_weir()
    weir.start(probed=False)
    milter = weir.milter()

    def connect(number, client):
        return milter.ask("CONNECT", str(number), "submission", client,
                          "4000")[0]

    for n in range(10):
        assert connect(n, f"2001:db8::{n:x}") == "accept"
    assert connect(10, "2001:db8::ffff") == "defer"
    assert connect(11, "192.0.2.7") == "accept"
    rows = weir.json("connections")["connections"]
    assert [(r["listener"], r["source"], r["open"], r["limit"],
             r["limit_by"], r["refused"]) for r in rows] == [
        ("submission", "2001:db8::/64", 10, 10, "per_source", 1),
        ("submission", "192.0.2.7", 1, 10, "per_source", 0)]
    for n in range(12):
        milter.send("CLOSE", str(n))
    assert milter.ask("PING")
    (row,) = weir.json("connections")["connections"]
    assert (row["source"], row["open"], row["refused"]) == (
        "2001:db8::/64", 0, 1)
    assert "2001:db8::/64" in weir.text("connections")


def test_limits_and_connections_of_a_session(weir):
    milter = weir.milter()
    assert milter.ask("CONNECT", "1", "submission", "192.0.2.7",
                      "4000")[0] == "accept"
    assert milter.ask("MAIL", "1", "alice@example.com",
                      "alice@example.com")[0] == "accept"
    for i in range(5):
        assert milter.ask("RCPT", "1", f"x{i}@far.example", "smtp",
                          "far.example", "Q1")[0] == "accept"
    assert milter.ask("RCPT", "1", "x5@far.example", "smtp", "far.example",
                      "Q1")[0] == "defer"
    rows = weir.json("limits")["limits"]
    first = rows[0]  # the fullest stands first
    assert (first["rule"], first["key"], first["what"], first["used"],
            first["limit"], first["period"]) == (
                "per-user", "alice@example.com", "recipients", 5, 5, 3600)
    assert 0 < first["resets_in"] <= 3600 * 25 // 24 + 1
    assert len(weir.json("limits", "--top", "1")["limits"]) == 1
    by_key = weir.json("limits", "--key", "alice@example.com")["limits"]
    assert {row["rule"] for row in by_key} == {"per-user", "mails"}
    assert weir.json("limits", "--key", "nobody@example.com") == {
        "limits": []}
    assert "100%" in weir.text("limits")

    told = weir.json("explain", "--user", "alice", "--sender",
                     "alice@example.com", "-r", "x@far.example", code=1)
    assert (told["verdict"], told["reason"], told["stage"]) == (
        "defer", "limit", "rcpt")
    assert "limit per-user: 5 recipients/1h used" in told["reply"]

    row, = weir.json("connections")["connections"]
    assert (row["listener"], row["source"], row["open"], row["limit"],
            row["limit_by"]) == ("submission", "192.0.2.7", 1, 10,
                                 "per_source")
    assert "192.0.2.7" in weir.text("connections")
    status = weir.json("status")
    assert status["connections"] == 1
    assert status["milters"][0]["instance"] == "test"
    told = weir.json("explain", "--user", "bob", "--sender",
                     "bob@example.com", "--client", "192.0.2.7",
                     "--listener", "submission")
    assert (told["connections"]["open"], told["connections"]["by_source"],
            told["connections"]["by_percent"],
            told["connections"]["limit"]) == (1, 10, 30, 10)
    milter.send("CLOSE", "1")
    assert milter.ask("PING")
    assert weir.json("connections") == {"connections": []}


def test_events_oldest_first_and_the_last_n(weir):
    events = weir.json("events", "-n", "1000")["events"]
    assert events[0]["event"] == "Started"
    assert [e["seq"] for e in events] == list(range(1, len(events) + 1))
    sick = [e for e in events if e["event"] == "MarkedUnhealthy"][0]
    assert list(sick)[:2] == ["time", "event"]
    assert sick["host"] == "dr" and sick["stage"] == "tcp"
    last = weir.json("events", "-n", "2")["events"]
    assert last == events[-2:]
    assert weir.json("events", "-n", "0")["events"] == []
    assert len(weir.text("events", "-n", "2").splitlines()) == 2


def test_events_follow_until_interrupted(weir):
    with weir.follow() as follow:
        weir.json("drain", "dr")
        assert follow.event() == "Drained"
        weir.json("enable", "dr")
        assert follow.event() == "Enabled"


def test_follow_goes_on_after_a_restart(make_weir):
    weir = make_weir()
    weir.start()
    with weir.follow() as follow:
        weir.json("drain", "isp-a")
        assert follow.event() == "Drained"
        weir.kill()
        assert "is away" in follow.said()
        weir.start(probed=False)
        assert "is back" in follow.said()
        assert follow.event() == "Started"


def test_a_long_ring_and_many_keys_come_in_pages(weir):
    milter = weir.milter()
    for i in range(130):
        milter.send("EVENT", "LimitObserved", "key", f"k{i}")
    for i in range(350):
        milter.send("CHARGED", "mails", f"u{i:03}@example.com", str(i % 99 + 1),
                    "0")
    assert milter.ask("PING") == "+PONG"
    events = weir.json("events", "-n", "120")["events"]
    assert [e["key"] for e in events] == [f"k{i}" for i in range(10, 130)]
    rows = [row for row in weir.json("limits", "--top", "1000")["limits"]
            if row["key"].startswith("u")]
    assert len(rows) == 350
    assert [row["used"] for row in rows] == sorted(
        (row["used"] for row in rows), reverse=True)
    top = weir.json("limits", "--top", "6")["limits"]
    assert sum(row["used"] >= 98 for row in top) >= 5


def test_hostile_strings_reach_no_terminal(weir):
    milter = weir.milter()
    milter.send("EVENT", "IdentityRefused", "user", "\033[2Jx\r\ny")
    assert milter.ask("PING")
    event = weir.json("events", "-n", "1")["events"][0]
    assert event["event"] == "IdentityRefused"
    text = weir.text("events", "-n", "1")
    assert "\033" not in text and text.count("\n") == 1


def test_colour_is_for_terminals_that_want_it(weir):
    def on_terminal(**environment):
        ours, theirs = pty.openpty()
        env = {"TERM": "xterm", "PATH": os.environ["PATH"], **environment}
        subprocess.run(weir.command("hosts"), stdout=theirs, env=env,
                       timeout=WAIT, check=True)
        os.close(theirs)
        text = os.read(ours, 65536)
        os.close(ours)
        return text

    assert b"\033[32mhealthy\033[0m" in on_terminal()
    assert b"\033" not in on_terminal(NO_COLOR="1")
    assert b"\033" not in on_terminal(TERM="dumb")
    assert "\033" not in weir.text("hosts")


@pytest.mark.skipif(shutil.which("redis-cli") is None, reason="no redis-cli")
def test_redis_cli_works_on_our_socket(weir):
    def redis(*words):
        return subprocess.run(["redis-cli", "-s", weir.socket, *words],
                              capture_output=True, text=True, timeout=WAIT,
                              check=True).stdout

    assert json.loads(redis("STATUS"))["generation"] == 1
    assert len(json.loads(redis("HOSTS"))["hosts"]) == 3
    assert "ERR" in redis("SET", "a", "b")
    assert "ERR" in redis("LIMITS", "x", "y")
    assert "ERR" in redis("EVENTS", "-1", "5")
    assert "ERR" in redis("EXPLAIN", "sender")
    assert "ERR" in redis("EXPLAIN", "colour", "blue")


@pytest.mark.skipif(os.geteuid() != 0, reason="becoming nobody needs root")
def test_others_look_but_do_not_order(make_weir):
    weir = make_weir(group="nogroup")
    weir.start()
    nobody = {"user": "nobody", "group": "nogroup", "extra_groups": []}
    assert weir.run("hosts", **nobody).returncode == 0
    assert weir.run("explain", "--sender", "a@b.example",
                    **nobody).returncode == 0
    for verb in "drain", "down", "enable":
        done = weir.run(verb, "isp-a", **nobody)
        assert done.returncode == 1, done
        assert done.stderr != ""
    assert weir.json("host", "isp-a")["state"] == "healthy"


@pytest.mark.skipif(os.geteuid() != 0, reason="becoming nobody needs root")
def test_who_may_not_open_the_socket_is_told_so(weir):
    done = weir.run("hosts", user="nobody", group="nogroup", extra_groups=[])
    assert done.returncode == 3
    assert "you may not open" in done.stderr


def garbage(listener):
    """Answers everybody with what is no RESP, until it is shut down."""
    while True:
        try:
            client, _ = listener.accept()
        except OSError:
            return
        with client:
            try:
                client.sendall(b"220 hello\r\n" * 3)
            except OSError:
                pass


def test_somebody_else_on_the_socket_is_exit_3():
    with (tempfile.TemporaryDirectory(prefix="weirctl.") as folder,
          socket.socket(socket.AF_UNIX) as listener):
        config = pathlib.Path(folder, "weir.conf")
        config.write_text(f'state: {{ socket = "{folder}/s"; }};')
        listener.bind(f"{folder}/s")
        listener.listen()
        thread = threading.Thread(target=garbage, args=(listener,))
        thread.start()
        done = subprocess.run([BUILD / "weirctl", "-c", config, "hosts"],
                              capture_output=True, text=True, timeout=WAIT,
                              check=False)
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()
    assert done.returncode == 3, done
    assert "does not answer" in done.stderr


def test_seed_1_24_a_domain_shows_its_mail_exchangers(weir):
    """localhost has no MX record, so it is its own exchanger."""
    weir.stop()
    text = weir.config.read_text()
    bracketed = f'"[127.0.0.1]:{weir.hosts[1].port}"'
    assert bracketed in text
    domain = f'"localhost:{weir.hosts[1].port}"'
    weir.config.write_text(text.replace(bracketed, domain))
    weir.start()
    for _ in range(WAIT * 20):
        host = weir.json("host", "isp-b")
        states = {a["ip"]: a["state"] for a in host["addresses"]}
        if states.get("::1") == "unhealthy":
            break
        threading.Event().wait(0.05)
    # one usable address is enough
    assert states == {"127.0.0.1": "healthy", "::1": "unhealthy"}
    assert host["state"] == "healthy"
    assert {(a["exchanger"], a["preference"])
            for a in host["addresses"]} == {("localhost", 0)}
    assert "127.0.0.1  healthy    MX 0 localhost" in weir.text("host", "isp-b")
    question = ("explain", "--sender", "x@y.example", "--recipient",
                "r@remote.example")
    candidate = [c for c in weir.json(*question)["candidates"]
                 if c["host"] == "isp-b"][0]
    assert [a["ip"] for a in candidate["addresses"]] == ["127.0.0.1", "::1"]
    assert "::1 unhealthy MX 0 localhost" in weir.text(*question)
    assert f"localhost:{weir.hosts[1].port}" in weir.text(*question)
    probe = weir.json("probe", "isp-b")
    assert probe["ok"]
    assert (probe["stages"][0]["stage"], probe["stages"][0]["ok"]) == (
        "dns", True)
    assert {s["ip"] for s in probe["stages"][1:]} == {"127.0.0.1", "::1"}
