"""
Both daemons under the load of several hundred sessions, while everything that
may change does: reloads, tables that are swapped, a policyd that is killed and
comes again, operators who ask. For a build with the thread sanitizer (make
check-threads), whose report is what fails here.

WEIR_LOAD_SECONDS and WEIR_LOAD_SESSIONS in the environment change the minute
and the 300.
"""

import contextlib
import grp
import os
import pathlib
import pwd
import re
import signal
import socket
import subprocess
import tempfile
import threading
import time

import pytest

BUILD = pathlib.Path(os.environ.get("top_builddir", os.getcwd())).resolve()
SUPPRESSIONS = pathlib.Path(__file__).parents[1] / "milter/tsan.supp"
SECONDS = int(os.environ.get("WEIR_LOAD_SECONDS", "60"))
SESSIONS = os.environ.get("WEIR_LOAD_SESSIONS", "300")
PATIENCE = 120  # longer than any machine takes
USER = pwd.getpwuid(os.geteuid()).pw_name
GROUP = grp.getgrgid(os.getegid()).gr_name

CONFIG = """
postfix_group = "{group}";
state: {{ socket = "{dir}/state.sock"; directory = "{dir}/state";
    group = "{group}"; daemons = [ "{user}" ]; flush_interval = "1s"; }};
log: {{ target = "{log}"; level = "info"; }};
milter: {{ listen = "unix:{dir}/milter.sock"; state_timeout = "{timeout}"; }};
policy: {{ listen = [ "unix:{dir}/policy.sock" ];
    socketmap = [ "unix:{dir}/map.sock" ]; default_transport = "smtp"; }};
http: {{ listen = "unix:{dir}/http.sock"; }};
health: {{ heartbeat = "1s"; timeout = "1s"; }};
maillog: {{ source = "file:{dir}/mail.log"; }};
smart_hosts = ( {{ name = "a"; nexthop = "[127.0.1.1]:21"; }},
    {{ name = "b"; nexthop = "[localhost]:21"; }} );
connectors = ( {{ name = "out"; transport = "smtp"; failovers = 1;
    members = ( {{ host = "a"; }}, {{ host = "b"; }} ); }} );
local_domains = [ "example.com" ];
routes = ( {{ name = "rest"; connector = "out"; }} );
identities: {{ unlisted = "own-address";
    tables = [ "file:{dir}/senders", "socketmap:unix:{dir}/owners.sock:x" ];
    table_timeout = "30s"; }};
listeners = ( {{ name = "submission"; daemons = [ "submission" ];
    require_user = true; max_connections = "unlimited";
    max_connections_per_source = "unlimited";
    max_connections_per_source_percent = "unlimited"; }} );
throttles = (
    {{ name = "per-user"; what = "recipients"; by = [ "user" ];
       limit = "{limit}/h"; }},
    {{ name = "networks"; what = "clients"; by = [ "user" ];
       limit = "10/h"; action = "observe"; }} );
"""


def write(path, text):
    """Swapped in whole."""
    beside = path.with_suffix(".new")
    beside.write_text(text, encoding="utf-8")
    beside.rename(path)


class Place:
    def __init__(self, folder):
        self.dir = pathlib.Path(folder)
        self.log = self.dir / "log"
        self.config = self.dir / "weir.conf"
        (self.dir / "state").mkdir()
        (self.dir / "mail.log").touch()
        self.configure(0)
        self.tables(0)

    def configure(self, n):
        """Every one differs from the one before: also where it logs to."""
        write(self.config, CONFIG.format(
            dir=self.dir, user=USER, group=GROUP, limit=10**8 + n,
            timeout="30s", log=f"file:{self.dir}/events-{n % 2}"))

    def tables(self, n):
        write(self.dir / "senders", "".join(
            f"user{i}@example.com user{i}@example.com, @n{n}.example\n"
            for i in range(0, 1000, 2)))

    def logs(self):
        return "".join(path.read_text(encoding="utf-8", errors="replace")
                       for path in (self.log, *self.dir.glob("events-*"))
                       if path.exists())


