"""A real weir-policyd in a folder of its own, for weirctl to be tried on.

Run in the build folder, where the programs are. Nothing but loopback and the
test's own folder is touched.
"""

import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import threading

import pytest

BUILD = pathlib.Path(os.environ.get("WEIR_BUILD", os.getcwd()))
WAIT = 60  # seconds; only a failing test waits that long


class SmartHost:
    """A smart host that greets, takes EHLO and says goodbye."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(
                target=self._talk, args=(client,), daemon=True).start()

    @staticmethod
    def _talk(client):
        with client, client.makefile("rwb", buffering=0) as talk:
            try:
                talk.write(b"220 test ESMTP\r\n")
                for line in talk:
                    quit = line.upper().startswith(b"QUIT")
                    talk.write(b"221 bye\r\n" if quit else b"250 ok\r\n")
                    if quit:
                        return
            except OSError:
                pass

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()


class NoHost:
    """A port where nobody listens, kept from everybody else."""

    def __init__(self):
        self.taken = socket.socket()
        self.taken.bind(("127.0.0.1", 0))
        self.port = self.taken.getsockname()[1]

    def close(self):
        self.taken.close()


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return taken.getsockname()[1]


class Resp:
    """A client of the state socket that sends what it is told."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(WAIT)
        self.socket.connect(path)
        self.lines = self.socket.makefile("rb")

    def send(self, *words):
        out = b"*%d\r\n" % len(words)
        for word in words:
            word = word.encode()
            out += b"$%d\r\n%s\r\n" % (len(word), word)
        self.socket.sendall(out)

    def answer(self):
        line = self.lines.readline().strip()
        if line.startswith(b"*"):
            return [self.answer() for _ in range(int(line[1:]))]
        if line.startswith(b"$"):
            text = self.lines.read(int(line[1:]) + 2)[:-2]
            return text.decode()
        return line.decode()

    def ask(self, *words):
        self.send(*words)
        return self.answer()


class Follow:
    """
    A weirctl that goes on until Ctrl-C and has said something already; killed
    when it says nothing.
    """

    def __init__(self, command):
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True)
        self.timer = threading.Timer(WAIT, self.process.kill)

    def object(self):
        return json.loads(self.process.stdout.readline())

    def event(self):
        return self.object()["event"]

    def said(self):
        return self.process.stderr.readline()

    def __enter__(self):
        self.timer.start()
        self.object()
        return self

    def __exit__(self, *failure):
        self.process.send_signal(signal.SIGINT)
        code = self.process.wait(WAIT)
        self.timer.cancel()
        self.process.stdout.close()
        self.process.stderr.close()
        assert failure[0] or code == 0


