"""Tables of owners, each kind through real Postfix, and while they change."""
import json
import os
import random
import socket
import socketserver
import threading
import time

import pytest

from harness.lines import PATIENCE
from harness.process import run
from harness.weir import config_text

ALICE = "alice@example.com"
BOB = "bob@example.com"
CAROL = "carol@example.com"
REMOTE = "someone@remote.example"

CONNECTORS = """(
  { name = "out"; transport = "relay"; balance = "affinity"; failovers = 2;
    default_home = "a"; members = ( { host = "a"; }, { host = "b"; } ); },
  { name = "spare"; transport = "relay"; members = ( { host = "c"; } ); } )"""

KINDS = ("file", "lmdb", "socketmap")


class Socketmap:
    """
    A socketmap of the rows it is given. manner: "answer", "mute", "garbage",
    "temp"; asked: the keys, in order.
    """

    def __init__(self, path, rows):
        self.path, self.rows, self.manner = path, rows, "answer"
        self.asked = []
        self.connections = set()
        self._server = None

    def start(self):
        table = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self):
                table.connections.add(self.request)
                while True:
                    data = self.request.recv(4096)
                    if not data or not table.answer(self.request, data):
                        return

            def finish(self):
                table.connections.discard(self.request)

        class Server(socketserver.ThreadingUnixStreamServer):
            daemon_threads = True
            block_on_close = False

        if os.path.exists(self.path):
            os.unlink(self.path)
        self._server = Server(self.path, Handler)
        os.chmod(self.path, 0o666)
        threading.Thread(
            target=self._server.serve_forever, args=(0.05,), daemon=True
        ).start()

    def stop(self):
        if self._server:
            self._server.shutdown()
            self._server.server_close()
            self._server = None
            for connection in list(self.connections):
                connection.shutdown(socket.SHUT_RDWR)
            os.unlink(self.path)

    def answer(self, sock, data):
        name, key = data.split(b":", 1)[1][:-1].decode().split(" ", 1)
        assert name == "senders"
        self.asked.append(key)
        if self.manner == "mute":
            return True
        text = {"garbage": "HTTP/1.1 400 Bad Request\r\n\r\n",
                "temp": _netstring("TEMP database is away")}.get(self.manner)
        if text is None:
            value = self.rows.get(key)
            text = _netstring("NOTFOUND " if value is None else f"OK {value}")
        try:
            sock.sendall(text.encode())
        except OSError:
            return False
        return True


def _netstring(text):
    return f"{len(text)}:{text},"


class Table:
    """Rows that end in a table of that kind."""

    def __init__(self, site, kind):
        self.site, self.kind = site, kind
        self.name = f"{kind}-table"
        self.path = site.place.path(self.name)
        self.map = None
        if kind == "socketmap":
            self.map = Socketmap(self.path + ".sock", {})
            self.map.start()

    @property
    def spec(self):
        if self.map:
            return f"socketmap:unix:{self.map.path}:senders"
        return f"{self.kind}:{self.path}"

    def put(self, rows):
        """rows: login -> value. Replaces all; made beside, then renamed."""
        if self.map:
            self.map.rows = rows
            return
        text = "".join(f"{k}  {v}\n" for k, v in rows.items())
        if self.kind == "file":
            self.replace(text.encode())
        else:
            self.postmap(text)

    def replace(self, content):
        """The file itself, in one step."""
        path = self.path + (".lmdb" if self.kind == "lmdb" else "")
        with open(path + ".new", "wb") as file:
            file.write(content)
        os.chmod(path + ".new", 0o644)
        os.rename(path + ".new", path)

    def postmap(self, text):
        with open(self.path, "w", encoding="utf-8") as file:
            file.write(text)
        # the instance under test has no dynamicmaps.cf, which names lmdb
        self.site.place.write("compatibility_level = 3.6\n", "map", "main.cf")
        run(["postmap", "-c", self.site.place.path("map"),
             f"lmdb:{self.path}"])
        os.chmod(f"{self.path}.lmdb", 0o644)

    def close(self):
        if self.map:
            self.map.stop()


