"""Random walks through the milter protocol, for what no Postfix does in the
middle of a message: aborts among the headers, recipients and headers without
an end, connections that break. Nothing of one message may count for the next.
(tests/integration/test_walk.py has walks through Postfix itself.)

WEIR_WALKS is how many sessions, WEIR_WALK_SEED repeats a run.
"""

import os
import random
from collections import Counter

import pytest

from daemon import COUNTS_MESSAGES
from mta import CONTINUE, session
from state import verdict

WALKS = int(os.environ.get("WEIR_WALKS", "1000"))
SEED = os.environ.get("WEIR_WALK_SEED") or str(random.getrandbits(32))

OWN = {"alice": "alice@example.com", "bob": "bob@example.com"}
REFUSED = "refused@example.org"
SUBJECTS = [("Subject", "x"), ("To", "bob@example.com"), ("X-From", "x@y")]


class Walk:
    """One session; what was foretold and did not come raises."""

    def __init__(self, milter, number, counts):
        self.random = random.Random(f"{SEED}/{number}")
        self.counts = counts
        self.required = self.random.random() < 0.6
        self.mta = session(milter.socket, daemon="submission"
                           if self.required else "smtpd")
        self.user = None  # canonical, of the message; None: no message
        self.sender = None
        self.recipients = 0
        self.headers = []  # those that name an author
        self.begun = False  # were there any headers?
        self.told = []  # what the state must hear, without session ids

    def run(self):
        for _ in range(self.random.randint(3, 25)):
            self.step()
        if self.random.random() < 0.5:
            self.mta.quit()
        else:
            self.mta.close()
        if self.user is not None:
            self.give_up()
        return self.told

    def step(self):
        if self.user is None:
            self.mail()
        elif self.random.random() < 0.15:
            self.abort()
        elif not self.begun and self.random.random() < 0.4:
            self.rcpt()
        elif self.begun and self.random.random() < 0.5:
            self.end()
        elif self.recipients:
            self.header()
        else:
            self.rcpt()

    def tell(self, *words):
        self.told.append(words)

    def expect(self, reply, passes, what):
        code = "250" if passes else reply.code
        assert (reply == CONTINUE) == passes and code in (
            "250", "530", "550"), (SEED, what, reply)
        self.counts[f"{what} {'passes' if passes else 'refused'}"] += 1

    def mail(self):
        login = self.random.choice((*OWN, *OWN, None, ""))
        sender = self.random.choice((*OWN.values(), "", OWN.get(login, "")))
        passes = login in OWN and sender in ("", OWN[login]) or \
            login is None and not self.required
        self.expect(self.mta.mail(sender, login), passes, "MAIL")
        if not passes:
            self.mta.abort()
            return
        self.user = OWN.get(login, "")
        self.sender, self.recipients, self.refused = sender, 0, False
        self.headers, self.begun = [], False
        self.tell("MAIL", self.user, sender)

    def rcpt(self):
        address = self.random.choice((REFUSED, "a@example.org",
                                      "b@example.org"))
        self.expect(self.mta.rcpt(address), address != REFUSED, "RCPT")
        self.recipients += address != REFUSED
        self.refused = self.refused or address == REFUSED
        self.tell("RCPT", address)

    def header(self):
        name = self.random.choice((*3 * ["From"], "FROM", "Sender",
                                   "Resent-From", None))
        value = self.random.choice((*OWN.values(), *3 * [self.user or "x@y.z"]))
        if name is None:
            name, value = self.random.choice(SUBJECTS)
        else:
            self.headers.append((name.lower(), value))
        self.mta.header(name, value)
        self.begun = True

    def abort(self):
        self.mta.abort()
        self.give_up()

    def give_up(self):
        """Given back is what lost all its recipients to a limit."""
        self.tell("DONE", "1" if self.refused and not self.recipients else "0")
        self.user = None

    def end(self):
        names = Counter(name for name, _ in self.headers)
        passes = self.user == "" or (
            names["from"] == 1 and names["sender"] <= 1 and
            all(value == self.user for _, value in self.headers))
        what = "message of a user" if self.user else "message of nobody"
        self.expect(self.mta.end(), passes, what)
        if passes:
            self.tell("END", "4jY54H2Vzjz1c6Kn")
        self.tell("DONE", "0" if passes else "1")
        self.user = None


def heard(requests, number):
    """What the state heard of one session, as a walk tells it. Recipients tell
    of the message until one passes: of one message that is said once."""
    words = []
    begun = None
    for verb, at, *rest in requests:
        if at != number:
            continue
        if verb == "RCPT":
            begins = tuple(rest[4:6])
            if begins and begins != begun:
                words.append(("MAIL", *begins))
            begun = begins or begun
            words.append((verb, rest[0]))
        else:
            begun = None
        if verb == "END":
            words += [("END", rest[0]), ("DONE", "0")]
        elif verb in ("MAIL", "DONE"):
            words.append((verb, *rest[:2]))
    return words


def with_recipients(told):
    """Without the messages that ended before one was named."""
    words = []
    for word in told:
        if word[0] == "DONE" and words[-1][0] == "MAIL":
            words.pop()
        else:
            words.append(word)
    return words


@pytest.mark.parametrize("throttles", [COUNTS_MESSAGES, ""],
                         ids=["asked-at-mail", "told-at-rcpt"])
def test_no_walk_leads_past_the_rules(daemons, state, throttles):
    print(f"seed {SEED}, {WALKS} sessions")
    milter = daemons(throttles=throttles)

    def refuse(request):
        return verdict("reject", "limit", "no") if request[2] == REFUSED \
            else verdict()

    state.answers[("RCPT",)] = refuse
    counts = Counter()
    for number in range(1, WALKS + 1):
        told = Walk(milter, number, counts).run()
        if not throttles:
            told = with_recipients(told)
        state.wait("CLOSE", str(number))
        assert heard(state.asked, str(number)) == told, (SEED, number)
        del state.asked[:]
    print(dict(counts))
    for what in ("MAIL", "RCPT", "message of a user"):
        for outcome in ("passes", "refused"):
            assert counts[f"{what} {outcome}"] >= WALKS / 10, counts
    assert counts["message of nobody passes"] >= WALKS / 50, counts
