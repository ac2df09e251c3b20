"""
The README's chapter for a newcomer, taken at its word: its commands, exactly
as they stand there and nothing else, turn the Postfix that Debian's package
sets up into one with enforced senders, limits and two smart hosts. In a
private copy of this system (harness/machine.py); what an administrator has
before he begins is made by prepare().

Two things of the copy are not what they would be on a server. systemctl: no
systemd runs there, so "enable --now" starts what the ExecStart of each unit
says, with --supervise behind it in place of the socket units. apt-get: all
packages must be here already, and it only looks.
"""
import hashlib
import json
import os
import re
import time
import urllib.request
from contextlib import ExitStack

import pytest

from harness.client import Session
from harness.ledger import Ledger
from harness.lines import FileLines
from harness.machine import Machine, Syslog
from harness.nameserver import NameServer
from harness.process import Process, run
from harness.smarthost import Inbox, Loop, SmartHost
from harness.stock import stock_master
from harness.template import fill

TOP = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
CHAPTER = "TEN MINUTES ON A DEBIAN POSTFIX"
SOURCE = "/usr/src/weir"
BUILD_PATIENCE = 300  # seconds; make on a busy machine
TEN_MINUTES = 600
JOBS = f"-j{os.cpu_count()}"  # as /etc/environment may have it
LOGINS = {name: f"{name}-secret" for name in ("alice", "bob", "carol")}
ALICE, BOB, CAROL = (f"{name}@example.com" for name in LOGINS)

SYSTEMCTL = """#!/bin/sh
[ "$1 $2" = "enable --now" ] || exit 1
shift 2
for unit; do
    start=$(sed -n 's/^ExecStart=//p' /usr/lib/systemd/system/$unit.service)
    $start --supervise </dev/null >>/var/log/$unit.log 2>&1 &
done
"""
APT_GET = """#!/bin/sh
for package; do
    case $package in -y | install) continue ;; esac
    [ "$(dpkg-query -W -f '${db:Status-Status}' $package)" = installed ] || {
        echo "$package is not installed here" >&2
        exit 100
    }
done
"""
DEBCONF = """\
postfix postfix/main_mailer_type select Internet Site
postfix postfix/mailname string example.com
"""


def chapter(name):
    """The lines of a chapter of the README."""
    with open(f"{TOP}/README", encoding="utf-8") as file:
        text = file.read()
    found = re.search(rf"(?ms)^{name}\n\n(.*?)(?=^[A-Z][A-Z ]+\n\n)", text)
    return found[1].splitlines()


def commands(lines):
    """Those that begin with #, with what belongs to them."""
    lines = iter(lines)
    for line in lines:
        if not line.startswith("    # "):
            continue
        command = [line[6:]]
        ends = re.search(r"<<'(\w+)'", line)
        while ends and command[-1] != ends[1]:
            command.append(next(lines)[4:])
        while command[-1].endswith("\\"):
            command.append(next(lines)[4:])
        yield "\n".join(command)


