"""
Limits as weirctl shows and resets them, and what becomes of them when the
daemon dies, the machine starts anew, or somebody sets its clock.
"""
import signal
import socket
import sqlite3
import struct
import time

import pytest
import zlib

from conftest import WAIT

ALICE = "alice@example.com"
HOUR = 3600 * 10**6
CLOCK = "I37s3xqq"  # version, boot id, both clocks in us (policyd/persist.c)

THROTTLES = """throttles = (
  { name = "rcpts"; what = "recipients"; by = "user"; limit = "5/h"; },
  { name = "mails"; what = "messages"; by = "user"; limit = "10/d";
    except_users = [ "app-*", "*@bücher.example" ]; },
  { name = "alices"; what = "messages"; by = "user"; limit = "3/h";
    users = "alice"; replaces = "mails"; },
  { name = "far"; what = "recipients"; by = [ "user", "recipient-domain" ];
    limit = "2/h"; action = "observe"; },
  { name = "volume"; what = "bytes"; by = "user"; limit = "1M/h"; },
  { name = "stolen"; what = "clients"; by = "user"; limit = "2/h";
    action = "hold"; },
  { name = "new"; what = "connections"; by = "client"; limit = "100/h"; } );
ipv6_prefix = 56;
"""


def start(make_weir):
    weir = make_weir()
    text = weir.config.read_text()
    weir.config.write_text(text[:text.index("throttles = (")] + THROTTLES)
    weir.start(probed=False)
    return weir


@pytest.fixture(scope="module")
def weir(make_weir):
    return start(make_weir)


def connect(milter, number, client="192.0.2.7"):
    assert milter.ask("CONNECT", str(number), "submission", client,
                      "4000")[0] == "accept"


def mail(milter, number, user=ALICE, client="192.0.2.7", recipients=1,
         size=1000):
    """One message in a session of its own; what each question was answered."""
    number = str(number)
    connect(milter, number, client)
    said = [milter.ask("MAIL", number, user, user, "0", str(size))[0]]
    if said == ["accept"] or said == ["hold"]:
        said += [milter.ask("RCPT", number, f"r{i}@far.example", "smtp",
                            "far.example", "Q")[0] for i in range(recipients)]
        said.append(milter.ask("END", number, "Q", str(size))[0])
    milter.send("CLOSE", number)
    return said


def first_recipient(milter, number, queue_id, user=ALICE):
    """RCPT that begins the message too (common/core/wire.h)."""
    return milter.ask("RCPT", str(number), "x@far.example", "smtp",
                      "far.example", queue_id, user, user, "0")


def rows(weir, key):
    return {row["rule"]: row
            for row in weir.json("limits", "--key", key)["limits"]}


def explained(weir, *words, code=0):
    told = weir.json("explain", "--sender", ALICE, *words, code=code)
    return told, {(row["rule"], row["key"]): row for row in told["limits"]}


def test_every_kind_is_shown_and_explained(weir):
    milter = weir.milter()
    assert mail(milter, 1) == ["accept"] * 3
    assert mail(milter, 2, client="2001:db8:0:1::1") == ["accept"] * 3
    assert mail(milter, 3, client="2001:db8:0:2::1") == ["accept"] * 3
    assert mail(milter, 4, client="2001:db8:0:100::1")[0] == "defer"
    here = rows(weir, "alice")
    assert {rule: row["used"] for rule, row in here.items()} == {
        "rcpts": 3, "alices": 3, "volume": 3000, "stolen": 2}
    assert here["stolen"]["networks"] == ["192.0.2.7", "2001:db8::"]
    assert rows(weir, "2001:db8::77")["new"]["used"] == 2
    assert rows(weir, "2001:db8:0:ff::1")["new"]["key"] == "2001:db8::/56"

    told, limits = explained(weir, "-u", "alice", "-r", "a@far.example",
                             "-r", "b@near.example", "--client", "192.0.2.9",
                             code=1)
    assert (told["verdict"], told["stage"]) == ("defer", "mail")
    assert limits["mails", ALICE]["replaced_by"] == "alices"
    assert limits["mails", ALICE]["scope"] == "replaced"
    assert not limits["mails", ALICE]["applies"]
    alices = limits["alices", ALICE]
    assert (alices["used"], alices["limit"], alices["verdict"],
            alices["decides"]) == (3, 3, "defer", True)
    assert 0 < alices["resets_in"] <= 3600
    assert sum(row["decides"] for row in limits.values()) == 1
    assert limits["stolen", ALICE]["verdict"] == "hold"
    assert limits["far", ALICE + "|far.example"]["used"] == 3
    assert limits["far", ALICE + "|near.example"]["used"] == 0
    assert limits["new", "192.0.2.9"]["used"] == 0
    text = weir.text("explain", "--sender", ALICE, "-u", "alice",
                     "--client", "192.0.2.9", code=1)
    assert "replaced by alices" in text and "defer, decides" in text

    _, limits = explained(weir, "-u", "app-1", "--client", "192.0.2.9",
                          code=1)
    assert limits["mails", "app-1@example.com"]["scope"] == "excepted"


