"""
The account of every message: what a client was told, against what the smart
hosts took.

Accepted (250 at the end of data) must be delivered exactly once; refused,
never. A message whose answer was lost with the connection is in doubt: RFC 5321
section 6.1 lets it be delivered or not, but not twice by us.
"""
import smtplib
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from .client import RECIPIENT, Session, numbered_message
from .lines import PATIENCE


class Ledger:
    def __init__(self, inbox):
        self._inbox = inbox
        self._mark = inbox.mark()
        self._changed = threading.Condition()
        self.accepted = {}  # number -> recipients
        self.refused = {}  # number -> Reply
        self.in_doubt = set()
        self.spans = {}  # number -> (begin, end) of its transaction

    def send(self, session, sender, recipients=(RECIPIENT,), **message):
        """Sends one numbered message and books it; the reply."""
        made = numbered_message(sender, **message)
        began = time.time()
        try:
            reply = session.send(made, sender, recipients)
        except (smtplib.SMTPServerDisconnected, OSError):
            with self._changed:
                self.in_doubt.add(made.number)
                self._changed.notify_all()
            raise
        with self._changed:
            self.spans[made.number] = began, time.time()
            if reply.code == 250:
                self.accepted[made.number] = tuple(recipients)
            else:
                self.refused[made.number] = reply
            self._changed.notify_all()
        return reply

    def booked(self):
        """How many messages have an outcome so far."""
        return len(self.accepted) + len(self.refused) + len(self.in_doubt)

    def wait_booked(self, count, timeout=PATIENCE):
        with self._changed:
            if not self._changed.wait_for(
                lambda: self.booked() >= count, timeout
            ):
                raise TimeoutError(f"{self.booked()} of {count} messages sent")

    def delivered(self):
        """Deliveries of our messages so far."""
        ours = {*self.accepted, *self.refused, *self.in_doubt}
        return [d for d in self._inbox.since(self._mark) if d.number in ours]

    def by_host(self):
        """host name -> messages of ours it took."""
        return Counter(d.host for d in self.delivered())

    def check(self, timeout=PATIENCE):
        """
        Waits until every recipient of every accepted message has it, then
        asserts: once each, nothing that was refused, no bounce.
        """
        self.wait_delivered(timeout)
        twice = self.doubled()
        assert not twice, f"delivered more than once: {twice}"
        wrong = self.refused_and_delivered()
        assert not wrong, f"refused and yet delivered: {sorted(wrong)}"
        bounces = self.bounces()
        assert not bounces, f"bounced: {bounces[0].content.decode()}"

    def _wanted(self):
        return {(n, r) for n, rs in self.accepted.items() for r in rs}

    def _counts(self):
        return Counter(
            (d.number, r) for d in self.delivered() for r in d.recipients
        )

    def wait_delivered(self, timeout=PATIENCE):
        """Until every recipient of every accepted message has it."""
        wanted = self._wanted()
        self._inbox.wait_for(
            lambda new: wanted <= {(d.number, r)
                                   for d in new for r in d.recipients},
            f"all {len(wanted)} accepted",
            self._mark,
            timeout,
        )

    def lost(self):
        """(number, recipient) of what was accepted and has not come."""
        return self._wanted() - self._counts().keys()

    def doubled(self):
        """(number, recipient) -> how often, of what came more than once."""
        return {key: n for key, n in self._counts().items() if n > 1}

    def refused_and_delivered(self):
        return set(self.refused) & {number for number, _ in self._counts()}

    def bounces(self):
        return [d for d in self._inbox.since(self._mark) if not d.number]


class TryLater(Exception):
    """The login was put off: what Postfix says when a milter is gone."""


AGAIN = (TryLater, smtplib.SMTPServerDisconnected, ConnectionResetError,
         BrokenPipeError, TimeoutError)


class Traffic:
    """
    Parallel clients, each sending its part of count messages in sessions of
    per_session, in the background until joined.

    login(session, n): what client number n does after EHLO; returns the sender.
    A client whose connection is lost, or whose login is put off, makes a new
    one and goes on. message: see client.numbered_message.
    """

    def __init__(self, ledger, address, port, login, count, clients=4,
                 per_session=10, **message):
        self._ledger = ledger
        self._where = (address, port)
        self._login = login
        self._per_session = per_session
        self._message = message
        self._pool = ThreadPoolExecutor(clients)
        share, rest = divmod(count, clients)
        self._clients = [
            self._pool.submit(self._client, n, share + (n < rest))
            for n in range(clients)
        ]

    def _client(self, n, left):
        while left > 0:
            try:
                with Session(*self._where) as session:
                    sender = self._login(session, n)
                    for _ in range(min(left, self._per_session)):
                        left -= 1
                        self._ledger.send(session, sender, **self._message)
            except AGAIN:
                continue  # what was sent is booked; go on in a new session

    def join(self, timeout=120):
        for client in self._clients:
            client.result(timeout)
        self._pool.shutdown()
