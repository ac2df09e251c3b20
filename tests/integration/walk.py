"""
A random walk through SMTP: what one client might do in one connection, in any
order, and what must come of it.

A walk is made whole before the first byte is sent: the batches of commands
(those of one batch are pipelined), the code of every reply, and the messages
that must arrive, with sender, recipients and smart host. The oracle is the
state of an SMTP session (RFC 5321) and the four rules in VERDICTS below; it
knows nothing of how Weir keeps its own.
"""
import base64
import random
from collections import Counter
from dataclasses import dataclass, field

LOCAL = "local.example"
REMOTE = "remote.example"
REFUSED = "refused@remote.example"  # by Postfix, smtpd_recipient_restrictions

ADDRESSES = {
    "alice": "alice@example.com",
    "bob": "bob@example.com",
    "carol": "carol@example.com",  # not listed: may use her own address
    "limited": "limited@example.com",  # may have no recipients any more
}
PASSWORDS = {"alice": "alice-secret", "bob": "bob-secret"}  # dovecot's

# Where the route of each login leads, and where mail goes that has none:
# also all mail with a local recipient, which FILTER would take along.
HOSTS = {"alice": "b", "bob": "c"}
NO_ROUTE = "a"


def other(login):
    return ADDRESSES["bob" if login != "bob" else "alice"]


# kind -> the header block, for a login; those of GOOD pass.
GOOD = {
    "own": lambda a, o: f"From: {a}\r\n",
    "name": lambda a, o: f'From: "A. Name" <{a}>\r\nSubject: x\r\n',
    "capitals": lambda a, o: f"FROM: {a.upper()}\r\n",
    "tag": lambda a, o: f"From: {a.replace('@', '+x@')}\r\n",
    "list": lambda a, o: f"From: {a},\r\n {a}\r\n",
    "sender": lambda a, o: f"Sender: {a}\r\nFrom: {a}\r\n",
    "resent": lambda a, o: f"Resent-From: {a}\r\nResent-From: {a}\r\n"
                           f"From: {a}\r\n",
    "forged": lambda a, o: f"Weir-Identity: {o}\r\nFrom: {a}\r\n"
                           f"WEIR-identity: {o}\r\n",
}
BAD = {
    "other": lambda a, o: f"From: {o}\r\n",
    "list-other": lambda a, o: f"From: {a}, {o}\r\n",
    "none": lambda a, o: "Subject: no From\r\n",
    "no-header": lambda a, o: "",
    "garbage": lambda a, o: f"no header\r\nFrom: {a}\r\n",
    "two": lambda a, o: f"From: {a}\r\nFrom: {a}\r\n",
    "two-other": lambda a, o: f"From: {a}\r\nfrom: {o}\r\n",
    "hidden": lambda a, o: f'From: "{o}" <{a}>\r\n',
    "word": lambda a, o: f"From: =?utf-8?Q?{o.replace('@', '=40')}?= "
                         f"<{a}>\r\n",
    "group": lambda a, o: f"From: x: {a};\r\n",
    "sender-other": lambda a, o: f"From: {a}\r\nSender: {o}\r\n",
    "resent-other": lambda a, o: f"Resent-From: {o}\r\nFrom: {a}\r\n",
}
KINDS = {**GOOD, **BAD}

# kind -> the argument of MAIL; those of GOOD_SENDERS pass.
GOOD_SENDERS = {
    "own": lambda a, o: a,
    "own-tag": lambda a, o: a.replace("@", "+list@"),
    "null": lambda a, o: "",
}
BAD_SENDERS = {
    "other": lambda a, o: o,
    "no-domain": lambda a, o: a.partition("@")[0],
}
SENDERS = {**GOOD_SENDERS, **BAD_SENDERS}


@dataclass(frozen=True)
class Arrival:
    """A message that must arrive."""

    sender: str
    header: str  # its header block, as sent
    recipients: dict  # smart host -> addresses


@dataclass
class Batch:
    """Bytes sent at once; the code of each reply, and what it answers."""

    data: bytes = b""
    replies: list = field(default_factory=list)


