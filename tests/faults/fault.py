"""
Numbered messages while something breaks, and their account.

Of the messages eight in ten are honest; one in ten names somebody else in its
From and must never be taken; one in ten is of a user who may send half of
what he sends. So a verdict that a fault makes wrong shows.
"""
import contextlib
import datetime
import math
import re
import time

from harness.ledger import TryLater
from table import Row, what_was_told

ALICE = "alice@example.com"
BOB = "bob@example.com"
CAROL = "carol@example.com"

AWAY = re.compile(r"weir-milter\S* event=State(Lost|Back)")
STATE_TIMEOUT = 0.2  # the default: so long a question was already waiting
FLUSH = 0.2  # state.flush_interval of the tests, and as much for the disk
PATIENCE = 120.0  # a fault may put mail off; a busy machine too


def config(messages):
    return {
        "milter": '{ listen = "unix:@DIR@/spool/weir/milter.sock"; }',
        "health": '{ ladder = "1s*4 2s"; heartbeat = "1s"; timeout = "2s"; }',
        "throttles": f"""( {{ name = "carols"; what = "messages";
          by = [ "user" ]; users = [ "carol*" ];
          limit = "{limit(messages)}/h"; }} )""",
    }


def limit(messages):
    """Of carol, who sends twice as many."""
    return messages // 20