class Weir:
    """weir-policyd with its configuration, and weirctl to ask it."""

    def __init__(self, folder, hosts, group=""):
        self.folder = folder
        self.hosts = hosts
        self.socket = str(folder / "state.sock")
        self.policy = str(folder / "policy.sock")
        self.map = str(folder / "map.sock")
        self.config = folder / "weir.conf"
        self.log = folder / "log"
        self.process = None
        (folder / "db").mkdir()
        self.config.write_text(self._text(group))

    def _text(self, group):
        up, other, gone = (host.port for host in self.hosts)
        return f"""
            state: {{ socket = "{self.socket}"; group = "{group}";
                directory = "{self.folder}/db"; daemons = [ ]; }};
            postfix_group = "";
            policy: {{ listen = [ "unix:{self.policy}" ];
                socketmap = [ "unix:{self.map}" ];
                default_transport = "smtp"; }};
            maillog: {{ source = "none"; }};
            smart_hosts = (
                {{ name = "isp-a"; nexthop = "[127.0.0.1]:{up}"; }},
                {{ name = "isp-b"; nexthop = "[127.0.0.1]:{other}"; }},
                {{ name = "dr"; nexthop = "[127.0.0.1]:{gone}"; }} );
            connectors = ( {{ name = "outbound"; members = (
                {{ host = "isp-a"; }}, {{ host = "isp-b"; }},
                {{ host = "dr"; cost = 20; }} ); }} );
            routes = (
                {{ name = "vip"; sender = [ "@vip.example" ];
                    host = "isp-a"; }},
                {{ name = "no"; sender = [ "@bad.example" ];
                    reject = "not from there"; }},
                {{ name = "rest"; connector = "outbound"; }} );
            local_domains = [ "example.com" ];
            listeners = ( {{ name = "submission"; daemons = [ "sub" ];
                require_user = true; max_connections = 100;
                max_connections_per_source = 10;
                max_connections_per_source_percent = 30; }},
              {{ name = "slow"; ports = 2525;
                header_from = "hold"; envelope = "tag"; }} );
            identities: {{ realm = "example.com"; users = (
                {{ user = "alice"; senders = [ "alice@example.com",
                    "@sales.example.com" ]; }} ); }};
            throttles = (
                {{ name = "per-user"; what = "recipients"; by = [ "user" ];
                    limit = "5/h"; }},
                {{ name = "mails"; what = "messages"; by = [ "user" ];
                    limit = "100/d"; }} );
        """

    def start(self, probed=True):
        user = ["-u", "root"] if os.geteuid() == 0 else []
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [BUILD / "weir-policyd", "-c", self.config, *user],
                stderr=log)
        self._await_answer()
        if probed:
            self._await_probes()

    def _await_answer(self):
        for _ in range(WAIT * 20):
            if self.process.poll() is not None:
                break
            if self.run("status").returncode == 0:
                return
            threading.Event().wait(0.05)
        raise AssertionError("no start:\n" + self.log.read_text())

    def _await_probes(self):
        """Until the host that is not there was found sick."""
        for _ in range(WAIT * 20):
            dr = [h for h in self.json("hosts")["hosts"]
                  if h["name"] == "dr"][0]
            if dr["failures"] > 0:
                return
            threading.Event().wait(0.05)
        raise AssertionError("dr was never tried")

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(WAIT)

    def stop(self):
        """Ends it; an end it came to by itself is a failure."""
        if self.process is None:
            return
        self.process.terminate()
        assert self.process.wait(WAIT) == 0, self.log.read_text()

    def command(self, *words):
        return [BUILD / "weirctl", "-c", self.config, *words]

    def run(self, *words, **more):
        return subprocess.run(self.command(*words), capture_output=True,
                              text=True, timeout=WAIT, check=False, **more)

    def json(self, *words, code=0):
        done = self.run("--json", *words)
        assert done.returncode == code, done
        assert done.stdout.count("\n") == 1, "one object, one line"
        return json.loads(done.stdout)

    def text(self, *words, code=0):
        done = self.run(*words)
        assert done.returncode == code, done
        return done.stdout

    def follow(self):
        """weirctl events -f, after the newest event that is there."""
        return Follow(self.command("--json", "events", "-n", "1", "-f"))

    def watch(self):
        """weirctl hosts --watch, after the state as it is."""
        return Follow(self.command("--json", "hosts", "--watch"))

    def ask_policy(self, **attributes):
        """What Postfix would be answered at DATA."""
        request = {"request": "smtpd_access_policy",
                   "protocol_state": "DATA", "recipient_count": "1",
                   "client_address": "192.0.2.7", "client_port": "4567",
                   **attributes}
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(WAIT)
            client.connect(self.policy)
            client.sendall("".join(
                f"{k}={v}\n" for k, v in request.items()).encode() + b"\n")
            answer = client.makefile().readline()
        return answer.strip().removeprefix("action=")

    def milter(self):
        client = Resp(self.socket)
        assert client.ask("HELLO", "weir", "1", "milter", "test")[0] == "weir"
        return client


@pytest.fixture(scope="module")
def make_weir():
    """Makes Weirs that are gone after the module."""
    made, folders = [], []

    def make(**more):
        # /tmp itself: a socket's path must be short, and nobody may come in
        folder = pathlib.Path(tempfile.mkdtemp(prefix="weirctl."))
        folder.chmod(0o755)
        folders.append(folder)
        weir = Weir(folder, [SmartHost(), SmartHost(), NoHost()], **more)
        made.append(weir)
        return weir

    yield make
    try:
        for weir in made:
            for host in weir.hosts:
                host.close()
            weir.stop()
    finally:
        for weir in made:
            if weir.process is not None and weir.process.poll() is None:
                weir.kill()
        for folder in folders:
            shutil.rmtree(folder)


@pytest.fixture(scope="module")
def weir(make_weir):
    weir = make_weir()
    weir.start()
    return weir


@pytest.fixture(scope="module")
def web(make_weir):
    """One with its page and metrics, at its port."""
    weir = make_weir()
    weir.port = free_port()
    weir.config.write_text(
        weir.config.read_text() +
        f'http: {{ listen = "inet:127.0.0.1:{weir.port}"; '
        'hosts = [ "mail.example.org" ]; };')
    weir.start()
    return weir
