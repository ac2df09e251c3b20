"""weirctl reload: what changed, and who uses it."""

import socket
import sqlite3
import threading
import time

import pytest


@pytest.fixture
def weir(make_weir):
    weir = make_weir()
    weir.start()
    return weir


def change(weir, before, after):
    text = weir.config.read_text()
    assert before in text
    weir.config.write_text(text.replace(before, after))


def test_what_has_changed_is_told(weir):
    change(weir, 'limit = "5/h"', 'limit = "7/h"')
    change(weir, 'name = "mails"', 'name = "messages"')
    change(weir, 'reject = "not from there"; },',
           'reject = "not from there"; }, { name = "new"; user = [ "b*" ];'
           ' connector = "direct"; },')
    answer = weir.json("reload")
    assert answer["ok"] and answer["generation"] == 2
    assert answer["restart"] == []
    changes = {c["setting"]: (c["before"], c["after"])
               for c in answer["changes"]}
    assert changes.pop("throttles[per-user].limit") == ('"5/h"', '"7/h"')
    assert changes.pop("routes") == (
        "[vip] [no] [rest]", "[vip] [no] [new] [rest]")
    assert changes.pop("routes[new].user") == (None, '[ "b*" ]')
    assert changes.pop("throttles[mails].limit") == ('"100/d"', None)
    assert "throttles[messages].limit" in changes
    text = weir.text("reload")
    assert "nothing has changed" in text and "weir-policyd: uses it" in text
    assert 'changed: throttles[per-user].limit: "5/h" -> "7/h"' in (
        weir.log.read_text())


def test_with_a_mistake_the_old_one_stays(weir):
    change(weir, 'limit = "5/h"', 'limit = "lots"')
    answer = weir.json("reload", code=1)
    assert not answer["ok"] and answer["generation"] == 1
    assert answer["changes"] == answer["restart"] == []
    (program,) = answer["programs"]
    assert program["program"] == "weir-policyd" and not program["ok"]
    (mistake,) = program["mistakes"]
    assert mistake.startswith(str(weir.config) + ":") and "lots" in mistake
    assert "lots" in weir.text("reload", code=1)


def test_what_takes_a_restart_is_said(weir):
    change(weir, f'"unix:{weir.map}"', f'"unix:{weir.map}2"')
    answer = weir.json("reload")
    assert answer["ok"] and answer["restart"] == ["policy.socketmap"]
    change(weir, 'postfix_group = ""', 'postfix_group = "mail"')
    change(weir, ' group = ""', ' group = "mail"')
    change(weir, "state: {", "milter: { state_timeout = \"300ms\"; };"
           " state: { max_keys = 50000;")
    owed = ["postfix_group", "state.group", "state.max_keys",
            "milter.state_timeout", "policy.socketmap"]
    assert weir.json("reload")["restart"] == owed
    assert weir.json("reload")["restart"] == owed  # it is not done yet
    assert weir.json("status")["state"]["max_keys"] == 1000000
    text = weir.text("reload")
    assert "milter.state_timeout takes a restart of weir-milter" in text
    assert "postfix_group takes a restart of both daemons" in text


def test_sockets_keep_their_names_in_the_log(weir):
    """They stand in the configuration it began with, which is freed."""
    for _ in range(3):
        weir.json("reload")
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(weir.policy)
        client.sendall(b"nonsense\n\n")
        assert client.recv(1) == b""
    assert f"policy: client on unix:{weir.policy} closed: " in (
        weir.log.read_text())


def applied(milter, *mistakes):
    """As a milter does: asks each second, then tells."""
    while milter.ask("GENERATION") == ["1"]:
        threading.Event().wait(0.05)
    (generation,) = milter.ask("GENERATION")
    milter.send("APPLIED", generation, *mistakes)


@pytest.mark.parametrize("mistakes", [[], ["weir.conf:3: so wrong"]])
def test_a_milter_is_waited_for(weir, mistakes):
    milter = weir.milter()
    thread = threading.Thread(target=applied, args=(milter, *mistakes))
    thread.start()
    answer = weir.json("reload", code=1 if mistakes else 0)
    thread.join()
    assert [(p["program"], p["ok"], p["mistakes"])
            for p in answer["programs"]] == [
        ("weir-policyd", True, []),
        ("weir-milter", not mistakes, mistakes)]


def test_a_milter_that_says_nothing_does_not_hold_it_up(weir):
    milter = weir.milter()
    answer = weir.json("reload", code=1)
    milter.socket.close()
    assert not answer["ok"] and answer["programs"][1]["ok"] is None
    assert "did not say within 5 s" in answer["programs"][1]["mistakes"][0]


def test_each_reload_has_its_own_time(weir):
    """A later one gives the milter that says nothing no more of it."""
    milter = weir.milter()
    first, second = [threading.Thread(target=weir.json, args=("reload",),
                                      kwargs={"code": 1}) for _ in range(2)]
    first.start()
    while weir.json("status")["generation"] == 1:
        threading.Event().wait(0.05)
    threading.Event().wait(3)  # of the five it has: that is what is tested
    second.start()
    first.join()
    assert second.is_alive()
    second.join()
    milter.socket.close()


def stored_counters(weir):
    with sqlite3.connect(weir.folder / "db" / "weir.db") as db:
        return db.execute("SELECT count(*) FROM record"
                          " WHERE kind = 'limit'").fetchone()[0]


def test_reload_upon_reload_does_not_keep_counters_from_the_disk(weir):
    """Each comes sooner than flush_interval, which is 2 s."""
    milter = weir.milter()
    milter.ask("CONNECT", "1", "slow", "192.0.2.9", "1000")
    milter.ask("MAIL", "1", "alice@example.com", "alice@example.com")
    milter.lines.close()
    milter.socket.close()
    while weir.json("status")["milters"]:
        threading.Event().wait(0.05)
    end = time.monotonic() + 20
    while stored_counters(weir) == 0:
        assert time.monotonic() < end
        weir.json("reload")


def test_who_may_not_operate_may_not_reload(weir):
    milter = weir.milter()  # HELLO milter lowers the role
    assert milter.ask("RELOAD").startswith("-NOPERM")
