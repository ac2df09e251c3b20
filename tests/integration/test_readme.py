"""
The README's chapter for a newcomer, taken at its word: its commands, exactly
as they stand there and nothing else, turn the Postfix that Debian's package
sets up into one with enforced senders, limits and two smart hosts
(harness/newcomer.py). Then the commands of GUIDE.
"""
import hashlib
import http.client
import os
import re
import ssl
from contextlib import ExitStack

import pytest

from harness.certificates import Certificates
from harness.client import Session
from harness.newcomer import LOGINS, Newcomer, chapter, commands
from harness.place import Place

CHAPTER = "TEN MINUTES ON A DEBIAN POSTFIX"
TEN_MINUTES = 600
ALICE, BOB, CAROL = (f"{name}@example.com" for name in LOGINS)


def of_this_machine():
    """What must not change here."""
    found = {}
    for folder in ("/etc/postfix", "/etc/weir", "/etc/passwd", "/etc/group"):
        paths = [folder] if os.path.isfile(folder) else [
            os.path.join(top, name)
            for top, _, names in os.walk(folder) for name in names]
        for path in paths:
            with open(path, "rb") as file:
                found[path] = hashlib.sha256(file.read()).hexdigest()
    return found


@pytest.fixture(scope="module")
def newcomer():
    """Behind the last command of the chapter."""
    before = of_this_machine()
    with ExitStack() as stack:
        somebody = Newcomer(stack)
        somebody.prepare()
        somebody.follow(chapter(CHAPTER))
        yield somebody
    assert of_this_machine() == before


def test_the_commands_take_less_than_ten_minutes(newcomer, capsys):
    assert len(newcomer.said) >= 14
    with capsys.disabled():
        print(f"\nREADME: {len(newcomer.said)} commands, "
              f"{newcomer.seconds:.0f} s", end=" ")
    assert newcomer.seconds < TEN_MINUTES


def test_each_login_is_held_to_its_own_addresses(newcomer):
    ledger = newcomer.ledger()
    with newcomer.session("alice") as session:
        assert ledger.send(session, ALICE).code == 250
        assert ledger.send(session, "news@sales.example.com").code == 250
        for reply in (ledger.send(session, BOB),
                      ledger.send(session, ALICE, header_from=BOB)):
            assert (reply.code, reply.text[:5]) == (550, "5.7.1")
    with newcomer.session("bob") as session:
        assert ledger.send(session, BOB).code == 250
        assert ledger.send(session, ALICE).code == 550
    ledger.check()


def test_nobody_without_a_login(newcomer):
    with Session("127.0.0.1", 587) as session:
        session.start_tls()
        reply = session.mail(ALICE)
        assert (reply.code, reply.text[:5]) == (530, "5.7.0")


def test_the_201st_recipient_of_an_hour_is_told_which_limit(newcomer):
    ledger = newcomer.ledger()
    hundred = [f"reader{n}@remote.example" for n in range(100)]
    with newcomer.session("carol") as session:
        for _ in range(2):
            assert ledger.send(session, CAROL, hundred).code == 250
        reply = ledger.send(session, CAROL)
    assert reply.code == 451
    assert "limit per-user-hour: 200 recipients/1h used" in reply.text
    ledger.check()
    with newcomer.session("bob") as session:
        assert ledger.send(session, BOB).code == 250
    ledger.check()


def test_mail_leaves_by_both_and_around_the_sick_one(newcomer):
    ledger = newcomer.ledger()
    with newcomer.session("alice") as session:
        for _ in range(10):
            assert ledger.send(session, ALICE).code == 250
    ledger.check()
    assert ledger.by_host() == {"a": 5, "b": 5}
    newcomer.a.kill()
    around = newcomer.ledger()
    with newcomer.session("alice") as session:
        for _ in range(10):
            assert around.send(session, ALICE).code == 250
    around.check()
    assert around.by_host() == {"b": 10}
    newcomer.a.start()
    probe = newcomer.ctl("probe", "isp-a")
    assert probe["ok"]


def test_doctor_is_content_and_the_page_answers(newcomer):
    assert newcomer.ctl("doctor")["ok"]
    page = http.client.HTTPConnection("127.0.0.1", 9180)
    page.request("GET", "/")
    answer = page.getresponse()
    assert (answer.status, b"Weir" in answer.read()) == (200, True)


