"""
No order of commands lets a message pass with another's login, From headers or
recipients: random walks (walk.py) through a real Postfix, each reply and each
arrival foretold.

WEIR_WALKS is how many sessions (1000 if not set), WEIR_WALK_SEED repeats a run.
"""
import os
import random
import re
import socket
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from harness.lines import PATIENCE
from harness.weir import config_text
from walk import ADDRESSES, BAD, GOOD, HOSTS, REFUSED, Walk

WALKS = int(os.environ.get("WEIR_WALKS", "1000"))
SEED = os.environ.get("WEIR_WALK_SEED") or str(random.getrandbits(32))
AT_ONCE = 8

IDENTITIES = """{
  realm = "example.com"; unlisted = "own-address"; recipient_delimiter = "+";
  users = ( { user = "alice"; senders = "alice@example.com"; },
            { user = "bob"; senders = "bob@example.com"; } );
}"""
ROUTES = "( %s )" % ", ".join(
    f'{{ name = "{user}"; user = "{user}"; host = "{host}"; }}'
    for user, host in HOSTS.items())
CONNECTORS = """( { name = "each"; transport = "relay"; members = (
  { host = "a"; }, { host = "b"; }, { host = "c"; } ); } )"""
THROTTLES = """( { name = "used-up"; what = "recipients"; by = "user";
  limit = "1/31d"; users = "limited"; } )"""


class Peer:
    """A client that sends what it is told and compares the replies."""

    def __init__(self, address, port):
        self._sock = socket.create_connection((address, port), PATIENCE)
        self._lines = self._sock.makefile("rb")

    def reply(self):
        """The last line of a reply, b"" when the server has gone."""
        line = self._lines.readline()
        while line[3:4] == b"-":
            line = self._lines.readline()
        return line.decode("utf-8", "replace").rstrip()

    def play(self, batch):
        """None, or what was not as foretold."""
        self._sock.sendall(batch.data)
        for code, asked in batch.replies:
            got = self.reply()
            if got[:3] != str(code):
                return f"{asked!r}: {got!r} instead of {code}"
        return None

    def close(self):
        self._lines.close()
        self._sock.close()


def play(site, number):
    """One walk; (walk, None or what went wrong)."""
    walk = Walk(SEED, number)
    peer = Peer(site.postfix.address, site.postfix.ports["xclient"])
    try:
        assert peer.reply().startswith("220 ")
        for at, batch in enumerate(walk.batches):
            wrong = peer.play(batch)
            if wrong:
                return walk, (f"walk {number}, batch {at}: {wrong}", [
                    (b.data, [code for code, _ in b.replies])
                    for b in walk.batches[:at + 1]])
    finally:
        peer.close()
    return walk, None


def use_up(site):
    """The only recipient that "limited" may have; as that rule's key."""
    with site.session("xclient") as session:
        session.xclient(login="limited")
        sender = ADDRESSES["limited"]
        assert session.mail(sender).code == 250
        assert session.rcpt("first@remote.example").code == 250
        session.rset()


def check_arrivals(arrivals, deliveries):
    """Each as foretold: once a host, with its own sender and headers."""
    seen = Counter()
    for delivery in deliveries:
        token = re.search(rb"token ([0-9-]+)\.", delivery.content)
        token = token and token[1].decode()
        assert token in arrivals, (SEED, delivery)
        arrival = arrivals[token]
        what = (SEED, token, delivery, arrival)
        assert delivery.sender == arrival.sender, what
        assert sorted(delivery.recipients) == sorted(
            arrival.recipients.get(delivery.host, [])), what
        seen[token, delivery.host] += 1
        check_headers(arrival.header, delivery.content, what)
    assert seen == Counter(
        (token, host) for token, arrival in arrivals.items()
        for host in arrival.recipients), SEED


def check_headers(sent, content, what):
    """From headers as they were sent, and none of ours."""
    head = content.replace(b"\r\n", b"\n").partition(b"\n\n")[0].decode()
    assert not re.search(r"(?im)^weir-", head), what
    wanted = re.findall(r"(?im)^from: (.*\n(?:[ \t].*\n)*)",
                        sent.replace("\r\n", "\n"))
    assert re.findall(r"(?im)^from: (.*\n(?:[ \t].*\n)*)",
                      head + "\n") == wanted, what


def check_counts(counts):
    """Every kind of thing happened, so that nothing passed for want of it."""
    kinds = [f"message {kind} {code}"
             for code, table in ((250, GOOD), (550, BAD)) for kind in table]
    kinds += [
        "DATA and its end 250", "DATA and its end 550",
        "BDAT and its end 250", "BDAT and its end 550",
        "message of alice by b", "message of bob by c",
        "message of carol by a", "message of alice by a and local",
        "MAIL own 250", "MAIL own-tag 250", "MAIL null 250",
        "MAIL other 550", "MAIL no-domain 550", "MAIL nested",
        "MAIL without login", "RCPT remote.example", "RCPT local.example",
        "RCPT out of order", "RCPT refused by a limit",
        "RCPT refused by Postfix", "DATA 503", "DATA 554", "BDAT", "RSET 250",
        "EHLO 250", "XCLIENT 220", "XCLIENT 503", "AUTH 235", "AUTH 535",
        "AUTH 503", "dies in DATA", "QUIT 221",
    ]
    rare = {kind: counts[kind] for kind in kinds if counts[kind] < WALKS / 250}
    assert not rare, rare


def test_no_walk_leads_past_the_rules(site, weir):
    print(f"seed {SEED}, {WALKS} sessions")
    postfix = site.postfix
    postfix.set(
        smtpd_recipient_restrictions="check_recipient_access "
        f"inline:{{ {{ {REFUSED} = REJECT }} }}, permit",
        smtpd_soft_error_limit="1000", smtpd_hard_error_limit="1000",
    )
    try:
        site.start_weir(config_text(
            identities=IDENTITIES, routes=ROUTES, connectors=CONNECTORS,
            throttles=THROTTLES, milter="""{
              listen = "unix:@DIR@/spool/weir/milter.sock";
              state_timeout = "20s"; }"""))
        walk_all(site)
    finally:
        postfix.set(smtpd_recipient_restrictions="",
                    smtpd_soft_error_limit="10", smtpd_hard_error_limit="20")


def walk_all(site):
    use_up(site)
    mark, log_mark = site.inbox.mark(), site.postfix.log.mark()
    arrivals, counts, wrong = {}, Counter(), []
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for walk, problem in pool.map(lambda n: play(site, n), range(WALKS)):
            arrivals.update(walk.arrivals)
            counts.update(walk.counts)
            if problem:
                wrong.append(problem)
    assert not wrong, (SEED, len(wrong), wrong[:3])
    for what, count in sorted(counts.items()):
        print(f"{count:8} {what}")
    print(f"{len(arrivals):8} messages must arrive")
    wanted = sum(len(a.recipients) for a in arrivals.values())
    site.inbox.wait_for(lambda new: len(new) >= wanted, f"{wanted} deliveries",
                        mark, PATIENCE + WALKS / 20)
    site.postfix.log.wait("qmgr.*: removed", since=log_mark,
                          count=len(arrivals))
    check_arrivals(arrivals, site.inbox.since(mark))
    check_counts(counts)
