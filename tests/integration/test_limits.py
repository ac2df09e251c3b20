"""How much: limits and connection caps, as a mail client meets them."""
import re

from harness.connections import wait_open

ALICE = "alice@example.com"
BOB = "bob@example.com"

PER_USER = """( { name = "per-user"; what = "recipients"; by = [ "user" ];
  limit = "%s"; action = "%s"; } )"""


def send_as(site, ledger, user, **what):
    with site.session() as session:
        site.login(session, user)
        return ledger.send(session, user, **what)


def test_seed_5_2_the_reply_says_which_and_how_long(site, weir, ledger):
    weir(throttles=PER_USER % ("3/h", "defer"))
    for _ in range(3):
        assert send_as(site, ledger, ALICE).code == 250
    reply = send_as(site, ledger, ALICE)
    assert reply.code == 451
    assert re.fullmatch(
        r"4\.7\.1 limit per-user: 3 recipients/1h used, "
        r"try again in \d+ s \(weir [0-9A-F]{6}\)",
        reply.text,
    )
    assert send_as(site, ledger, BOB).code == 250
    ledger.check()


def test_every_recipient_counts(site, weir, ledger):
    weir(throttles=PER_USER % ("3/h", "reject"))
    two = ("x@remote.example", "y@remote.example")
    assert send_as(site, ledger, ALICE, recipients=two).code == 250
    assert send_as(site, ledger, ALICE, recipients=two).code == 550
    ledger.check()


def test_parallel_sessions_cannot_slip_through(site, weir, ledger):
    weir(throttles=PER_USER % ("100/h", "defer"))
    site.traffic(
        ledger, 200, users=[ALICE], clients=40, per_session=1
    ).join()
    assert len(ledger.accepted) == 100
    assert {reply.code for reply in ledger.refused.values()} == {451}
    ledger.check()


def test_a_message_refused_for_its_from_costs_nothing(site, weir, ledger):
    weir(throttles=PER_USER % ("2/h", "defer"))
    codes = []
    for header_from in (BOB, BOB, BOB, ALICE, ALICE, ALICE):
        codes.append(send_as(site, ledger, ALICE, header_from=header_from).code)
    assert codes == [550, 550, 550, 250, 250, 451]
    ledger.check()


def test_observe_only_tells(site, weir, ledger):
    policyd = weir(throttles=PER_USER % ("1/h", "observe")).policyd
    assert send_as(site, ledger, ALICE).code == 250
    assert send_as(site, ledger, ALICE).code == 250
    policyd.lines.wait("event=LimitObserved")
    ledger.check()


def test_a_client_network_is_limited_too(site, weir, ledger):
    weir(
        throttles="""( { name = "per-client"; what = "messages";
          by = [ "client" ]; limit = "1/h"; } )"""
    )
    codes = []
    for address in ("192.0.2.1", "192.0.2.1", "192.0.2.2"):
        with site.session("xclient") as session:
            session.xclient(addr=address, port=4000, login="alice")
            codes.append(ledger.send(session, ALICE).code)
    assert codes == [250, 451, 250]
    ledger.check()


def first_refusal(site):
    """What a new client meets: the banner's reply, else that to MAIL."""
    with site.session() as session:
        if session.banner.code != 220:
            return session.banner
        return session.mail(ALICE)


def test_connections_of_one_source_are_capped(site, weir):
    w = weir(
        listeners="""(
          { name = "submission"; daemons = [ "submission" ];
            max_connections_per_source = 3; }, { name = "default"; } )"""
    )
    held = [site.session() for _ in range(3)]
    for session in held:
        session.ehlo()
    reply = first_refusal(site)
    assert reply.code in (421, 451), reply
    held.pop().close()
    wait_open(w, {("submission", "127.0.0.1"): 2})
    assert first_refusal(site).code == 250
    for session in held:
        session.close()


def test_weirctl_shows_what_was_used(site, weir, ledger):
    w = weir(throttles=PER_USER % ("5/h", "defer"))
    send_as(site, ledger, ALICE)
    send_as(site, ledger, ALICE)
    (row,) = [r for r in w.ask("limits")["limits"] if r["rule"] == "per-user"]
    assert (row["key"], row["used"], row["limit"]) == (ALICE, 2, 5)
    assert 0 < row["resets_in"] <= 3600
    ledger.check()
