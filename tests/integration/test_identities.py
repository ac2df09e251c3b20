"""
tests/data/identities.txt through Postfix: the milter's verdict on each case
that SMTP can carry is the parser's (tests/unit/identities_test.c).
"""
import os
import re

CASES = os.path.join(os.path.dirname(__file__), "..", "data", "identities.txt")

IDENTITIES = """{
  realm = "example.com"; unlisted = "own-address"; recipient_delimiter = "+";
  users = (
    { user = "alice";
      senders = [ "alice@example.com", "@sales.example.com",
                  "@.eu.example.com", "alice@bücher.example" ]; },
    { user = "bob"; senders = "bob@example.com"; },
    { user = "mute"; senders = [ ]; } );
}"""

# Postfix slows down a client after so many errors, and then leaves it.
REFUSALS_A_SESSION = 8


def unescape(line):
    """\\xHH is a byte, \\\\ a backslash."""
    return re.sub(
        rb"\\(?:x(..)|\\)",
        lambda m: bytes([int(m[1], 16)]) if m[1] else b"\\",
        line,
    )


def read_cases():
    cases = []
    with open(CASES, "rb") as file:
        for line in file.read().split(b"\n"):
            if not line or line.startswith(b"#"):
                continue
            word, _, rest = unescape(line).partition(b" ")
            if word == b"|":
                cases[-1]["block"] += rest + b"\r\n"
            elif word in (b"login", b"mail", b"addr", b"smtp"):
                cases[-1][word.decode()] = rest
            else:
                verdict, _, subject = rest.partition(b" ")
                cases.append({
                    "name": word.decode(), "verdict": verdict.decode(),
                    "subject": subject, "login": b"alice",
                    "mail": b"<alice@example.com>", "block": b"",
                })
    return cases


def xtext(login):
    """RFC 3461 4, for XCLIENT."""
    return "".join(
        chr(c) if 33 <= c <= 126 and c not in b"+=" else f"+{c:02X}"
        for c in login
    )


class Clients:
    """A session as some login, as long as Postfix and the login allow."""

    def __init__(self, site):
        self._site = site
        self._session = self._login = None
        self._refused = 0

    def send(self, case):
        """The first refusal, or the reply to the end of the message."""
        if case["login"] != self._login or \
                self._refused == REFUSALS_A_SESSION:
            self._open(case["login"])
        session = self._session
        reply = session.command(b"MAIL FROM:" + case["mail"])
        if reply.code == 250:
            assert session.rcpt().code == 250
            reply = session.data_bytes(case["block"] + b"\r\nhello\r\n")
        if reply.code != 250:
            self._refused += 1
            session.rset()
        return reply

    def _open(self, login):
        self.close()
        self._session = self._site.session("xclient").__enter__()
        self._login = login
        self._refused = 0
        assert self._session.xclient(login=xtext(login)).code == 220

    def close(self):
        if self._session:
            self._session.close()


def reason_of(weir, reply):
    """What the milter logged of a refusal, found by its reference."""
    ref = re.search(r"\(weir ([0-9A-F]{6})\)$", reply.text)
    if not ref:
        return str(reply)
    line = weir.milter.lines.wait(rf"event=IdentityRefused .*ref={ref[1]}\b")
    return re.search(r" reason=(\w+)", line)[1]


def shown(subject):
    """As a reply shows it: printable ASCII, no '%'."""
    return "".join(chr(c) if 32 <= c <= 126 and c != 37 else "?"
                   for c in subject)


def test_each_case_has_the_verdict_of_the_parser(site, weir):
    weir = weir(identities=IDENTITIES)
    cases = read_cases()
    assert len(cases) >= 120
    carried = [case for case in cases if "smtp" not in case]
    assert len(carried) >= len(cases) - 5
    clients, wrong, mark = Clients(site), [], site.inbox.mark()
    for case in carried:
        reply = clients.send(case)
        verdict = "ok" if reply.code == 250 else reason_of(weir, reply)
        if verdict != case["verdict"] or (
            verdict != "ok" and shown(case["subject"]) not in reply.text
        ):
            wrong.append((case["name"], case["verdict"], verdict, reply.text))
    clients.close()
    assert not wrong
    passed = sum(case["verdict"] == "ok" for case in carried)
    assert min(passed, len(carried) - passed) >= 40
    site.inbox.wait_for(lambda new: len(new) == passed,
                        "all that passed", mark)