def test_explain_says_that_alice_may(newcomer):
    said = next(text for command, text in newcomer.said.items()
                if command.startswith("weirctl explain"))
    assert "accept" in said
    assert "action=FILTER relay:[a.example.net]:587" in said


def add_third_host(newcomer, place):
    """What step 1 says, and an authority for its certificate."""
    made = Certificates(place)
    host = newcomer.smart_host("c", 13)
    host.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    host.tls.load_cert_chain(made.make("c", "DNS:c.example.net"), made.key)
    with open(made.ca, encoding="ascii") as file:
        newcomer.machine.write("/etc/weir/ca.pem", file.read())
    text = newcomer.machine.read("/etc/weir/weir.conf").decode()
    row, member = re.search(
        r'(?s)({ name = "isp-c";.*?})\n.*members = \( \.\.\., (.*?) \);',
        "\n".join(chapter("ADDING A SMART HOST", "GUIDE"))).groups()
    text = text.replace('"[b.example.net]:587"; }',
                        f'"[b.example.net]:587"; }},\n  {row}')
    text = text.replace('{ host = "isp-b"; }',
                        f'{{ host = "isp-b"; }}, {member}')
    newcomer.machine.write("/etc/weir/weir.conf", text
                           + 'health: { ca_file = "/etc/weir/ca.pem"; };\n')


@pytest.fixture
def place():
    place = Place()
    yield place
    place.remove()


def test_the_guide_adds_a_smart_host(newcomer, place):
    add_third_host(newcomer, place)
    steps = list(commands(chapter("ADDING A SMART HOST", "GUIDE")))
    assert len(steps) == 5
    said = {command: newcomer.do(command) for command in steps}
    assert "certificate of c.example.net" in said["weirctl probe isp-c"]
    assert "c.example.net" in newcomer.machine.sh(
        "postconf default_transport").stdout
    ledger = newcomer.ledger()
    with newcomer.session("alice") as session:
        for _ in range(6):
            assert ledger.send(session, ALICE).code == 250
    ledger.check()
    assert ledger.by_host() == {"a": 2, "b": 2, "c": 2}


def test_the_guide_takes_one_out_for_maintenance(newcomer):
    states = {}
    for command in commands(chapter(
            "TAKING A SMART HOST OUT FOR MAINTENANCE", "GUIDE")):
        newcomer.do(command)
        states[command] = newcomer.ctl("host", "isp-a")
    assert [state["state"] for state in states.values()] == [
        "drained", "healthy", "drained", "down"]
    assert all(state["until"] for command, state in states.items()
               if "--for" in command)
    newcomer.do("weirctl enable isp-a")


def test_the_guide_says_why(newcomer):
    """The codes of its examples stand for those of this mail."""
    ledger = newcomer.ledger()
    with newcomer.session("alice") as session:
        taken = ledger.send(session, ALICE).text.split()[-1]
        refused = re.search("weir ([0-9A-F]{6})",
                            ledger.send(session, BOB).text)[1]
    ledger.check()
    said = {}
    for name in ("WHY WAS THIS MAIL REFUSED?", "WHY DID IT GO THAT WAY?",
                 "A LOGIN SENDS FAR TOO MUCH"):
        for command in commands(chapter(name, "GUIDE")):
            ours = command.replace("7F3A2C", refused)
            ours = ours.replace("4jY54H2Vzjz1c6Kn", taken)
            no = "--ref" in command or "--from" in command
            said[command.split("\n")[0]] = newcomer.do(ours, status=int(no))
    assert len(said) == 6
    assert refused in said["weirctl explain --ref 7F3A2C"]
    assert "chosen" in said["weirctl explain --queue-id 4jY54H2Vzjz1c6Kn"]
    assert "is 0 again" in said["weirctl limits reset alice@example.com"]
    assert CAROL in said["weirctl limits"]


def test_undo_puts_postfix_back_byte_for_byte(newcomer):
    """Last of all: the machine is stock again."""
    assert newcomer.files() != newcomer.before
    newcomer.machine.sh("weirctl postfix --undo --reload")
    assert newcomer.files() == newcomer.before
