"""Sessions in every order and number; the daemon's own life."""

import os
import re
import signal
import threading
import time

import pytest

from daemon import is_sanitized
from mta import CONTINUE, PATIENCE, Mta, session
from state import Error, Silence, verdict

ALICE = ("From", "alice@example.com")


def send(mta, *headers, sender="alice@example.com", login="alice"):
    """A whole message; the reply to its end."""
    assert mta.mail(sender, login) == CONTINUE
    assert mta.rcpt() == CONTINUE
    return mta.message(*headers or [ALICE])


def test_abort_may_come_at_any_time_and_again(milter, state):
    mta = session(milter.socket)
    mta.abort()
    mta.abort()
    assert mta.mail("alice@example.com", "alice") == CONTINUE
    mta.abort()
    mta.abort()
    assert mta.mail("alice@example.com", "alice") == CONTINUE
    mta.rcpt()
    mta.header("From", "bob@example.com")
    mta.abort()
    assert send(mta) == CONTINUE
    mta.abort()
    mta.quit()
    state.wait("CLOSE", "1")
    assert [r for r in state.asked if r[0] in ("DONE", "END")] == \
        [["DONE", "1", "0"]] * 2 + [["END", "1", "4jY54H2Vzjz1c6Kn", "0"]]


@pytest.mark.parametrize("at", range(6))
def test_disconnect_at_any_time(milter, state, at):
    mta = Mta(milter.socket, negotiate=at > 0)
    steps = [lambda: mta.connect(),
             lambda: mta.mail("alice@example.com", "alice"),
             lambda: mta.rcpt(), lambda: mta.header(*ALICE),
             lambda: mta.send("N")]
    for step in steps[:at]:
        step()
    mta.close()
    if at > 0:
        state.wait("CLOSE", "1")
    mta = session(milter.socket)
    assert send(mta) == CONTINUE


def answer(mta):
    """libmilter does not answer what comes out of order."""
    mta.sock.settimeout(0.3)
    try:
        return mta.reply()
    except (EOFError, TimeoutError):
        return ("", "")
    finally:
        mta.sock.settimeout(PATIENCE)


def test_wrong_order_never_passes(milter, state):
    for command, data in (("E", b""), ("R", b"<x@example.org>\0"),
                          ("N", b""), ("T", b"")):
        mta = session(milter.socket)
        mta.send(command, data)
        assert answer(mta) != CONTINUE
        mta.close()
    assert {r[0] for r in state.asked} <= {"CONNECT", "CLOSE"}


def test_refused_mail_leaves_no_message(milter, state):
    mta = session(milter.socket)
    mta.mail("alice@example.com", "alice")
    mta.rcpt()
    assert mta.mail("bob@example.com", "alice").code == "550"
    mta.send("R", b"<x@example.org>\0")
    assert answer(mta) != CONTINUE
    mta.send("E")
    assert answer(mta) != CONTINUE
    assert [r[0] for r in state.asked].count("RCPT") == 1