@pytest.fixture
def table(site):
    """table(kind, rows), closed after the test."""
    tables = []

    def make(kind, rows):
        tables.append(Table(site, kind))
        tables[-1].put(rows)
        return tables[-1]

    yield make
    for made in tables:
        made.close()


def identities(*specs, more=""):
    listed = ", ".join(f'"{spec}"' for spec in specs)
    return f"""{{ realm = "example.com"; unlisted = "reject";
      tables = [ {listed} ]; {more} }}"""


def sections(*specs, more="", **others):
    return {"connectors": CONNECTORS, "identities": identities(*specs,
            more=more),
            "routes": '( { name = "all"; connector = "out"; } )', **others}


def send(site, login, sender, header_from=None):
    """The reply and the host that took it, if one did."""
    ledger = site.ledger()
    with site.session() as session:
        site.login(session, login)
        reply = ledger.send(session, sender, header_from=header_from)
    ledger.check()
    taken = [d.host for d in ledger.delivered()]
    return reply, taken[0] if taken else None


def code(site, login, sender, header_from=None):
    return send(site, login, sender, header_from)[0].code


def await_code(site, login, sender, expected):
    """Until a table that was changed is in use."""
    until = time.monotonic() + PATIENCE
    while (got := code(site, login, sender)) != expected:
        assert time.monotonic() < until, f"still {got}"


def who(w, user, sender):
    return json.loads(w.ctl(
        "--json", "explain", "--user", user, "--sender", sender,
        "--recipient", REMOTE, "--listener", "submission", check=False,
    ).stdout)


@pytest.mark.parametrize("kind", KINDS)
def test_a_login_of_each_kind_of_table_sends_as_its_own(
    site, weir, table, kind
):
    made = table(kind, {
        "alice@example.com": "alice@example.com, @shop.example, "
                             "!boss@shop.example",
        "bob": "bob@example.com info@example.com",
    })
    w = weir(**sections(made.spec))
    for login, sender, expected in (
        (ALICE, ALICE, 250), (ALICE, "x@shop.example", 250),
        (ALICE, "Alice+tag@Example.com", 250),
        (ALICE, "boss@shop.example", 550), (ALICE, BOB, 550),
        (BOB, BOB, 250), (BOB, "info@example.com", 250), (BOB, ALICE, 550),
        (CAROL, CAROL, 550),
    ):
        assert code(site, login, sender) == expected, (login, sender)
    assert code(site, ALICE, ALICE, header_from=BOB) == 550
    assert code(site, ALICE, ALICE, header_from="x@shop.example") == 250
    # explain is of one mind with the milter, and says where it knows it from
    told = who(w, ALICE, ALICE)
    assert told["verdict"] == "accept"
    source, = told["identity"]["sources"]
    assert source["user"] == ALICE
    assert source["source"] == made.spec + (":1" if kind == "file" else "")
    assert source["senders"] == ["!boss@shop.example", "@shop.example", ALICE]
    assert who(w, ALICE, BOB)["reason"] == "sender_not_owned"
    assert who(w, CAROL, CAROL)["identity"]["sources"] == []


def test_tables_are_asked_in_their_order(site, weir, table):
    first = table("file", {"alice": "alice@example.com"})
    second = table("socketmap", {"alice@example.com": BOB, "bob": BOB})
    third = table("lmdb", {"bob": ALICE, "carol": CAROL,
                           "*": "help@example.com"})
    weir(**sections(first.spec, second.spec, third.spec, more="""users = (
        { user = "carol"; senders = "carol.inline@example.com"; } );"""))
    for login, sender, expected in (
        (ALICE, ALICE, 250), (ALICE, BOB, 550),
        (BOB, BOB, 250), (BOB, ALICE, 550),
        (CAROL, "carol.inline@example.com", 250), (CAROL, CAROL, 550),
        (ALICE, "help@example.com", 250), (CAROL, "help@example.com", 250),
    ):
        assert code(site, login, sender) == expected, (login, sender)
    assert ALICE not in second.map.asked
    assert CAROL not in second.map.asked


