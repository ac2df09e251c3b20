"""Which way: routes by login and sender, and mail that is not ours to route."""

import contextlib
import itertools
import json
import socket
import threading

from harness.client import numbered_message
from harness.smarthost import SmartHost

ALICE = "alice@example.com"
BOB = "bob@example.com"

ROUTES = """(
  { name = "bob"; user = [ "bob@example.com" ]; host = "c"; },
  { name = "shop"; sender = [ "@shop.example" ]; host = "b"; },
  { name = "none"; sender = [ "@old.example" ]; reject = "old.example is closed"; },
  { name = "plain"; sender = [ "@plain.example" ]; connector = "postfix"; },
  { name = "rest"; host = "a"; }
)"""

IDENTITIES = """{ realm = "example.com"; unlisted = "any"; }"""


def send(site, ledger, login, sender, **what):
    with site.session() as session:
        site.login(session, login)
        return ledger.send(session, sender, **what)


def way_of(site, login, sender, recipients=("someone@remote.example",)):
    """The hosts that took a message, by recipient."""
    ledger = site.ledger()
    reply = send(site, ledger, login, sender, recipients=recipients)
    assert reply.code == 250, reply
    ledger.check()
    return {r: d.host for d in ledger.delivered() for r in d.recipients}


def test_routes_by_login_and_by_sender_domain(site, weir):
    weir(routes=ROUTES, identities=IDENTITIES)
    remote = "someone@remote.example"
    assert way_of(site, BOB, BOB) == {remote: "c"}
    assert way_of(site, BOB, "x@shop.example") == {remote: "c"}
    assert way_of(site, ALICE, "x@shop.example") == {remote: "b"}
    assert way_of(site, ALICE, "x@SHOP.example") == {remote: "b"}
    assert way_of(site, ALICE, ALICE) == {remote: "a"}


SEVEN = """(
  { name = "abc"; sender = [ "@abc.example" ]; connector = "one"; },
  { name = "xyz"; sender = [ "@xyz.example" ]; connector = "two"; },
  { name = "shop"; sender = [ "@shop.example" ]; host = "c"; },
  { name = "rest"; connector = "direct"; } )"""
TWO_CONNECTORS = """(
  { name = "one"; transport = "relay"; members = ( { host = "a"; } ); },
  { name = "two"; transport = "relay"; members = ( { host = "b"; } ); },
  { name = "three"; transport = "relay"; members = ( { host = "c"; } ); } )"""


def test_seed_1_14_1_29_seven_domains_of_which_four_go_direct(
    site, weir, names
):
    """Direct is by DNS, to port 25 of the recipient's domain."""
    direct = SmartHost(site.loop, "direct", site.place.address(25),
                       site.inbox, port=25)
    names.names["remote.example"] = direct.address
    try:
        weir(routes=SEVEN, connectors=TWO_CONNECTORS, identities=IDENTITIES)
        took = {
            sender: way_of(site, ALICE, f"x@{sender}.example")
            for sender in ("abc", "xyz", "shop", "d1", "d2", "d3", "d4")
        }
    finally:
        direct.kill()
    remote = "someone@remote.example"
    assert took == {
        sender: {remote: host}
        for sender, host in (("abc", "a"), ("xyz", "b"), ("shop", "c"),
                             ("d1", "direct"), ("d2", "direct"),
                             ("d3", "direct"), ("d4", "direct"))
    }


def test_seed_0_16_1_27_a_route_for_one_listener(site, weir, ledger):
    """One listener is pinned to a host, the other to no balancing at all."""
    weir(
        routes="""( { name = "pinned"; listener = [ "submission" ];
            host = "c"; },
          { name = "plain"; listener = [ "relay" ]; connector = "postfix"; },
          { name = "rest"; connector = "outbound"; } )""",
        listeners="""(
          { name = "submission"; daemons = [ "submission" ]; },
          { name = "relay"; daemons = [ "relay" ]; },
          { name = "default"; } )""",
    )
    for _ in range(3):
        assert way_of(site, ALICE, ALICE) == {"someone@remote.example": "c"}
    with site.session("relay") as session:
        for _ in range(3):
            assert ledger.send(session, ALICE).code == 250
    ledger.check()
    # Postfix's own default transport, whose first host is a
    assert ledger.by_host() == {"a": 3}


def test_a_route_may_refuse(site, weir, ledger):
    weir(routes=ROUTES, identities=IDENTITIES)
    reply = send(site, ledger, ALICE, "x@old.example")
    assert reply.code == 550
    assert "old.example is closed" in reply.text
    ledger.check()