def test_status_says_what_became_of_requests(weir):
    tallies = {row["rule"]: row for row in weir.json("status")["limits"]}
    assert tallies["alices"]["allowed"] == 3
    assert tallies["alices"]["refused"] == 1
    assert tallies["alices"]["warned"] == 1
    assert tallies["far"]["observed"] == 1
    assert "7 throttles: " in weir.text("status")


def test_reset_is_for_one_rule_or_all(weir):
    done = weir.json("limits", "reset", "alice", "--rule", "alices")
    (row,) = done["reset"]
    assert (row["rule"], row["key"], row["used"]) == ("alices", ALICE, 3)
    assert set(rows(weir, ALICE)) == {"rcpts", "volume", "stolen"}
    assert weir.json("events", "-n", "1")["events"][0].items() >= {
        "event": "LimitReset", "rule": "alices", "key": ALICE,
        "counters": "1"}.items()
    said = weir.text("limits", "reset", "ALICE@Example.com")
    assert "volume of alice@example.com is 0 again, it was 3000 of" in said
    assert rows(weir, ALICE) == {}


def test_a_login_is_found_by_either_form_of_its_domain(weir):
    forms = ("x@bücher.example", "X@BÜCHER.example", "x@xn--bcher-kva.example")
    assert mail(weir.milter(), 50, user=forms[-1],
                client="198.51.100.9") == ["accept"] * 3
    for form in forms:
        assert {row["key"] for row in rows(weir, form).values()} == {forms[-1]}
        told, limits = explained(weir, "-u", form, "--client", "198.51.100.9",
                                 code=1)
        assert told["identity"]["user"] == forms[-1]
        assert limits["mails", forms[-1]]["scope"] == "excepted"
        assert limits["rcpts", forms[-1]]["used"] == 1
    weir.text("limits", "reset", forms[0])
    assert rows(weir, forms[-1]) == {}


def test_reset_of_what_is_not_there_is_no(weir):
    assert "nothing is counted" in weir.json(
        "limits", "reset", "nobody", code=1)["error"]
    assert "did you mean rcpts?" in weir.json(
        "limits", "reset", "nobody", "--rule", "rcpt", code=1)["error"]
    assert weir.run("limits", "reset").returncode == 2
    milter = weir.milter()  # which reports, and does not operate
    assert milter.ask("RESET", "nobody").startswith("-NOPERM")


# --- what the disk keeps ---


def database(weir):
    return sqlite3.connect(weir.folder / "db" / "weir.db")


def count_of(record):
    """Of a rule by rates, see common/core/counter_bytes.c."""
    bins, width = record[6], record[7]
    return sum(count for _, count in struct.iter_unpack(
        "<qI", record[8:8 + bins * (8 + width)]))


def wait_stored(weir, keys, recipients):
    """Until the disk has these counters, and so many recipients of alice."""
    for _ in range(WAIT * 20):
        with database(weir) as db:
            there = {key.replace("\t", " "): value for key, value in
                     db.execute("SELECT key, value FROM record"
                                " WHERE kind = 'limit'")}
        if set(there) == keys and count_of(
                there["rcpts " + ALICE]) == recipients:
            return
        time.sleep(0.05)
    raise AssertionError(f"{there} is on disk")


def die_and_start(weir, change=None):
    weir.kill()
    if change is not None:
        with database(weir) as db:
            change(db)
    weir.start(probed=False)


def test_a_reset_outlives_a_crash_at_once(make_weir):
    weir = start(make_weir)
    milter = weir.milter()
    mail(milter, 1)
    mail(milter, 2, user="bob@example.com")
    wait_stored(weir, {
        "new 192.0.2.7", "rcpts " + ALICE, "alices " + ALICE,
        "volume " + ALICE, "stolen " + ALICE,
        f"far {ALICE}|far.example", "rcpts bob@example.com",
        "mails bob@example.com", "volume bob@example.com",
        "stolen bob@example.com", "far bob@example.com|far.example"}, 1)
    weir.json("limits", "reset", "alice")
    die_and_start(weir)
    assert rows(weir, ALICE) == {}
    bobs = rows(weir, "bob")
    assert {rule: row["used"] for rule, row in bobs.items()} == {
        "rcpts": 1, "mails": 1, "volume": 1000, "stolen": 1}
    assert bobs["stolen"]["networks"] == ["192.0.2.7"]


def set_clock(db, wall=0, mono=0, boot=None):
    """As if the clock had been so much earlier when it was written."""
    (record,) = db.execute(
        "SELECT value FROM record WHERE kind = 'clock'").fetchone()
    version, boot_id, was_mono, was_wall = struct.unpack(CLOCK, record)
    record = struct.pack(CLOCK, version, boot or boot_id, was_mono - mono,
                         was_wall - wall)
    key, = db.execute(
        "SELECT key FROM record WHERE kind = 'clock'").fetchone()
    db.execute(
        "UPDATE record SET value = ?, sum = ? WHERE kind = 'clock'",
        (record, zlib.crc32(b"clock\0" + key.encode() + b"\0" + record)))