@pytest.mark.parametrize("kind", ("file", "lmdb"))
def test_a_table_is_read_anew_while_it_is_in_use(site, weir, table, kind):
    made = table(kind, {"alice": ALICE, "bob": BOB})
    w = weir(**sections(made.spec))
    assert code(site, ALICE, BOB) == 550
    made.put({"alice": f"{ALICE} {BOB}"})
    await_code(site, ALICE, BOB, 250)
    assert code(site, BOB, BOB) == 550
    w.policyd.lines.wait("read anew, 1 rows")
    # in place, as cp and postmap write
    if kind == "file":
        with open(made.path, "a", encoding="utf-8") as file:
            file.write("bob info@example.com\n")
    else:
        made.postmap("bob info@example.com\n")
    await_code(site, BOB, "info@example.com", 250)


def test_a_table_with_a_mistake_stays_as_it_was(site, weir, table):
    made = table("file", {"alice": ALICE})
    w = weir(**sections(made.spec))
    made.replace(b"alice bob@example.com\ncarol nonsense\n")
    for daemon in (w.milter, w.policyd):
        daemon.lines.wait(f'{made.path}:2: "nonsense" should be an address')
        daemon.lines.wait("what was read before stays")
    assert code(site, ALICE, ALICE) == 250
    assert code(site, ALICE, BOB) == 550
    os.unlink(made.path)
    w.milter.lines.wait("No such file or directory; what was read")
    assert code(site, ALICE, ALICE) == 250
    made.put({"alice": BOB})
    await_code(site, ALICE, BOB, 250)


def test_a_reload_reads_tables_whole_or_not_at_all(site, weir, table):
    made = table("file", {"alice": ALICE})
    w = weir(**sections(made.spec))
    made.replace(b"alice bob@example.com\ncarol nonsense\n")
    place = f'{made.path}:2: "nonsense" should be an address'
    done = w.ctl("config", "check", check=False)
    assert done.returncode == 1 and place in done.stderr
    done = w.ctl("reload", check=False)
    assert done.returncode == 1
    assert place in done.stdout + done.stderr
    assert code(site, ALICE, ALICE) == 250
    made.put({"alice": BOB})
    w.ctl("config", "check")
    w.ctl("reload")
    assert code(site, ALICE, BOB) == 250
    assert code(site, ALICE, ALICE) == 550


def test_a_table_missing_at_the_start_puts_mail_off(site, weir, table):
    made = table("file", {"alice": ALICE})
    os.unlink(made.path)
    w = weir(**sections(made.spec))
    w.milter.lines.wait("mail of logins waits until")
    reply, _ = send(site, ALICE, ALICE)
    assert (reply.code, reply.text[:5]) == (451, "4.3.0")
    assert who(w, ALICE, ALICE)["reason"] == "identity_away"
    made.put({"alice": ALICE})
    await_code(site, ALICE, ALICE, 250)


def test_seed_0_3_a_home_in_a_table_moves_without_a_restart(
    site, weir, table
):
    made = table("file", {"alice": f"{ALICE} home=b", "bob": BOB})
    w = weir(**sections(made.spec))
    assert send(site, ALICE, ALICE)[1] == "b"
    assert send(site, BOB, BOB)[1] == "a"
    told = who(w, ALICE, ALICE)
    assert told["home"]["home"] == "b"
    assert told["identity"]["home_source"] == f"{made.spec}:1"
    assert who(w, BOB, BOB)["home"]["text"] == "no home, default used"
    mark = w.policyd.lines.mark()
    made.put({"bob": f"{BOB} home=b", "alice": ALICE})
    w.policyd.lines.wait("read anew", since=mark)
    until = time.monotonic() + PATIENCE
    while who(w, BOB, BOB)["home"]["home"] != "b":
        assert time.monotonic() < until
    assert send(site, ALICE, ALICE)[1] == "a"
    assert send(site, BOB, BOB)[1] == "b"
    assert who(w, BOB, BOB)["identity"]["home_source"] == f"{made.spec}:1"


@pytest.mark.parametrize("home, words", [
    ("x", 'there is no smart host "x"'),
    ("c", '"c" is no member of a connector with balance = "affinity"'),
])
def test_seed_0_13_a_home_in_a_table_must_be_one(
    site, weir, table, home, words
):
    made = table("file", {"bob": BOB, "alice": f"{ALICE} home=b"})
    w = weir(**sections(made.spec))
    made.put({"bob": BOB, "alice": f"{ALICE} home={home}"})
    w.policyd.lines.wait(f"{made.path}:2: home: {words}")
    w.policyd.lines.wait("what was read before stays")
    done = w.ctl("config", "check", check=False)
    assert done.returncode == 1
    assert f"{made.path}:2: home: {words}" in done.stderr
    assert send(site, ALICE, ALICE)[1] == "b"