class Walk:
    """
    number: of the walk, for names of its own. batches, arrivals (token ->
    Arrival), counts (what happened how often) and leaves (the client is gone
    without QUIT when all is sent).
    """

    STEPS = (4, 26)

    def __init__(self, seed, number):
        self._random = random.Random(f"{seed}/{number}")
        self.number = number
        self.batches = [Batch()]
        self.arrivals = {}
        self.counts = Counter()
        self.leaves = True
        self._names = 0
        # the session
        self._login = None
        self._sender = None  # of the transaction; None: there is none
        self._recipients = []
        self._chunks = None  # of BDAT; None: none so far
        self._walk()

    # --- the walk ---

    def _walk(self):
        for _ in range(self._random.randint(*self.STEPS)):
            self._step()
            if not self.leaves:
                return
        if self._random.random() < 0.5:
            self._quit()

    def _step(self):
        """Mostly what a client would do next, but anything is possible."""
        if self._random.random() < 0.3:
            step = self._random.choice((
                self._ehlo, self._xclient, self._auth, self._mail, self._rcpt,
                self._rcpt_refused, self._data, self._bdat, self._rset,
                self._noop, self._unknown, self._quit,
            ))
        elif self._login is None:
            step = self._random.choice((self._xclient,) * 3 + (self._auth,))
        elif self._sender is None:
            step = self._mail
        elif self._chunks is not None:
            step = self._bdat
        elif not self._recipients or self._random.random() < 0.4:
            step = self._random.choice((self._rcpt,) * 4 +
                                       (self._rcpt_refused,))
        else:
            step = self._random.choice((self._data,) * 3 + (self._bdat,))
        step()

    # --- commands ---

    def _ask(self, line, code, what=None, payload=b""):
        """A command, its reply, and what that is counted as."""
        batch = self.batches[-1]
        batch.data += line.encode() + b"\r\n" + payload
        batch.replies.append((code, line))
        self.counts[what or f"{line.split()[0]} {code}"] += 1
        if self._random.random() < 0.5:
            self._wait()

    def _wait(self):
        """What follows is sent when all replies so far are there."""
        if self.batches[-1].data:
            self.batches.append(Batch())

    def _end_transaction(self):
        self._sender, self._recipients, self._chunks = None, [], None

    def _ehlo(self):
        self._end_transaction()
        self._ask("EHLO client.example.net", 250)
        self._wait()

    def _xclient(self):
        login = self._random.choice((*ADDRESSES, "alice", "bob", None))
        shown = login and self._random.choice((login, login.upper(),
                                               ADDRESSES[login]))
        # several sessions look like one client, with PORT or without
        where = self._random.choice(("", " ADDR=127.0.0.9",
                                     " ADDR=127.0.0.9 PORT=4000"))
        name = shown.replace("@", "+40") if shown else "[UNAVAILABLE]"
        allowed = self._sender is None
        if allowed:
            self._login = login
        self._ask(f"XCLIENT LOGIN={name}{where}", 220 if allowed else 503)
        self._wait()

    def _auth(self):
        login = self._random.choice(tuple(PASSWORDS))
        right = self._random.random() < 0.8
        password = PASSWORDS[login] if right else "wrong"
        token = base64.b64encode(
            f"\0{ADDRESSES[login]}\0{password}".encode()).decode()
        code = 503
        if self._login is None and self._sender is None:
            code = 235 if right else 535
        if code == 235:
            self._login = login
        self._ask(f"AUTH PLAIN {token}", code)
        self._wait()

    def _mail(self):
        kind = self._random.choice((*SENDERS, "own", "own", "own"))
        login = self._login or "alice"
        sender = SENDERS[kind](ADDRESSES[login], other(login))
        if self._sender is not None:
            code, what = 503, "MAIL nested"
        elif self._login is None:
            code, what = 530, "MAIL without login"
        else:
            code = 250 if kind in GOOD_SENDERS else 550
            what = f"MAIL {kind} {code}"
        if code == 250:
            self._sender = sender
        self._ask(f"MAIL FROM:<{sender}>", code, what)

    def _rcpt(self):
        self._names += 1
        domain = LOCAL if self._random.random() < 0.2 else REMOTE
        address = f"r{self._names}.{self.number}@{domain}"
        code, what = 250, f"RCPT {domain}"
        if self._sender is None or self._chunks is not None:
            code, what = 503, "RCPT out of order"
        elif self._login == "limited":
            code, what = 451, "RCPT refused by a limit"
        else:
            self._recipients.append(address)
        self._ask(f"RCPT TO:<{address}>", code, what)

    def _rcpt_refused(self):
        in_order = self._sender is not None and self._chunks is None
        self._ask(f"RCPT TO:<{REFUSED}>", 554 if in_order else 503,
                  "RCPT refused by Postfix" if in_order else None)

    def _rset(self):
        self._end_transaction()
        self._ask("RSET", 250)

    def _noop(self):
        self._ask("NOOP", 250)

    def _unknown(self):
        self._ask("WHAT", 500)

    def _quit(self):
        self._ask("QUIT", 221)
        self.leaves = False

    # --- messages ---

    def _message(self):
        """kind, token, header block, and all of it."""
        kind = self._random.choice((*KINDS, *GOOD))
        header = KINDS[kind](ADDRESSES[self._login], other(self._login))
        self._names += 1
        token = f"{self.number}-{self._names}"
        return kind, token, header, f"{header}\r\ntoken {token}.\r\n"

    def _verdict(self, kind, token, header):
        """The code for the end of a message of that kind; books it."""
        code = 250 if kind in GOOD else 550
        self.counts[f"message {kind} {code}"] += 1
        if code == 550:
            return code
        hosts = {}
        local = any(r.endswith(LOCAL) for r in self._recipients)
        remote = NO_ROUTE if local else HOSTS.get(self._login, NO_ROUTE)
        for address in self._recipients:
            host = "local" if address.endswith(LOCAL) else remote
            hosts.setdefault(host, []).append(address)
        self.arrivals[token] = Arrival(self._sender, header, hosts)
        self.counts[f"message of {self._login} by {' and '.join(sorted(hosts))}"] += 1
        return code

    def _out_of_order(self):
        """The code where no message may come, or None."""
        if self._sender is None:
            return 503
        return None if self._recipients else 554

    def _data(self):
        code = 503 if self._chunks is not None else self._out_of_order()
        if code is not None:
            self._ask("DATA", code)
            return
        batch = self.batches[-1]
        batch.data += b"DATA\r\n"
        batch.replies.append((354, "DATA"))
        self._wait()
        kind, token, header, text = self._message()
        if self._random.random() < 0.05:  # the client dies in the middle
            self.batches[-1].data += text[:len(header)].encode()
            self.counts["dies in DATA"] += 1
            self.leaves = None
            return
        code = self._verdict(kind, token, header)
        self._ask(text + ".", code, f"DATA and its end {code}")
        self._end_transaction()

    def _bdat(self):
        """A chunk, of a message that may be given up later."""
        code = self._out_of_order()
        if code is not None:
            self._bdat_out_of_order(code)
            return
        if self._chunks is None:
            self._chunks = self._message()
            first = len(self._chunks[3]) // 2
            self._bdat_chunk(self._chunks[3][:first], "")
            self._chunks = (*self._chunks[:3], self._chunks[3][first:])
            return
        kind, token, header, rest = self._chunks
        code = self._verdict(kind, token, header)
        self._bdat_chunk(rest, " LAST", code, f"BDAT and its end {code}")
        self._end_transaction()

    def _bdat_chunk(self, text, last, code=250, what="BDAT"):
        self._ask(f"BDAT {len(text)}{last}", code, what, text.encode())

    def _bdat_out_of_order(self, code):
        """LAST ends the transaction, whatever becomes of the chunk."""
        self._end_transaction()
        self._ask("BDAT 6 LAST", code, None, b"hello\n")
