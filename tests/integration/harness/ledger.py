"""
The account of every message: what a client was told, against what the smart
hosts took.

Accepted (250 at the end of data) must be delivered exactly once; refused,
never. A message whose answer was lost with the connection is in doubt: RFC 5321
section 6.1 lets it be delivered or not, but not twice by us.
"""
import smtplib
import threading
from concurrent.futures import ThreadPoolExecutor

from .client import RECIPIENT, Session, numbered_message
from .lines import PATIENCE


class Ledger:
    def __init__(self, inbox):
        self.inbox = inbox
        self._mark = inbox.mark()
        self._lock = threading.Condition()
        self.accepted = set()
        self.refused = {}  # number -> Reply
        self.in_doubt = set()

    def send(self, session, sender, recipients=(RECIPIENT,), **message):
        """Sends one numbered message and books it; the reply."""
        made = numbered_message(sender, **message)
        try:
            reply = session.send(made, sender, recipients)
        except (smtplib.SMTPServerDisconnected, OSError):
            with self._lock:
                self.in_doubt.add(made.number)
                self._lock.notify_all()
            raise
        with self._lock:
            if reply.code == 250:
                self.accepted.add(made.number)
            else:
                self.refused[made.number] = reply
            self._lock.notify_all()
        return reply

    def booked(self):
        """Messages with an outcome so far."""
        return len(self.accepted) + len(self.refused) + len(self.in_doubt)

    def wait_booked(self, count, timeout=PATIENCE):
        with self._lock:
            if not self._lock.wait_for(lambda: self.booked() >= count, timeout):
                raise TimeoutError(f"{self.booked()} of {count} messages sent")

    def check(self, timeout=PATIENCE):
        """Waits until all accepted ones are delivered; asserts once each."""
        self.inbox.wait_for(
            lambda new: self.accepted <= {d.number for d in new},
            f"all {len(self.accepted)} accepted messages",
            self._mark,
            timeout,
        )
        counts = self.inbox.numbers(self._mark)
        twice = {n: c for n, c in counts.items() if n and c > 1}
        assert not twice, f"delivered more than once: {twice}"
        wrong = set(self.refused) & set(counts)
        assert not wrong, f"refused and yet delivered: {sorted(wrong)}"
        assert None not in counts, f"{counts[None]} bounces were delivered"

    def by_host(self):
        return self.inbox.by_host(self._mark)

    def delivered(self):
        return self.inbox.since(self._mark)


class Traffic:
    """
    Parallel clients, each sending its part of count messages in sessions of
    per_session, in the background until joined.

    login(session, n): what client number n does after EHLO; returns the sender.
    A client whose connection is lost makes a new one and goes on.
    """

    def __init__(self, ledger, address, port, login, count, clients=4,
                 per_session=10, gate=None):
        self._ledger = ledger
        self._where = (address, port)
        self._login = login
        self._per_session = per_session
        self._gate = gate
        self._pool = ThreadPoolExecutor(clients)
        share, rest = divmod(count, clients)
        self._clients = [
            self._pool.submit(self._client, n, share + (n < rest))
            for n in range(clients)
        ]

    def _client(self, n, left):
        while left > 0:
            with Session(*self._where) as session:
                sender = self._login(session, n)
                for _ in range(min(left, self._per_session)):
                    if self._gate:
                        self._gate()
                    left -= 1
                    try:
                        self._ledger.send(session, sender)
                    except (smtplib.SMTPServerDisconnected, OSError):
                        break  # booked; go on in a new session

    def join(self, timeout=120):
        for client in self._clients:
            client.result(timeout)
        self._pool.shutdown()