class Fault:
    def __init__(self, site, name, messages, dice):
        self.site, self.name, self.messages = site, name, messages
        self.dice = dice
        self.weir = site.weir
        self.wrong = []
        self._forgotten = []  # (from, to): what was counted then may be so
        self._told = []
        for daemon in (self.weir.policyd, self.weir.milter):
            self.listen_to(daemon.lines)
        self.honest = site.ledger()
        self.spoofed = site.ledger()
        self.limited = site.ledger()
        self.recovered = None
        part = messages // 10
        # short sessions: Postfix slows down clients that make many errors
        self._traffic = [
            site.traffic(self.honest, messages - 2 * part),
            site.traffic(self.spoofed, part, users=[ALICE], clients=1,
                         per_session=5, header_from=BOB),
            site.traffic(self.limited, part, users=[CAROL], clients=1,
                         per_session=5),
        ]

    def listen_to(self, lines):
        """What they say from now on is what the operator sees."""
        self._told.append((lines, lines.mark()))

    @contextlib.contextmanager
    def state_dies(self):
        """
        In here weir-policyd is killed and comes back: of what it counted it
        forgets what came since its last write (state.flush_interval).
        """
        began = time.time() - FLUSH
        yield
        self._forgotten.append((began, time.time()))

    # --- when ---

    def until(self, share):
        """Until that share (0 to 1) of the messages was sent."""
        part = self.messages - 2 * (self.messages // 10)
        self.honest.wait_booked(int(part * share), PATIENCE)

    def moments(self, count, start=0.05, end=0.9):
        """Random moments of the traffic, one after the other."""
        for share in sorted(self.dice.uniform(start, end)
                            for _ in range(count)):
            self.until(share)
            yield share

    def over(self, well=lambda: True):
        """The fault has ended: how long until all is well?"""
        if self.recovered is not None:
            return
        began = time.monotonic()
        while not (self._mail_goes_by_weir() and self._all_is_well()
                   and well()):
            assert time.monotonic() < began + PATIENCE, "does not recover"
            time.sleep(0.05)
        self.recovered = time.monotonic() - began

    def _mail_goes_by_weir(self):
        """A message is taken, and its way is the one Weir named."""
        log = self.site.postfix.log
        mark = log.mark()
        probe = self.site.ledger()
        try:
            with self.site.session() as session:
                self.site.login(session, BOB)
                reply = probe.send(session, BOB)
            if reply.code != 250:
                return False
            queue_id = re.search(r"queued as (\w+)", reply.text)[1]
            log.wait(rf" {queue_id}: removed", mark, timeout=PATIENCE)
        except (OSError, TimeoutError, TryLater):
            return False
        return bool(log.find(rf" {queue_id}: filter: .* FILTER relay:", mark))

    def _all_is_well(self):
        told = self.weir.ctl("--json", "status", check=False)
        if told.returncode != 0:
            return False
        return self.weir.ask("status")["milters"] and all(
            host["state"] == "healthy"
            for host in self.weir.ask("hosts")["hosts"])

    def waiting(self):
        """Numbers of honest messages that wait in Postfix's queue."""
        return set(self.honest.accepted) - {
            d.number for d in self.honest.delivered()}

    # --- afterwards ---

    def join(self):
        for traffic in self._traffic:
            traffic.join(PATIENCE)

    def account(self):
        ledgers = (self.honest, self.spoofed, self.limited)
        for ledger in ledgers:
            try:
                ledger.wait_delivered(PATIENCE)
            except TimeoutError:
                pass  # counted below
        refusals = [r for ledger in ledgers for r in ledger.refused.values()]
        lost = sum(len(ledger.lost()) for ledger in ledgers)
        accepted = sum(len(ledger.accepted) for ledger in ledgers)
        doubled = sum(len(ledger.doubled()) for ledger in ledgers)
        self.wrong += self._wrong_verdicts()
        return Row(
            fault=self.name,
            messages=self.messages,
            accepted=accepted,
            put_off=sum(r.code < 500 for r in refusals),
            refused=sum(r.code >= 500 for r in refusals),
            in_doubt=sum(len(ledger.in_doubt) for ledger in ledgers),
            delivered=accepted - lost - doubled,
            lost=lost + len(self.honest.bounces()),
            doubled=doubled,
            over=max(0, len(self.limited.accepted) - limit(self.messages)),
            wrong=len(self.wrong),
            recovered=self.recovered,
            saw=what_was_told(self._lines()),
        )

    def _lines(self):
        return [x for lines, mark in self._told
                for x in lines.find("", mark)]

    def _wrong_verdicts(self):
        for n, reply in self.honest.refused.items():
            if reply.code >= 500 or "limit" in reply.text:
                yield f"honest message {n}: {reply}"
        for n in self.spoofed.accepted:
            yield f"message {n} was taken with another's From"
        for ledger in (self.honest, self.spoofed, self.limited):
            for n in ledger.refused_and_delivered():
                yield f"message {n} was refused and yet delivered"
        yield from self._wrong_limits()

    def _wrong_limits(self):
        """
        What the state saw is limited exactly. What passed while it was away
        was counted by the milter alone (milter.on_state_loss), and what a
        killed one did not write is forgotten; a question it was asked and
        could not answer in time, both may have counted.
        """
        taken, most = self._taken(), limit(self.messages)
        uncertain = self._uncertain()
        sure = {n: span for n, span in taken.items()
                if not any(overlap(span, x) for x in uncertain)}
        for began, ended in self._lives():
            count = sum(began <= span[0] and span[1] <= ended
                        for span in sure.values())
            for _ in range(count - most):
                yield f"beyond the limit: {count} of {most}"
        held = sum("limit carols" in reply.text
                   for reply in self.limited.refused.values())
        for n, reply in self.limited.refused.items():
            if reply.code >= 500:
                yield f"limited message {n}: {reply}"
        # what broke off for another reason may have been counted
        broken = len(self.limited.refused) - held + len(self.limited.in_doubt)
        twice = len(taken) - len(sure)
        if held and len(taken) + broken + twice < most:
            yield f"held to the limit after {len(taken)} of {most}"

    def _taken(self):
        return {n: self.limited.spans[n] for n in self.limited.accepted}

    def _uncertain(self):
        """Spans of time in which the state was away, or forgot."""
        lost, spans = None, list(self._forgotten)
        for line in sorted(x for x in self._lines() if AWAY.search(x)):
            if "StateLost" in line:
                lost = lost or when(line) - STATE_TIMEOUT
            elif lost is not None:
                spans.append((lost, when(line)))
                lost = None
        return spans + ([(lost, math.inf)] if lost else [])

    def _lives(self):
        """A database that was set aside is the end of all that was counted."""
        fresh = sorted(when(x) for x in self._lines()
                       if "starting fresh" in x)
        return zip([0.0, *fresh], [*fresh, math.inf])


def overlap(one, other):
    return one[0] <= other[1] and other[0] <= one[1]


def when(line):
    """The time at the beginning of a line of ours."""
    return datetime.datetime.fromisoformat(line.split()[0]).timestamp()