def test_seed_0_15_clients_by_network_are_held_to_their_identity(
    site, weir, table, ledger
):
    made = table("file", {"app-erp": "@erp.example"})
    weir(**sections(made.spec, more="""clients = (
        { network = "127.0.0.0/8"; user = "app-erp"; } );"""),
         throttles="""( { name = "app"; what = "messages"; by = [ "user" ];
           limit = "3/d"; users = "app-erp"; } )""")
    with site.session("relay") as session:
        for sender, expected in (
            ("x@erp.example", 250), ("x@erp.example", 250),
            ("x@else.example", 550), (ALICE, 550),
            ("x@erp.example", 250), ("x@erp.example", 451),
        ):
            assert ledger.send(session, sender).code == expected, sender
    ledger.check()


def test_damaged_lmdb_tables_change_nothing(site, weir, table):
    """Two hundred ways; both daemons go on with what they had."""
    made = table("lmdb", {f"user{i}": f"user{i}@example.com"
                          for i in range(400)} | {"alice": ALICE})
    with open(made.path + ".lmdb", "rb") as file:
        whole = file.read()
    w = weir(**sections(made.spec))
    workers = w.milter.worker, w.policyd.worker
    chance = random.Random(4711)
    for i in range(200):
        damaged = bytearray(whole)
        if i % 3 == 0:
            del damaged[chance.randrange(len(damaged)):]
        else:
            start = 0 if i % 3 == 1 else chance.randrange(len(damaged))
            for _ in range(64):
                at = start + chance.randrange(4096 * (1 + i % 3))
                damaged[at % len(damaged)] = chance.randrange(256)
        made.replace(bytes(damaged))
        if w.ctl("config", "check", check=False).returncode not in (0, 1):
            pytest.fail(f"damage {i}")
    assert code(site, ALICE, ALICE) in (250, 550)
    made.replace(whole)
    await_code(site, ALICE, ALICE, 250)
    assert (w.milter.worker, w.policyd.worker) == workers


def test_a_socketmap_that_is_away_puts_mail_off_and_comes_back(
    site, weir, table
):
    made = table("socketmap", {"alice@example.com": ALICE})
    w = weir(**sections(made.spec, more="""table_timeout = "200ms";
        table_cache = "0s"; users = (
        { user = "bob"; senders = "bob@example.com"; } );"""))
    assert code(site, ALICE, ALICE) == 250
    for manner in ("mute", "garbage", "temp"):
        made.map.manner = manner
        reply, _ = send(site, ALICE, ALICE)
        assert (reply.code, reply.text[:5]) == (451, "4.3.0"), manner
        told = who(w, ALICE, ALICE)
        assert told["reason"] == "identity_away"
        assert told["identity"]["table_away"] == made.spec
        assert code(site, BOB, BOB) == 250  # a source before it knows him
        made.map.manner = "answer"
        await_code(site, ALICE, ALICE, 250)
    made.map.stop()
    assert code(site, ALICE, ALICE) == 451
    w.milter.lines.wait(f"{made.spec}: does not answer")
    made.map.start()
    await_code(site, ALICE, ALICE, 250)
    w.milter.lines.wait(f"{made.spec}: answers again")


def test_a_slow_socketmap_does_not_hold_the_policy_service(
    site, weir, table
):
    made = table("socketmap", {})
    w = weir(**sections(made.spec, more='table_timeout = "20s";'))
    made.map.manner = "mute"
    asked = threading.Thread(target=lambda: w.ctl(
        "explain", "--user", ALICE, "--sender", ALICE, check=False))
    asked.start()
    until = time.monotonic() + PATIENCE
    while not made.map.asked:
        assert time.monotonic() < until
    # the question waits; others are answered
    for _ in range(20):
        assert w.ask("hosts")["hosts"]
    assert asked.is_alive()
    made.map.stop()
    asked.join()
