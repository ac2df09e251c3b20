"""
What else happens during a soak, each kind in a thread of its own: the operator
at work, those who watch, smart hosts and name servers that fail, garbage.
"""
import contextlib
import http.client
import os
import random
import socket
import threading

import spray
from harness.deaths import DEATHS
from harness.lines import PATIENCE
from harness.process import run
from harness.smarthost import CLOSE

LOOKS = (
    ("status",), ("hosts",), ("host", "b"), ("limits", "--top", "20"),
    ("limits", "--key", "u1@example.com"), ("connections",),
    ("events", "-n", "100"), ("config", "show"), ("probe", "c"),
    ("explain", "--user", "alice", "--sender", "alice@example.com",
     "--recipient", "x@remote.example", "--listener", "submission"),
)
PAGES = ("/", "/status.json", "/history.json", "/metrics", "/healthz",
         "/nowhere")
LONG = 4  # seconds that a failure lasts
DEAD = [  # what becomes of a and c; b has all the deaths there are
    lambda host: host.kill(),
    lambda host: host.misbehave("banner", "421 4.3.2 busy"),
    lambda host: host.misbehave("mail", "451 4.3.0 later"),
    lambda host: host.misbehave("end", CLOSE),
    lambda host: host.misbehave("rcpt", 1.0),
]


class Trouble:
    """
    configurations: texts that are loaded in turn; the last one is refused.
    http: (address, port) of the page. owners: the file of a table, which gets
    more rows and loses them again.
    """

    def __init__(self, site, names, configurations, http, owners, seed):
        self._site, self._names = site, names
        self._weir = site.weir
        self.configurations = configurations
        self._http = http
        self._owners = owners
        self._seed = seed
        self._hosts = threading.Lock()  # one failure of them at a time
        self.happened = {}
        self._threads = []
        self._stop = threading.Event()
        self._failed = []

    def start(self):
        self._stop.clear()
        for happens, seconds in KINDS:
            self.happened.setdefault(happens.__name__, 0)
            self._threads.append(threading.Thread(
                target=self._again_and_again, args=(happens, seconds)))
            self._threads[-1].start()

    def stop(self):
        """Every failure is over then; an error in one of them is raised."""
        self._stop.set()
        for thread in self._threads:
            thread.join()
        self._threads = []
        if self._failed:
            raise self._failed[0]

    def _again_and_again(self, happens, seconds):
        dice = random.Random(f"{self._seed}/{happens.__name__}")
        try:
            while not self._stop.wait(dice.uniform(0.5, 1.5) * seconds):
                happens(self, dice)
                self.happened[happens.__name__] += 1
        except Exception as error:
            self._failed.append(error)

    @property
    def failed(self):
        return bool(self._failed)

    def _lasts(self):
        self._stop.wait(LONG)

    # --- the operator ---

    def reload(self, dice):
        text = dice.choice(self.configurations)
        self._weir.write(text)
        done = self._weir.ctl("reload", check=False)
        refused = text is self.configurations[-1]
        assert done.returncode == refused, done.stdout + done.stderr

    def owners_change(self, dice):
        with open(self._owners, encoding="utf-8") as file:
            first = file.readline()
        new = self._owners + ".new"
        with open(new, "w", encoding="utf-8") as file:
            file.write(first)
            for n in range(dice.randrange(2000)):
                file.write(f"v{n}@example.com  v{n}@other.example\n")
        os.replace(new, self._owners)

    def drain(self, dice):
        host = dice.choice("abc")
        order = dice.choice((("drain", host), ("drain", host, "--for", "1s"),
                             ("down", host)))
        self._weir.ctl(*order)
        self._lasts()
        self._weir.ctl("enable", host)

    def look(self, dice):
        json = ("--json",) if dice.randrange(2) else ()
        self._weir.ctl(*json, *dice.choice(LOOKS), check=False)

    def reset(self, dice):
        self._weir.ctl("limits", "reset", f"u{dice.randrange(40)}@example.com",
                       check=False)

    # --- those who watch ---

    def page(self, dice):
        """Some ask for more in one connection, some leave without a word."""
        client = http.client.HTTPConnection(*self._http, timeout=PATIENCE)
        with contextlib.closing(client):
            for _ in range(dice.randrange(1, 5)):
                client.request("GET", dice.choice(PAGES))
                if dice.randrange(5) == 0:
                    return
                client.getresponse().read()

    # --- smart hosts ---

    def host_fails(self, dice):
        with self._hosts:
            if dice.randrange(2):
                host, die = self._site.b, dice.choice(DEATHS).die
            else:
                host = dice.choice((self._site.a, self._site.c))
                die = dice.choice(DEAD)
            die(host)
            self._lasts()
            revive(host)

    def all_fail(self, _):
        with self._hosts:
            for host in self._site.hosts:
                host.misbehave("banner", "421 4.3.2 dead")
            self._lasts()
            for host in self._site.hosts:
                revive(host)

    # --- names, files, strangers ---

    def dns_fails(self, dice):
        how = dice.choice(("mute", "garbage"))
        setattr(self._names, how, True)
        self._lasts()
        setattr(self._names, how, False)

    def log_is_rotated(self, _):
        path = self._site.postfix.log_path
        os.replace(path, path + ".1")
        open(path, "ab").close()
        run(["postfix", "-c", self._site.postfix.config_directory, "reload"])

    def garbage(self, dice):
        protocol = dice.choice(("policy", "milter"))
        spray.send(protocol, getattr(self._weir, f"{protocol}_socket"), dice)
        with socket.socket(socket.AF_UNIX) as sock:
            sock.connect(self._weir.socket)
            with contextlib.suppress(OSError):
                sock.sendall(dice.randbytes(200))


def revive(host):
    tls = getattr(host, "good", None)
    host.behave()
    host.tls = tls
    if not host.alive():
        host.start()


KINDS = (  # and how many seconds pass from one to the next
    (Trouble.reload, 10), (Trouble.owners_change, 10), (Trouble.drain, 15),
    (Trouble.look, 1),
    (Trouble.reset, 20), (Trouble.page, 0.5), (Trouble.host_fails, 10),
    (Trouble.all_fail, 60), (Trouble.dns_fails, 30),
    (Trouble.log_is_rotated, 60), (Trouble.garbage, 10),
)