@pytest.mark.parametrize("step", [HOUR, -HOUR, 30 * 24 * HOUR])
def test_a_wall_clock_set_while_it_was_dead_frees_and_freezes_nobody(
        make_weir, step):
    weir = start(make_weir)
    mail(weir.milter(), 1, recipients=5)
    wait_stored(weir, {
        "new 192.0.2.7", "rcpts " + ALICE, "alices " + ALICE,
        "volume " + ALICE, "stolen " + ALICE, f"far {ALICE}|far.example"}, 5)
    before = rows(weir, ALICE)["rcpts"]["resets_in"]
    die_and_start(weir, lambda db: set_clock(db, wall=step))
    row = rows(weir, ALICE)["rcpts"]
    assert (row["used"], row["limit"]) == (5, 5)
    assert before - 60 < row["resets_in"] <= before
    assert mail(weir.milter(), 1)[1] == "defer"


def test_a_recipient_that_begins_the_message_is_mail_and_rcpt(make_weir):
    """Also one of a milter that does not know yet of a rule that is new."""
    weir = start(make_weir)
    milter = weir.milter()
    for number in range(3):
        connect(milter, number)
        said = first_recipient(milter, number, f"B{number}")
        assert said[0] == "accept"
        milter.ask("END", str(number), f"B{number}", "0")
    shown = rows(weir, ALICE)
    assert (shown["alices"]["used"], shown["rcpts"]["used"]) == (3, 3)

    connect(milter, 4)
    said = first_recipient(milter, 4, "B4")
    assert (said[0], said[2]) == ("defer", "alices")  # the rule of MAIL
    assert first_recipient(milter, 4, "B4")[2] == "alices"
    assert rows(weir, ALICE)["rcpts"]["used"] == 3
    told = weir.json("explain", "--queue-id", "B4", code=1)
    past = [(p["rule"], p["user"], p["sender"]) for p in told["past"]]
    assert past == [("alices", ALICE, ALICE)] * 2
    assert milter.ask("DONE", "4", "0")[0] == "accept"


def test_what_holds_the_message_holds_it_at_its_first_recipient(make_weir):
    weir = start(make_weir)
    milter = weir.milter()
    for number in range(4):
        connect(milter, number, f"198.51.{number}.1")
        said = first_recipient(milter, number, "H", "app-1@example.com")
        assert (said[0], said[2]) == (("accept", "") if number < 2 else
                                      ("hold", "stolen"))


def test_half_a_message_at_the_first_recipient_is_malformed(weir):
    milter = weir.milter()
    connect(milter, 70)
    said = milter.ask("RCPT", "70", "x@far.example", "smtp", "far.example",
                      "Q", ALICE, ALICE)
    assert str(said).startswith("-ERR")


# Of another boot only the wall clock tells the time that passed.
@pytest.mark.parametrize("passed,used", [(HOUR // 2, 5), (2 * HOUR, None),
                                         (-HOUR, 5)])
def test_a_reboot_counts_the_time_that_passed(make_weir, passed, used):
    weir = start(make_weir)
    mail(weir.milter(), 1, recipients=5)
    wait_stored(weir, {
        "new 192.0.2.7", "rcpts " + ALICE, "alices " + ALICE,
        "volume " + ALICE, "stolen " + ALICE, f"far {ALICE}|far.example"}, 5)
    before = rows(weir, ALICE)["rcpts"]["resets_in"]
    die_and_start(weir, lambda db: set_clock(
        db, wall=passed, boot=b"of-another-boot"))
    row = rows(weir, ALICE).get("rcpts")
    assert (row and row["used"]) == used
    if row:
        left = before - max(passed, 0) / 10**6
        assert left - 60 < row["resets_in"] <= left + 2


BOB = "bob@example.com"


def used(weir, rule):
    row = rows(weir, BOB).get(rule)
    return row["used"] if row else 0


def test_what_nobody_waits_for_is_not_charged(weir):
    """A milter that got no answer in time has counted by itself."""
    mails, rcpts = used(weir, "mails"), used(weir, "rcpts")
    asked = weir.milter()
    asked.ask("CONNECT", "1", "default", "192.0.2.7", "4567")
    asked.ask("CONNECT", "2", "default", "192.0.2.7", "4568")
    asked.ask("MAIL", "2", BOB, BOB)
    late = [weir.milter() for _ in range(3)]
    weir.process.send_signal(signal.SIGSTOP)
    late[0].send("MAIL", "1", BOB, BOB)
    late[1].send("RCPT", "2", "x@far.example", "smtp", "far.example", "QA")
    late[2].send("CONNECT", "3", "default", "192.0.2.7", "4569")
    for milter in late:
        milter.lines.close()
        milter.socket.close()
    weir.process.send_signal(signal.SIGCONT)
    assert asked.ask("MAIL", "3", BOB, BOB).startswith("-NOSESSION")
    assert used(weir, "mails") == mails + 1
    assert used(weir, "rcpts") == rcpts
    # who has only said all he had to say is heard
    last = weir.milter()
    last.send("MAIL", "1", BOB, BOB)
    last.socket.shutdown(socket.SHUT_WR)
    assert last.answer()[0] == "accept"
    assert used(weir, "mails") == mails + 2
