"""
Somebody with a stock Debian Postfix and the README, and nothing else: in a
private copy of this system (machine.py), what the README says must be there,
and its commands, run exactly as they stand.

Two things of the copy are not what they would be on a server. systemctl: no
systemd runs there, so "enable --now" starts what the ExecStart of each unit
says, with --supervise behind it in place of the socket units. apt-get: all
packages must be here already, and it only looks.
"""
import json
import os
import re
import time

from .client import Session
from .ledger import Ledger
from .lines import FileLines
from .machine import Machine, Syslog
from .nameserver import NameServer
from .process import Process, run
from .smarthost import Inbox, Loop, SmartHost
from .stock import stock_master
from .template import fill

TOP = os.path.abspath(os.path.join(os.path.dirname(__file__), "../../.."))
SOURCE = "/usr/src/weir"
BUILD_PATIENCE = 300  # seconds; make on a busy machine
JOBS = f"-j{os.cpu_count()}"  # as /etc/environment may have it
LOGINS = {name: f"{name}-secret" for name in ("alice", "bob", "carol")}

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


def chapter(name, file="README"):
    """The lines of a chapter of that file."""
    with open(f"{TOP}/{file}", encoding="utf-8") as opened:
        text = opened.read()
    found = re.search(rf"(?ms)^{re.escape(name)}\n\n(.*?)(?=^[A-Z ?]+\n\n)",
                      text)
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
        self.loop = Loop()
        stack.callback(self.loop.close)
        self.names = NameServer("127.0.0.1")
        stack.callback(self.names.close)
        self.names.names["mx.example.com"] = "127.0.0.1"
        self.a = self.smart_host("a", 11)
        self.b = self.smart_host("b", 12)
        self.log = self.before = self.seconds = None
        self.said = {}  # command of the README -> its output

    def smart_host(self, name, number):
        """Another one, NAME.example.net, on port 587."""
        host = SmartHost(self.loop, name, f"127.0.0.{number}", self.inbox,
                         port=587)
        self.stack.callback(host.kill)
        self.names.names[f"{name}.example.net"] = host.address
        return host

    def prepare(self):
        """What there must be."""
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
        machine.sh("rm -f /etc/postfix/main.cf /etc/postfix/master.cf")
        machine.sh("make-ssl-cert generate-default-snakeoil")
        machine.write("/usr/sbin/policy-rc.d", "#!/bin/sh\nexit 101\n", 0o755)
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
        self.stack.callback(dovecot.kill)
        dovecot.lines.wait("starting up")

    def follow(self, lines):
        """Does what a chapter says, to the letter."""
        start = time.monotonic()
        for command in commands(lines):
            self.said[command] = self.do(command)
        self.seconds = time.monotonic() - start

    def do(self, command, status=0):
        """What it says."""
        done = self.machine.sh(command, check=False, folder=SOURCE,
                               timeout=BUILD_PATIENCE, MAKEFLAGS=JOBS)
        assert done.returncode == status, (
            f"# {command}\n{done.returncode}: {done.stdout}{done.stderr}")
        return done.stdout

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