class Newcomer:
    """A machine with a stock Postfix, and whoever reads the README there."""

    def __init__(self, stack):
        self.stack = stack
        self.machine = stack.enter_context(Machine("mx.example.com"))
        stack.enter_context(self.machine.network())
        self.inbox = Inbox()
        loop = Loop()
        stack.callback(loop.close)
        self.a, self.b = (
            SmartHost(loop, name, f"127.0.0.{n}", self.inbox, port=587)
            for n, name in ((11, "a"), (12, "b")))
        for host in (self.a, self.b):
            stack.callback(host.kill)
        self.names = NameServer("127.0.0.1")
        stack.callback(self.names.close)
        self.names.names.update({"a.example.net": self.a.address,
                                 "b.example.net": self.b.address,
                                 "mx.example.com": "127.0.0.1"})
        self.before = self.seconds = None
        self.said = {}

    def prepare(self):
        machine = self.machine
        machine.write("/etc/resolv.conf", "nameserver 127.0.0.1\n")
        machine.write("/etc/hosts", "127.0.0.1 localhost\n")
        machine.write("/usr/local/bin/systemctl", SYSTEMCTL, 0o755)
        machine.write("/usr/local/bin/apt-get", APT_GET, 0o755)
        syslog = Syslog(machine)
        self.stack.callback(syslog.close)
        self.log = FileLines(syslog.path)
        self.stack.callback(self.log.close)
        self._postfix()
        self._dovecot()
        run(["sh", "-c", '. "$top/contrib/setup.sh" && copy_tree "$1"', "sh",
             machine.path(SOURCE)], env={"top": TOP})

    def _postfix(self):
        """
        As the package sets it up for an Internet Site, with submission
        uncommented, and on one address: the smart hosts are here too.
        """
        machine = self.machine
        machine.sh("rm -f /etc/postfix/*.cf /etc/mailname")
        machine.sh("make-ssl-cert generate-default-snakeoil")
        machine.write("/tmp/debconf", DEBCONF)
        machine.sh("debconf-set-selections /tmp/debconf; dpkg-reconfigure "
                   "postfix", DEBIAN_FRONTEND="noninteractive")
        machine.write("/etc/postfix/master.cf", stock_master())
        machine.sh("postconf -e smtpd_sasl_type=dovecot "
                   "smtpd_sasl_path=private/auth inet_interfaces=127.0.0.1")
        self.before = self.files()
        # what the unit of the package does
        machine.sh("/usr/lib/postfix/configure-instance.sh - && "
                   "postmulti -i - -p start")
        self.log.wait("daemon started")

    def files(self):
        return {name: self.machine.read(f"/etc/postfix/{name}")
                for name in ("main.cf", "master.cf")}

    def _dovecot(self):
        machine = self.machine
        machine.sh("mkdir -p /etc/logins/dovecot; "
                   "ln -s /var/spool/postfix /etc/logins/spool")
        machine.write("/etc/logins/dovecot/users", "".join(
            f"{name}:{{plain}}{word}\n" for name, word in LOGINS.items()))
        machine.write("/etc/logins/dovecot.conf",
                      fill("dovecot.conf", DIR="/etc/logins"))
        dovecot = Process(
            "dovecot",
            machine.argv("dovecot", "-F", "-c", "/etc/logins/dovecot.conf"),
            machine.path("/var/log/dovecot.log"))
        dovecot.lines.wait("starting up")

    def follow(self):
        """Does what the README says, to the letter."""
        start = time.monotonic()
        for command in commands(chapter(CHAPTER)):
            done = self.machine.sh(command, check=False, folder=SOURCE,
                                   timeout=BUILD_PATIENCE, MAKEFLAGS=JOBS)
            assert done.returncode == 0, (
                f"# {command}\n{done.stdout}{done.stderr}")
            self.said[command] = done.stdout
        self.seconds = time.monotonic() - start

    def session(self, name):
        """Logged in by submission, as its stock settings ask: in TLS."""
        session = Session("127.0.0.1", 587)
        session.ehlo()
        assert session.start_tls().code == 220
        assert session.login(name, LOGINS[name]).code == 235
        return session

    def ctl(self, *words):
        """weirctl --json, as root."""
        return json.loads(self.machine.sh(
            " ".join(("weirctl --json", *words))).stdout)

    def ledger(self):
        return Ledger(self.inbox)

    def logs(self):
        names = ("mail.log", "weir-policyd.log", "weir-milter.log")
        for name in names:
            text = self.machine.sh(f"tail -n 40 /var/log/{name}", check=False)
            yield name, text.stdout


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
        somebody.follow()
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
    with urllib.request.urlopen("http://127.0.0.1:9180/") as page:
        assert (page.status, b"Weir" in page.read()) == (200, True)


def test_explain_says_that_alice_may(newcomer):
    said = next(text for command, text in newcomer.said.items()
                if command.startswith("weirctl explain"))
    assert "accept" in said
    assert "action=FILTER relay:[a.example.net]:587" in said


def test_undo_puts_postfix_back_byte_for_byte(newcomer):
    """Last of all: the machine is stock again."""
    assert newcomer.files() != newcomer.before
    newcomer.machine.sh("weirctl postfix --undo --reload")
    assert newcomer.files() == newcomer.before