class Daemon:
    def __init__(self, place, name, address):
        self.place, self.name = place, name
        self.socket = place.dir / address
        self.process = None

    def start(self):
        self.socket.unlink(missing_ok=True)
        with open(self.place.log, "ab") as log:
            self.process = subprocess.Popen(
                [BUILD / self.name, "-c", self.place.config, "-u", USER],
                stdout=log, stderr=log, env={
                    **os.environ,
                    "TSAN_OPTIONS": f"suppressions={SUPPRESSIONS}"})
        deadline = time.monotonic() + PATIENCE
        while not self.answers():
            assert self.process.poll() is None, self.place.logs()
            assert time.monotonic() < deadline, self.place.logs()
            time.sleep(0.02)

    def answers(self):
        with socket.socket(socket.AF_UNIX) as there:
            return there.connect_ex(str(self.socket)) == 0

    def signal(self, sig):
        self.process.send_signal(sig)

    def end(self, sig):
        self.process.send_signal(sig)
        return self.process.wait(PATIENCE)


class Owners(threading.Thread):
    """A socketmap that knows nobody."""

    def __init__(self, path):
        super().__init__(daemon=True)
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(path))
        os.chmod(path, 0o666)
        self.listener.listen(100)

    def run(self):
        while True:
            peer, _ = self.listener.accept()
            threading.Thread(target=self.serve, args=(peer,),
                             daemon=True).start()

    @staticmethod
    def serve(peer):
        with contextlib.suppress(OSError):
            while peer.recv(4096):
                peer.sendall(b"9:NOTFOUND ,")


class Changes(threading.Thread):
    """Does one thing again and again while the load lasts."""

    def __init__(self, each, what):
        super().__init__()
        self.each, self.what = each, what
        self.over = threading.Event()
        self.count = 0
        self.failed = None

    def run(self):
        try:
            while not self.over.wait(self.each):
                self.count += 1
                self.what(self.count)
        except Exception as failure:  # told by the test's thread
            self.failed = failure

    def end(self):
        self.over.set()
        self.join()
        if self.failed:
            raise self.failed


@pytest.fixture(name="place")
def a_place():
    with tempfile.TemporaryDirectory(prefix="weir-load-") as folder:
        os.chmod(folder, 0o755)
        yield Place(folder)


def load(tool, address, at_once):
    return subprocess.Popen(
        [BUILD / "tests/bench" / tool, f"unix:{address}", at_once,
         str(SECONDS)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True)


def ask(place, *command):
    """Whatever comes of it: the state may be away."""
    subprocess.run([BUILD / "weirctl", "-c", place.config, *command],
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                   timeout=PATIENCE, check=False)


def test_nothing_races_under_load(place):
    Owners(place.dir / "owners.sock").start()
    policyd = Daemon(place, "weir-policyd", "state.sock")
    milter = Daemon(place, "weir-milter", "milter.sock")
    policyd.start()
    milter.start()
    loads = [load("load_milter", milter.socket, SESSIONS)]

    def killed(_):
        policyd.end(signal.SIGKILL)
        policyd.start()

    def explain(n):
        ask(place, "explain", "--user", f"user{n}@example.com", "--sender",
            f"user{n}@example.com", "--recipient", "x@far.example")

    changes = [
        Changes(0.5, lambda n: place.configure(n)),
        Changes(0.7, lambda _: milter.signal(signal.SIGUSR1)),
        Changes(2.2, lambda n: place.tables(n)),
        Changes(6, killed),
        Changes(0.3, explain),
        Changes(0.4, lambda _: ask(place, "connections")),
        Changes(1.1, lambda _: ask(place, "reload")),
        Changes(0.9, lambda _: ask(place, "limits")),
    ]
    for change in changes:
        change.start()
    said = [tool.communicate()[0] for tool in loads]
    for change in changes:
        change.end()
    assert loads[0].returncode == 0, said[0] + place.logs()
    # a second act: nothing is away, and the policy service works too
    loads = [load("load_milter", milter.socket, "50"),
             load("load_policy", place.dir / "policy.sock", "20"),
             load("load_map", place.dir / "map.sock", "5")]
    said += [tool.communicate()[0] for tool in loads]
    ends = [milter.end(signal.SIGTERM), policyd.end(signal.SIGTERM)]
    logs = place.logs()
    reports = re.search(r"WARNING: ThreadSanitizer.*", logs, re.S)
    assert not reports, reports[0]
    assert ends == [0, 0], logs[-4000:]
    for text in said:
        rate = re.match(r"([\d.]+) ", text)
        assert rate and float(rate[1]) > 0, text
    assert all(change.count > 0 for change in changes)
    print("\n" + "".join(said) + "changes: " +
          " ".join(str(change.count) for change in changes))