def test_company_takes_nobody_past_a_refusal(site, weir):
    """Neither a local recipient nor one of another route; in any order."""
    w = weir(routes="""(
      { name = "vip"; recipient = [ "@vip.example" ]; host = "b"; },
      { name = "shut"; user = [ "alice@example.com" ];
        recipient = [ "@shut.example" ]; reject = "shut.example is shut"; },
      { name = "old"; sender = [ "@old.example" ]; reject = "closed"; },
      { name = "rest"; host = "a"; } )""", identities=IDENTITIES)
    shut, local, vip = "x@shut.example", "box@local.example", "x@vip.example"
    ledger = site.ledger()
    for sender, *recipients in (
        (ALICE, shut), (ALICE, shut, local), (ALICE, local, shut),
        (ALICE, vip, shut), (ALICE, shut, "x@remote.example"),
        ("x@old.example", "x@remote.example", local),
        ("x@old.example", local, "x@remote.example"),
    ):
        reply = send(site, ledger, ALICE, sender, recipients=recipients)
        assert reply.code == 550, (sender, recipients, reply)
    told = json.loads(w.ctl("--json", "explain", "--user", ALICE, "--sender",
                            ALICE, "-r", vip, "-r", shut, check=False).stdout)
    assert (told["verdict"], told["route"]) == ("reject", "shut")
    assert {c["what"]: c["holds"] for c in told["conditions"]} == {
        "user": True, "recipient": True}
    assert send(site, ledger, BOB, BOB, recipients=(local, shut)).code == 250
    assert send(site, ledger, ALICE, "x@old.example",
                recipients=(local,)).code == 250
    ledger.check()


def test_local_mail_is_never_sent_to_a_smart_host(site, weir):
    weir(routes='( { name = "all"; host = "c"; } )')
    local = "box@local.example"
    assert way_of(site, ALICE, ALICE, (local,)) == {local: "local"}


def test_one_local_recipient_keeps_the_message_from_the_filter(site, weir):
    weir(routes='( { name = "all"; host = "c"; } )')
    local, remote = "box@local.example", "someone@remote.example"
    for recipients in ((local, remote), (remote, local)):
        # by Postfix's own default transport, whose first host is a
        assert way_of(site, ALICE, ALICE, recipients) == {
            local: "local", remote: "a"
        }


class SecondThoughts:
    """A policy service that puts off the first DATA, and no other."""

    def __init__(self, address):
        self.listener = socket.create_server((address, 0))
        self.address = "inet:{}:{}".format(*self.listener.getsockname())
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        answers = itertools.chain(["450 4.7.1 not yet"],
                                  itertools.repeat("DUNNO"))
        with contextlib.suppress(OSError):  # closed
            while True:
                client, _ = self.listener.accept()
                with client, client.makefile("rwb") as wire:
                    for line in wire:
                        if line == b"\n":
                            wire.write(f"action={next(answers)}\n\n".encode())
                            wire.flush()


def test_a_recipient_added_after_a_refused_data_is_not_filtered(site, weir):
    """Postfix keeps the FILTER of a DATA that something else refused."""
    weir(routes='( { name = "all"; host = "c"; } )')
    before = site.postfix.get("smtpd_data_restrictions")
    second = SecondThoughts(site.postfix.address)
    site.postfix.set(smtpd_data_restrictions=
                     f"{before}, check_policy_service {second.address}")
    mark = site.inbox.mark()
    try:
        with site.session() as session:
            site.login(session, ALICE)
            assert session.mail(ALICE).code == 250
            assert session.rcpt("someone@remote.example").code == 250
            assert session.command("DATA").code == 450
            assert session.rcpt("box@local.example").code == 250
            reply = session.command("DATA")
            assert reply.code == 451 and "begin the message anew" in reply.text
            session.rset()
            assert session.send(numbered_message(ALICE), ALICE,
                                ("box@local.example",)).code == 250
        site.inbox.wait_for(len, "the message", mark)
        assert [d.host for d in site.inbox.since(mark)] == ["local"]
    finally:
        site.postfix.set(smtpd_data_restrictions=before)
        second.listener.close()


def test_many_remote_recipients_go_together(site, weir):
    weir(routes='( { name = "all"; host = "c"; } )')
    many = tuple(f"r{n}@remote{n}.example" for n in range(20))
    assert set(way_of(site, ALICE, ALICE, many).values()) == {"c"}


def test_a_route_may_leave_it_to_postfix(site, weir):
    weir(routes=ROUTES, identities=IDENTITIES)
    assert way_of(site, ALICE, "x@plain.example") == {
        "someone@remote.example": "a"
    }


def test_without_the_milter_one_recipient_is_still_known(site, weir):
    w = weir(routes='( { name = "all"; host = "c"; } )')
    w.stop_milter()
    ledger = site.ledger()
    with site.session("relay") as session:  # takes mail without the milter
        assert ledger.send(session, ALICE).code == 250
        ledger.send(session, ALICE, recipients=("box@local.example",))
        ledger.send(session, ALICE, recipients=("x@r.example", "y@r.example"))
    ledger.check()
    assert [d.host for d in sorted(ledger.delivered(), key=lambda d: d.number)
            ] == ["c", "local", "a"]


def test_explain_says_what_will_happen(site, weir):
    w = weir(routes=ROUTES, identities=IDENTITIES)
    told = w.ask("explain", "--user", BOB, "--sender", BOB,
                 "--recipient", "someone@remote.example",
                 "--listener", "submission")
    assert told["verdict"] == "accept"
    assert told["route"] == "bob"
    assert told["action"] == f"FILTER relay:{site.c.nexthop}"
    assert [c["host"] for c in told["candidates"] if c["chosen"]] == ["c"]
