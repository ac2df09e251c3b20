"""
The mail of a soak: clients who each tell one short story after another, and
the account of what was promised to them.
"""
import itertools
import random
import smtplib
import threading
from concurrent.futures import ThreadPoolExecutor

from harness.client import RECIPIENT, numbered_message
from harness.ledger import TryLater

ALICE = "alice@example.com"
BOB = "bob@example.com"
CAROL = "carol@example.com"
LIMIT = 50  # of carol, an hour

THINKS = 0.15  # seconds from one story to the next, on average
USERS, NETWORKS = 40, 20  # of those who come by XCLIENT

GONE = (TryLater, smtplib.SMTPException, OSError)


class Traffic:
    """Clients in the background, until stopped; they can be told to pause."""

    def __init__(self, site, seed, clients=6):
        self._site = site
        self.honest = site.ledger()
        self.spoofed = site.ledger()
        self.limited = site.ledger()
        self.broken = site.ledger()  # off before their end: never to arrive
        self.told = dict.fromkeys((story.__name__ for story, _ in STORIES), 0)
        self._ports = itertools.cycle(range(1024, 65536))
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._going = False
        self._busy = 0
        self._changed = threading.Condition(self._lock)
        self._pool = ThreadPoolExecutor(clients)
        self._clients = [self._pool.submit(self._live, f"{seed}/{n}")
                         for n in range(clients)]

    def go_on(self):
        with self._changed:
            self._going = True
            self._changed.notify_all()

    def pause(self):
        """Returns when nobody is in a session any more."""
        with self._changed:
            self._going = False
            self._changed.wait_for(lambda: self._busy == 0)

    def stop(self):
        self._stop.set()
        self.go_on()
        for client in self._clients:
            client.result()
        self._pool.shutdown()

    @property
    def ledgers(self):
        return self.honest, self.spoofed, self.limited, self.broken

    def _live(self, seed):
        dice = random.Random(seed)
        stories, weights = zip(*STORIES)
        while not self._stop.wait(dice.expovariate(1 / THINKS)):
            with self._changed:
                self._changed.wait_for(lambda: self._going)
                self._busy += 1
            try:
                (story,) = dice.choices(stories, weights)
                self._tell(story, dice)
            finally:
                with self._changed:
                    self._busy -= 1
                    self._changed.notify_all()

    def _tell(self, story, dice):
        try:
            story(self, dice)
        except GONE:
            return  # what was sent is booked
        with self._lock:
            self.told[story.__name__] += 1

    # --- sessions ---

    def login(self, user, service="submission"):
        session = self._site.session(service)
        session.ehlo()
        self._site.login(session, user)
        return session

    def as_client(self, user, address):
        """By the service that believes who it is told it is."""
        session = self._site.session("xclient")
        session.ehlo()
        with self._lock:
            port = next(self._ports)
        reply = session.xclient(addr=address, port=port, login=user)
        if reply.code != 220:
            session.close()
            raise TryLater(reply)
        return session

    def outside(self):
        """By port 25, without a login."""
        session = self._site.session("relay")
        session.ehlo()
        return session


def message(dice):
    return {"size": dice.choice((100, 1000, 1000, 30000))}


def ordinary(traffic, dice):
    user = dice.choice((ALICE, BOB))
    with traffic.login(user) as session:
        for _ in range(dice.randrange(1, 10)):
            traffic.honest.send(session, user, **message(dice))


def by_the_map(traffic, dice):
    """Nobody asks the policy service: the queue manager asks the socketmap."""
    user = dice.choice((ALICE, BOB))
    with traffic.login(user, "unasked") as session:
        for _ in range(dice.randrange(1, 4)):
            traffic.honest.send(session, user, **message(dice))


def of_many(traffic, dice):
    """Many logins from many networks."""
    n = dice.randrange(USERS)
    address = f"203.0.113.{(n + dice.randrange(2)) % NETWORKS + 1}"
    with traffic.as_client(f"u{n}", address) as session:
        for _ in range(dice.randrange(1, 4)):
            traffic.honest.send(session, f"u{n}@example.com", **message(dice))


def without_a_login(traffic, dice):
    with traffic.outside() as session:
        traffic.honest.send(session, "app@elsewhere.example", **message(dice))


def to_many(traffic, dice):
    count = dice.randrange(2, 60)
    some = [f"r{n}@r{n % 7}.example" for n in range(count)]
    if dice.randrange(3) == 0:
        some[0] = "box@local.example"  # then no smart host may be named
    with traffic.login(BOB) as session:
        traffic.honest.send(session, BOB, some)


def another_from(traffic, dice):
    with traffic.login(ALICE) as session:
        for _ in range(dice.randrange(1, 4)):
            traffic.spoofed.send(session, ALICE, header_from=BOB)


def another_sender(traffic, _):
    with traffic.login(ALICE) as session:
        traffic.spoofed.send(session, BOB)


def too_much(traffic, _):
    with traffic.login(CAROL) as session:
        traffic.limited.send(session, CAROL)


def wrong_password(traffic, _):
    with traffic._site.session() as session:
        session.ehlo()
        session.login(ALICE, "guessed")


def thinks_again(traffic, dice):
    """RSET at any moment, and then a message after all."""
    with traffic.login(BOB) as session:
        for _ in range(dice.randrange(1, 4)):
            session.mail(dice.choice((ALICE, BOB)))
            for _ in range(dice.randrange(3)):
                session.rcpt(RECIPIENT)
            session.rset()
        traffic.honest.send(session, BOB)


def hangs_up(traffic, dice):
    """At any moment before the end of data."""
    session = traffic.login(ALICE)
    step = dice.randrange(4)
    if step > 0:
        session.mail(ALICE)
    if step > 1:
        session.rcpt(RECIPIENT)
    if step > 2:
        made = numbered_message(ALICE, size=20000)
        traffic.broken.refused[made.number] = "the client left"
        session.data_half(made)
    session.lose()


STORIES = (
    (ordinary, 8), (by_the_map, 3), (of_many, 6), (without_a_login, 3),
    (to_many, 2), (another_from, 2), (another_sender, 2), (too_much, 1),
    (wrong_password, 1), (thinks_again, 3), (hangs_up, 4),
)