def resident(pid):
    with open(f"/proc/{pid}/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def descriptors(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


def many_ways(milter, rounds):
    """Sessions that end in every possible way."""
    for _ in range(rounds):
        Mta(milter.socket, negotiate=False).close()
        Mta(milter.socket).close()
        session(milter.socket).quit()
        mta = session(milter.socket)
        mta.mail("alice@example.com", "alice")
        mta.close()
        mta = session(milter.socket)
        mta.mail("alice@example.com", "alice")
        mta.rcpt()
        mta.header("From", "a" * 5000)
        mta.close()
        mta = session(milter.socket)
        assert send(mta) == CONTINUE
        mta.mail("bob@example.com", "alice")
        mta.quit()


def test_a_thousand_sessions_leave_nothing(milter, state):
    pid = milter.process.pid
    many_ways(milter, 40)
    before = resident(pid), descriptors(pid)
    many_ways(milter, 170)
    most = before[1] + 16  # the pool of connections to the state may grow
    deadline = time.monotonic() + PATIENCE
    while descriptors(pid) > most and time.monotonic() < deadline:
        time.sleep(0.02)
    assert descriptors(pid) <= most
    assert is_sanitized() or resident(pid) < before[0] + (2 << 20)
    opened = [r[1] for r in state.asked if r[0] == "CONNECT"]
    for ident in opened:
        state.wait("CLOSE", ident)


def test_sessions_at_once_do_not_mix(milter):
    failed = []

    def user(name, other):
        try:
            mta = session(milter.socket)
            for _ in range(20):
                assert send(mta, ("From", f"{name}@example.com"),
                            sender=f"{name}@example.com",
                            login=name) == CONTINUE
                assert send(mta, ("From", f"{other}@example.com"),
                            sender=f"{name}@example.com",
                            login=name).code == "550"
            mta.quit()
        except (AssertionError, OSError, EOFError) as why:
            failed.append(why)

    threads = [threading.Thread(target=user, args=pair) for pair in
               [("alice", "bob"), ("bob", "alice")] * 8]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed


@pytest.mark.parametrize("throttles", [
    "", '{ name = "b"; what = "bytes"; by = "user"; limit = "1M/h"; }'])
def test_a_server_that_offers_no_step_gets_its_answers(daemons, throttles):
    """It waits for one to each event, wanted or not."""
    mta = Mta(daemons(throttles=throttles).socket, steps=0)
    assert mta.connect() == CONTINUE
    assert mta.mail("alice@example.com", "alice") == CONTINUE
    assert mta.rcpt() == CONTINUE
    for command, data in (("T", b""), ("L", b"From\0alice@example.com\0"),
                          ("N", b""), ("B", b"body\r\n"), ("E", b"")):
        mta.send(command, data)
        assert mta.reply() == CONTINUE, command
    mta.quit()


# --- the state away ---

def test_recovery_needs_no_hand(alone, place):
    """Lost and back are said once each; open sessions are announced to the new
    owner, with the message in progress when it began there."""
    from state import State
    alone.wait_log("event=StateLost")
    state = State(f"{place}/state.sock").start()
    alone.wait_log("event=StateBack")
    mta = session(alone.socket, port=4567)
    mta.mail("alice@example.com", "alice")
    mta.rcpt(queue_id="AAAA")
    mta.rcpt("y@example.org", queue_id="AAAA")
    mta.rcpt("z@example.net", queue_id="AAAA", host="example.net")
    state.stop()
    alone.wait_log("event=StateLost", count=2)
    other = session(alone.socket)
    assert send(other) == CONTINUE
    again = State(f"{place}/state.sock")
    again.epoch = "epoch-2"
    again.start()
    alone.wait_log("event=StateBack", count=2)
    first = again.asked[0]
    assert first == ["ANNOUNCE", "1", "submission", "203.0.113.5", "4567",
                     "1", "alice@example.com", "alice@example.com", "AAAA",
                     "3", "smtp", "", "0"]
    assert again.asked[1][:6] == ["ANNOUNCE", "2", "submission",
                                  "203.0.113.5", "40000", "0"]
    assert mta.message(ALICE) == CONTINUE
    assert again.wait("END", "1")
    again.wait("EVENT", "StateBack")
    again.stop()
    assert alone.log().count("event=StateLost") <= 3


def test_session_unknown_to_the_state_is_announced_when_asked(milter, state):
    mta = session(milter.socket)
    said = []

    def forgetful(request):
        said.append(request)
        return Error("NOSESSION announce it") if len(said) == 1 else verdict()

    state.answers[("MAIL",)] = forgetful
    assert send(mta) == CONTINUE
    verbs = [r[0] for r in state.asked]
    assert verbs == ["CONNECT", "MAIL", "ANNOUNCE", "MAIL", "RCPT", "END"]


def test_ends_go_along_with_the_next_question_where_many_are_open(milter,
                                                                  state):
    """All of them: who leaves makes room for who comes after him. If nobody
    comes they are told by themselves."""
    first = session(milter.socket)
    # a new state was told of everybody: ANNOUNCE_SETTLES of contact.c
    time.sleep(5.5)
    many = [first] + [session(milter.socket) for _ in range(60)]
    for mta in many[:50]:
        mta.leave()
    session(milter.socket)
    assert state.asked[-1][0] == "CONNECT"
    assert [r[1] for r in state.asked if r[0] == "CLOSE"] == \
        [str(n) for n in range(1, 51)]
    many[50].leave()
    state.wait("CLOSE", "51")


# Where nothing could be refused at MAIL the first recipient tells of it.
BEGINS = ["alice@example.com", "alice@example.com", "0"]


def recipients_asked(state):
    return [r[2:3] + r[6:] for r in state.asked if r[0] == "RCPT"]


def test_the_first_recipient_tells_of_the_message(daemons, state):
    mta = session(daemons(throttles="").socket)
    assert mta.mail("alice@example.com", "alice") == CONTINUE
    assert [r[0] for r in state.asked] == ["CONNECT"]
    assert mta.rcpt("x@example.org") == CONTINUE
    assert mta.rcpt("y@example.org") == CONTINUE
    assert mta.message(ALICE) == CONTINUE
    assert send(mta, ("From", "bob@example.com"), sender="bob@example.com",
                login="bob") == CONTINUE
    assert [r[0] for r in state.asked] == \
        ["CONNECT", "RCPT", "RCPT", "END", "RCPT", "END"]
    assert recipients_asked(state) == [
        ["x@example.org", *BEGINS], ["y@example.org"],
        ["x@example.org", "bob@example.com", "bob@example.com", "0"]]


def test_a_message_without_recipients_is_nobodys_business(daemons, state):
    mta = session(daemons(throttles="").socket)
    for _ in range(2):
        assert mta.mail("alice@example.com", "alice") == CONTINUE
        mta.abort()
    mta.quit()
    state.wait("CLOSE", "1")
    assert [r[0] for r in state.asked] == ["CONNECT", "CLOSE"]


def test_the_message_is_told_of_until_a_recipient_passes(daemons, state):
    state.answers[("RCPT",)] = verdict("defer", "limit", "r")
    mta = session(daemons(throttles="").socket)
    mta.mail("alice@example.com", "alice")
    assert mta.rcpt("x@example.org").code == "451"
    state.answers.clear()
    assert mta.rcpt("y@example.org") == CONTINUE
    assert mta.rcpt("z@example.org") == CONTINUE
    mta.abort()
    mta.quit()
    state.wait("DONE", "1", "0")
    assert recipients_asked(state) == [
        ["x@example.org", *BEGINS], ["y@example.org", *BEGINS],
        ["z@example.org"]]


def test_a_late_answer_to_the_first_recipient_was_one(daemons, state):
    """The state may have begun to count the message: it is told of its end."""
    milter = daemons(throttles="", timeout="1s")
    mta = session(milter.socket)
    mta.mail("alice@example.com", "alice")
    state.answers[("RCPT",)] = Silence()
    assert mta.rcpt("x@example.org") == CONTINUE
    state.answers.clear()
    milter.wait_log("event=StateBack")
    mta.abort()
    state.wait("DONE", "1", "0")
    assert send(mta) == CONTINUE
    assert recipients_asked(state)[-1] == ["x@example.org", *BEGINS]


def test_a_message_of_which_a_recipient_passed_here_is_not_given_back(
        milter, state):
    """The state refused one, and knows nothing of the one that passed."""
    mta = session(milter.socket)
    mta.mail("alice@example.com", "alice")
    state.answers[("RCPT",)] = verdict("defer", "limit", "r")
    assert mta.rcpt("x@example.org").code == "451"
    state.answers[("RCPT",)] = Error("ERR confused")
    assert mta.rcpt("y@example.org") == CONTINUE
    assert mta.message(ALICE) == CONTINUE
    state.wait("DONE", "1", "0")


def test_a_message_refused_here_is_given_back_there(daemons, state):
    """The state counted its MAIL, and was away at its recipient."""
    milter = daemons(milter='on_state_loss = "tempfail";')
    mta = session(milter.socket)
    mta.mail("alice@example.com", "alice")
    state.answers[("RCPT",)] = Error("ERR confused")
    assert mta.rcpt("x@example.org").code == "451"
    mta.abort()
    state.wait("DONE", "1", "1")


def test_a_state_that_left_after_mail_is_missed_at_the_recipient(
        daemons, state):
    milter = daemons(throttles="", milter='on_state_loss = "tempfail";')
    mta = session(milter.socket)
    assert mta.mail("alice@example.com", "alice") == CONTINUE
    state.stop()
    assert mta.rcpt().code == "451"
    mta.abort()
    assert mta.mail("alice@example.com", "alice").code == "451"


def test_a_forgotten_session_is_announced_with_its_message(daemons, state):
    def forgetful(request):
        known = ["ANNOUNCE", "1"] in [r[:2] for r in state.asked]
        return verdict() if known else Error("NOSESSION announce it")

    state.answers[("RCPT",)] = forgetful
    mta = session(daemons(throttles="").socket)
    assert send(mta) == CONTINUE
    assert [r[0] for r in state.asked] == \
        ["CONNECT", "RCPT", "ANNOUNCE", "RCPT", "END"]
    assert recipients_asked(state) == [["x@example.org", *BEGINS]] * 2


def test_message_that_moved_here_stays_here(milter, state):
    mta = session(milter.socket)
    mta.mail("alice@example.com", "alice")
    state.answers[("RCPT",)] = Error("ERR confused")
    assert mta.rcpt() == CONTINUE
    state.answers.clear()
    assert mta.rcpt("y@example.org") == CONTINUE
    assert mta.message(ALICE) == CONTINUE
    assert [r[0] for r in state.asked] == ["CONNECT", "MAIL", "RCPT", "DONE"]
    mta.mail("alice@example.com", "alice")
    mta.rcpt()
    assert state.asked[-1][0] == "RCPT"


def test_what_was_counted_meanwhile_is_handed_over(daemons, place):
    from state import State
    milter = daemons(
        throttles='{ name = "m"; what = "messages"; by = [ "user" ]; '
                  'limit = [ "10/h", "100/d" ]; }, '
                  '{ name = "r"; what = "recipients"; by = [ "client" ]; '
                  'limit = "100/h"; }, '
                  '{ name = "n"; what = "clients"; by = [ "user" ]; '
                  'limit = [ "10/h", "20/d" ]; }')
    mta = session(milter.socket)
    for _ in range(3):
        assert send(mta) == CONTINUE
    state = State(f"{place}/state.sock").start()
    state.wait("CHARGED", count=3)
    milter.wait_log("event=StateBack")
    charged = [r for r in state.asked if r[0] == "CHARGED"]
    assert {tuple(r[1:3]) for r in charged} == {
        ("m", "alice@example.com"), ("r", "203.0.113.5"),
        ("n", "alice@example.com")}
    (network,) = [r for r in charged if r[1] == "n"]
    assert network[5:] == ["203.0.113.5"]
    # each with the time that has passed since, so that it leaves in time
    for rule in ("m", "r"):
        parts = [r for r in charged if r[1] == rule]
        assert sum(int(used) for _, _, _, used, _ in parts) == 3
        assert all(0 <= int(age) < 20000 for _, _, _, _, age in parts)
    milter.wait_log("event=StateBack")
    state.stop()
    milter.wait_log("event=StateLost", count=2)
    for _ in range(10):
        assert send(mta) == CONTINUE
    assert mta.mail("alice@example.com", "alice").code == "451"
    state = State(f"{place}/state.sock").start()
    milter.wait_log("event=StateBack", count=2)
    assert sum(int(r[3]) for r in state.asked if r[:2] == ["CHARGED", "m"]
               ) == 10
    state.stop()


def test_what_was_counted_meanwhile_has_its_age(daemons, place):
    from state import State
    milter = daemons(
        throttles='{ name = "m"; what = "messages"; by = [ "user" ]; '
                  'limit = "10/h"; }')
    mta = session(milter.socket)
    for pause in (0, 1.2, 1.2):
        time.sleep(pause)  # the age is what is tested
        assert send(mta) == CONTINUE
    state = State(f"{place}/state.sock").start()
    charged = state.wait("CHARGED", count=3)
    ages = [int(r[4]) for r in charged]
    assert [r[3] for r in charged] == ["1", "1", "1"]
    newest, middle, oldest = sorted(ages)
    assert 1000 <= middle - newest <= 10000
    assert 1000 <= oldest - middle <= 10000
    state.stop()


def test_a_state_too_slow_for_what_was_counted_gets_the_rest_later(daemons,
                                                                   place):
    """More than a socket holds, and not in the time of one call."""
    from state import State
    milter = daemons(
        timeout="300ms",
        throttles='{ name = "d"; what = "recipients"; '
                  'by = [ "recipient-domain" ]; limit = "1000/h"; }')
    mta = session(milter.socket)
    assert mta.mail("alice@example.com", "alice") == CONTINUE
    domains = {f"{n:04}{'.long' * 20}.example" for n in range(4000)}
    for domain in domains:
        assert mta.rcpt(f"x@{domain}") == CONTINUE
    state = State(f"{place}/state.sock")
    state.late["CHARGED"] = threading.Event()
    state.start()
    state.wait("ANNOUNCE", count=2)  # it was given up, and tried again
    state.late["CHARGED"].set()
    charged = state.wait("CHARGED", count=len(domains))
    assert len(charged) == len({r[2] for r in charged}) == len(domains)
    state.stop()


def test_a_state_that_hangs_costs_its_deadline_once(daemons, state):
    milter = daemons(timeout="3s")
    state.hang = True
    mta = Mta(milter.socket)
    began = time.monotonic()
    assert mta.connect() == CONTINUE
    assert send(mta) == CONTINUE
    assert time.monotonic() - began < 6  # and not once a question
    milter.wait_log("event=StateLost")
    state.hang = False
    milter.wait_log("event=StateBack")
    assert milter.log().count("event=StateLost") == 1


def test_sessions_that_end_while_the_state_hangs_are_closed_there(daemons,
                                                                 state):
    milter = daemons(timeout="2s")
    known = session(milter.socket)
    state.hang = True
    # asked about in vain, and yet the state may answer that one day
    unsure = session(milter.socket)
    milter.wait_log("event=StateLost")
    known.quit()
    unsure.quit()
    state.hang = False
    milter.wait_log("event=StateBack")
    state.wait("CLOSE", "1")
    state.wait("CLOSE", "2")


def test_an_end_that_overtook_its_announcement_is_told_again(daemons, place):
    """What was announced by a connection that is given up is read all the
    same, after what came by the next one."""
    from state import State
    milter = daemons(timeout="300ms")
    mta = session(milter.socket)
    state = State(f"{place}/state.sock")
    state.late["ANNOUNCE"] = threading.Event()
    state.start()
    milter.wait_log("event=StateBack")
    mta.quit()
    state.wait("CLOSE", "1")
    state.wait_looks(2)  # they tell it of ends
    state.late["ANNOUNCE"].set()
    state.wait("ANNOUNCE", "1")
    with state.changed:
        assert state.changed.wait_for(
            lambda: state.asked[::-1].index(["CLOSE", "1"]) <
            [r[:2] for r in state.asked[::-1]].index(["ANNOUNCE", "1"]), 20)
    state.stop()


def test_connection_caps_hold_while_the_state_is_away(daemons):
    milter = daemons(listeners='{ name = "default"; '
                     'max_connections_per_source = 2; '
                     'max_connections_per_source_percent = "unlimited"; }')
    one, two = session(milter.socket), session(milter.socket)
    three = Mta(milter.socket)
    assert three.connect().text.startswith("4")
    session(milter.socket, client="198.51.100.1").quit()
    one.quit()
    deadline = time.monotonic() + PATIENCE
    while Mta(milter.socket).connect() != CONTINUE:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    two.quit()


@pytest.mark.parametrize("action,change", [
    ("hold", ("q", b"limit default\0")), ("observe", None)])
def test_over_limit_is_kept_while_the_state_is_away(daemons, action, change):
    milter = daemons(listeners='{ name = "default"; '
                     'max_connections_per_source = 1; message_rate = "3/h"; '
                     f'over_limit = "{action}"; }}')
    one, two = session(milter.socket), session(milter.socket)
    assert send(one) == CONTINUE
    assert one.changes == []
    assert send(two) == CONTINUE
    assert two.changes == ([change] if change else [])
    milter.wait_log("event=Limit(Observed|Reached) rule=default "
                    "key=203.0.113.5 what=connections used=1 limit=1")
    for mta in (one, two):
        mta.quit()


def test_sessions_the_state_admitted_count_when_it_is_lost(daemons, place):
    from state import State
    state = State(f"{place}/state.sock").start()
    milter = daemons(listeners='{ name = "default"; '
                     'max_connections_per_source = 2; '
                     'max_connections_per_source_percent = "unlimited"; }')
    kept = [session(milter.socket), session(milter.socket)]
    state.stop()
    assert Mta(milter.socket).connect().text.startswith("4")
    for mta in kept:
        mta.quit()


# --- the daemon ---

@pytest.mark.parametrize("sig", [signal.SIGTERM, signal.SIGINT])
def test_stops_at_once_and_well(milter, sig):
    mta = session(milter.socket)
    began = time.monotonic()
    assert milter.stop(sig) == 0
    assert time.monotonic() - began < 3
    assert "event=Stopped" in milter.log()
    assert not os.path.exists(milter.socket) or os.geteuid() != 0
    with pytest.raises((EOFError, OSError)):
        mta.mail("alice@example.com", "alice")


@pytest.mark.parametrize("sig", [signal.SIGUSR1, signal.SIGHUP])
def test_reload_is_for_the_next_session(milter, sig):
    old = session(milter.socket)
    milter.configure(identities='header_from = "ignore";')
    milter.signal(sig)
    milter.wait_log("event=Reloaded")
    bob = ("From", "bob@example.com")
    assert send(old, bob).code == "550"
    assert send(session(milter.socket), bob) == CONTINUE


def test_reload_is_whole_or_not_at_all(milter):
    milter.configure(identities='header_from = "ignore"; envelope = "maybe";')
    milter.signal(signal.SIGUSR1)
    milter.wait_log("event=ReloadRefused")
    assert "identities.envelope" in milter.log()
    bob = ("From", "bob@example.com")
    assert send(session(milter.socket), bob).code == "550"


def test_a_state_that_left_meanwhile_hears_of_the_reload(milter, state):
    """It goes as soon as it has said that it has another configuration."""
    state.wait_looks(1)
    with state.changed:
        state.generation, state.last = "2", "GENERATION"
    milter.wait_log("event=Reloaded")
    milter.wait_log("event=StateLost")
    assert not [r for r in state.asked if r[0] == "APPLIED"]
    state.start()
    state.wait("APPLIED", "2")


def worker_of(parent):
    with open(f"/proc/{parent}/task/{parent}/children",
              encoding="ascii") as file:
        return int(file.read().split()[0])


def test_killed_worker_is_replaced_and_nothing_passes(state, daemons):
    milter = daemons(options=["--supervise"])
    mta = session(milter.socket)
    mta.mail("alice@example.com", "alice")
    mta.rcpt()
    os.kill(worker_of(milter.process.pid), signal.SIGKILL)
    with pytest.raises((EOFError, OSError)):
        mta.message(ALICE)
    # the socket outlives the worker: no connection is refused
    assert send(session(milter.socket), ("From", "bob@example.com")).code == \
        "550"
    assert send(session(milter.socket)) == CONTINUE
    milter.wait_log("event=Started", count=2)


def test_worker_ends_with_its_parent(daemons):
    milter = daemons(options=["--supervise"])
    worker = worker_of(milter.process.pid)
    milter.stop(signal.SIGKILL)
    milter.wait_log(rf"\[{worker}\]: event=Stopped")


def test_descriptors_are_as_many_as_may_be(milter):
    with open(f"/proc/{milter.process.pid}/limits", encoding="ascii") as file:
        soft, hard = re.search(r"Max open files +(\w+) +(\w+)",
                               file.read()).groups()
    assert soft == hard


def test_a_file_in_the_sockets_place_stays(daemons, place):
    milter = daemons(start=False)
    with open(milter.socket, "w", encoding="ascii") as file:
        file.write("precious")
    with pytest.raises(AssertionError, match="cannot listen on unix:"):
        milter.start()
    assert milter.process.wait() == 71  # EX_OSERR
    milter.process = None
    with open(milter.socket, encoding="ascii") as file:
        assert file.read() == "precious"


def test_mistakes_are_said_at_start(daemons):
    milter = daemons(start=False, identities='envelope = "maybe";')
    with pytest.raises(AssertionError, match="identities.envelope"):
        milter.start()
    assert milter.process.wait() == 78  # EX_CONFIG
    milter.process = None
    milter.configure()
    with pytest.raises(AssertionError, match="usage:"):
        milter.start("--what")
    assert milter.process.wait() == 64  # EX_USAGE
    milter.process = None


def test_the_end_is_told_where_nothing_hangs_on_it(milter, state):
    """With its queue id, so that a next message cannot be meant."""
    mta = session(milter.socket)
    assert mta.mail("alice@example.com", "alice") == CONTINUE
    assert mta.rcpt(queue_id="Q1") == CONTINUE
    mta.header(*ALICE)
    assert mta.end(queue_id="Q1") == CONTINUE
    mta.quit()
    assert state.wait("ENDED") == [["ENDED", "1", "Q1"]]
    state.wait("CLOSE")
    assert not [r for r in state.asked if r[0] in ("END", "DONE")]


def test_the_end_is_asked_about_where_it_may_be_refused(daemons, state):
    daemon = daemons(milter='on_unrouted = "defer";')
    state.answers[("END",)] = verdict(
        "defer", "policy_not_asked", ref="0ABCDE")
    mta = session(daemon.socket)
    assert mta.mail("alice@example.com", "alice") == CONTINUE
    assert mta.rcpt(queue_id="Q1") == CONTINUE
    mta.header(*ALICE)
    assert mta.end(queue_id="Q1").code == "451"
    mta.quit()
