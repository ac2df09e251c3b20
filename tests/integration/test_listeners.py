"""
Listeners: whom their rates count, how many connections they take, and who has
them open, as clients of a real Postfix meet it.
"""
import itertools
import signal
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from harness.client import Session
from harness.connections import connections, wait_open
from harness.haproxy import VERSIONS, Haproxy
from harness.weir import config_text

ALICE = "alice@example.com"
BOB = "bob@example.com"
ONE, TWO = "203.0.113.1", "203.0.113.2"

_ports = itertools.count(20000)


def listeners(**settings):
    """weir.conf's listeners: settings of "submission", which is all there is."""
    text = "".join(f" {k} = {v};" for k, v in settings.items())
    return (
        '( { name = "submission"; daemons = [ "submission" ];'
        f' require_user = true;{text} }}, {{ name = "default"; }} )'
    )


def as_client(site, addr, login="alice"):
    session = site.session("xclient")
    session.ehlo()
    reply = session.xclient(addr=addr, port=next(_ports), login=login)
    assert reply.code == 220, reply
    return session


def send(site, ledger, addr, login, count, sessions=4):
    """
    So many messages of one client and login; how many passed, and the last
    reply to one that did not.
    """
    sender = f"{login}@example.com"

    def part(n):
        session = as_client(site, addr, login)
        replies = [ledger.send(session, sender)
                   for _ in range(n, count, sessions)]
        session.close()
        return replies

    with ThreadPoolExecutor(sessions) as pool:
        replies = [r for part in pool.map(part, range(sessions)) for r in part]
    refused = [r for r in replies if r.code != 250]
    return count - len(refused), refused[-1] if refused else None


# --- message_rate ---


def in_a_minute(began):
    took = time.monotonic() - began
    assert took < 60, f"{took:.0f} s: too slow a machine to tell"


def test_seed_2_22_2_26_client_601_messages_are_one_too_many(
    site, weir, ledger
):
    weir(listeners=listeners(message_rate='"600/m"'))
    began = time.monotonic()
    assert send(site, ledger, ONE, "alice", 300)[0] == 300
    passed, reply = send(site, ledger, ONE, "bob", 301)
    in_a_minute(began)
    assert (passed, reply.code) == (300, 451)
    assert "limit submission/message-rate-client: 600 messages/1m used, " \
        "try again in " in reply.text
    assert send(site, ledger, TWO, "alice", 10)[0] == 10
    ledger.check(60)


def test_seed_2_26_user_counts_a_login_wherever_it_is(site, weir, ledger):
    weir(
        listeners=listeners(
            message_rate='"600/m"', message_rate_source='"user"'
        )
    )
    began = time.monotonic()
    assert send(site, ledger, ONE, "alice", 300)[0] == 300
    passed, reply = send(site, ledger, TWO, "alice", 301)
    in_a_minute(began)
    assert (passed, reply.code) == (300, 451)
    assert "submission/message-rate-user: 600 messages/1m" in reply.text
    assert send(site, ledger, TWO, "bob", 10)[0] == 10
    ledger.check(60)


def test_seed_2_26_all_the_stricter_decides(site, weir, ledger):
    weir(
        listeners=listeners(
            message_rate='"600/m"', message_rate_source='"all"'
        )
    )
    began = time.monotonic()
    assert send(site, ledger, ONE, "alice", 400)[0] == 400
    passed, reply = send(site, ledger, ONE, "bob", 201)
    assert (passed, reply.code) == (200, 451)
    assert "submission/message-rate-client" in reply.text
    passed, reply = send(site, ledger, TWO, "alice", 201)
    in_a_minute(began)
    assert (passed, reply.code) == (200, 451)
    assert "submission/message-rate-user" in reply.text
    assert send(site, ledger, TWO, "bob", 10)[0] == 10
    ledger.check(60)


def test_seed_2_26_none_limits_nobody(site, weir, ledger):
    weir(
        listeners=listeners(
            message_rate='"600/m"', message_rate_source='"none"'
        )
    )
    began = time.monotonic()
    assert send(site, ledger, ONE, "alice", 610)[0] == 610
    in_a_minute(began)
    ledger.check(60)


def test_seed_2_25_a_rate_is_raised_by_a_reload(site, weir, ledger):
    w = weir(listeners=listeners(message_rate='"5/m"'))
    session = as_client(site, ONE)
    codes = [ledger.send(session, ALICE).code for _ in range(6)]
    assert codes == [250] * 5 + [451]
    w.write(config_text(listeners=listeners(message_rate='"8/m"')))
    w.policyd.signal(signal.SIGHUP)
    w.policyd.lines.wait("event=Reloaded")
    # the very next message, in the same session; five were used
    codes = [ledger.send(session, ALICE).code for _ in range(4)]
    assert codes == [250] * 3 + [451]
    session.close()
    ledger.check()


def test_seed_2_1_2_3_each_listener_has_its_own_limits(site, weir, ledger):
    """One by name of its daemon, one by port; default takes the rest."""
    ports = site.postfix.ports
    weir(
        listeners=f"""(
          {{ name = "clients"; daemons = [ "submission" ];
            message_rate = "2/h"; exempt_clients = [ "{TWO}" ]; }},
          {{ name = "gateways"; ports = [ {ports["relay"]} ];
            message_rate = "3/h"; over_limit = "reject"; }},
          {{ name = "default"; message_rate = "1/h"; }} )"""
    )
    passed, reply = send(site, ledger, ONE, "alice", 4)
    assert (passed, reply.code) == (2, 451)
    assert "limit clients/message-rate-client: " in reply.text
    # a network of its own class, freed from what counts clients
    assert send(site, ledger, TWO, "alice", 4)[0] == 4
    with site.session("relay") as session:
        replies = [ledger.send(session, ALICE) for _ in range(4)]
    assert [r.code for r in replies] == [250, 250, 250, 550]
    assert "limit gateways/message-rate-client: " in replies[-1].text
    ledger.check()


def test_a_message_refused_by_another_check_costs_nothing(
    site, weir, ledger
):
    weir(
        listeners=listeners(message_rate='"3/h"'),
        routes="""( { name = "bad"; recipient = [ "@bad.example" ];
          reject = "not there"; }, { name = "all"; connector = "outbound"; }
          )""",
    )
    session = as_client(site, ONE)
    for header_from in (BOB, BOB, BOB, BOB):
        assert ledger.send(session, ALICE, header_from=header_from).code == 550
    assert session.mail(BOB).code == 550  # not his: not counted at all
    # refused by its route, at DATA
    for _ in range(4):
        reply = ledger.send(session, ALICE, recipients=["x@bad.example"])
        assert reply.code == 550 and "not there" in reply.text, reply
    codes = [ledger.send(session, ALICE).code for _ in range(4)]
    session.close()
    assert codes == [250, 250, 250, 451]
    ledger.check()


def test_a_recipient_postfix_refuses_is_not_counted(site, weir, ledger):
    weir(
        listeners=listeners(message_rate='"9/h"'),
        throttles="""( { name = "r"; what = "recipients"; by = [ "user" ];
          limit = "2/h"; } )""",
    )
    session = as_client(site, ONE)
    assert session.mail(ALICE).code == 250
    for n in range(4):  # its syntax is wrong
        assert session.rcpt(f"x{n}@-bad-.example").code // 100 == 5
    assert session.rcpt("good@remote.example").code == 250
    session.rset()
    assert ledger.send(session, ALICE).code == 250
    assert ledger.send(session, ALICE).code == 451
    session.close()
    ledger.check()


def test_seed_3_2_a_rate_may_be_observed_only(site, weir, ledger):
    w = weir(listeners=listeners(
        message_rate='"1/h"', over_limit='"observe"'
    ))
    session = as_client(site, ONE)
    for _ in range(3):
        assert ledger.send(session, ALICE).code == 250
    session.close()
    line = w.policyd.lines.wait("event=LimitObserved")
    assert "rule=submission/message-rate-client" in line
    ledger.check()


# --- connections ---


def opened(site, addr, count, login="alice"):
    """So many sessions of one client at once, and the reply to their MAIL."""
    with ThreadPoolExecutor(16) as pool:
        held = list(pool.map(lambda _: as_client(site, addr, login),
                             range(count)))
        return held, list(pool.map(lambda s: s.mail(ALICE), held))


def come(site, source):
    """
    A session of one who comes himself: XCLIENT leaves another session behind,
    which is open for a moment.
    """
    session = site.session(source=source)
    session.ehlo()
    return session


def close_all(*lists):
    for session in itertools.chain(*lists):
        session.close()


def test_seed_3_6_3_14_3_17_the_101st_connection_at_2_percent_of_5000(site, weir):
    w = weir(
        listeners=listeners(max_connections_per_source='"unlimited"')
    )
    one, two = site.place.address(21), site.place.address(22)
    with ThreadPoolExecutor(16) as pool:
        held = list(pool.map(lambda _: come(site, one), range(100)))
        list(pool.map(lambda session: site.login(session, ALICE), held))
        replies = list(pool.map(lambda session: session.mail(ALICE), held))
    assert {reply.code for reply in replies} == {250}
    late = come(site, one)
    reply = late.mail(ALICE)
    assert reply.code == 451
    assert "too large a share of the connections left: 100 of 100 open" \
        in reply.text
    other = come(site, two)
    site.login(other, ALICE)
    assert other.mail(ALICE).code == 250
    # the refused one is open, and holds nothing
    rows = wait_open(w, {("submission", one): 100, ("submission", two): 1})
    row = rows["submission", one]
    # 2 % of what the other one leaves
    assert (row["limit"], row["limit_by"], row["refused"]) == (
        99, "percent", 1)
    assert rows["submission", two]["refused"] == 0
    told = w.ctl("explain", "--user", "alice", "--sender", ALICE, "--client",
                 one, "--listener", "submission", check=False).stdout
    assert f"{one}: 100 open, limit 99 by percent of what remains " \
        "(per source no limit, share of what remains 99)" in told
    close_all(held, [late, other])
    wait_open(w, {})
    assert connections(w)["submission", one]["refused"] == 1


def test_limit_100_of_200_parallel_sessions_exactly_100(site, weir):
    w = weir(
        listeners=listeners(
            max_connections_per_source="100",
            max_connections_per_source_percent='"unlimited"',
        )
    )
    held, replies = opened(site, ONE, 200)
    codes = [reply.code for reply in replies]
    assert codes.count(250) == 100
    assert codes.count(451) == 100
    wait_open(w, {("submission", ONE): 100})
    close_all(held)
    wait_open(w, {})


@pytest.mark.parametrize(
    "action,banner,code",
    [("defer", 220, 451), ("reject", 554, 550), ("disconnect", 421, None)],
)
def test_what_a_connection_too_many_is_told(site, weir, action, banner, code):
    w = weir(
        listeners=listeners(
            max_connections_per_source="2", over_limit=f'"{action}"'
        )
    )
    held = [site.session() for _ in range(2)]
    late = site.session()
    assert late.banner.code == banner
    if code:
        late.ehlo()
        reply = late.mail(ALICE)
        assert reply.code == code
        assert "too many connections from your network: 2 of 2 open (weir " \
            in reply.text
    event = w.policyd.lines.wait("event=LimitReached")
    assert "rule=submission" in event
    assert "what=connections used=2 limit=2" in event
    wait_open(w, {("submission", "127.0.0.1"): 2})
    close_all(held, [late])


def test_connections_beyond_a_cap_may_be_held(
    site, weir, ledger
):
    w = weir(
        listeners=listeners(
            max_connections_per_source="1", over_limit='"hold"'
        )
    )
    first, second = as_client(site, ONE), as_client(site, ONE)
    mark = site.postfix.log.mark()
    assert ledger.send(first, ALICE).code == 250
    held = site.ledger()
    assert held.send(second, ALICE).code == 250
    assert held.send(second, ALICE).code == 250
    site.postfix.log.wait("milter-hold", mark, count=2)
    wait_open(w, {("submission", ONE): 2})
    close_all([first, second])
    ledger.check()
    assert not held.delivered()
    site.postfix.remove_held()


def test_seed_3_2_connections_beyond_a_cap_may_be_observed_only(
    site, weir, ledger
):
    w = weir(
        listeners=listeners(
            max_connections_per_source="1", over_limit='"observe"'
        )
    )
    held = [as_client(site, ONE) for _ in range(3)]
    assert ledger.send(held[2], ALICE).code == 250
    line = w.policyd.lines.wait("event=LimitObserved")
    assert "what=connections" in line
    rows = wait_open(w, {("submission", ONE): 3})
    assert rows["submission", ONE]["refused"] == 0
    close_all(held)
    ledger.check()


# --- leases ---


def test_xclient_does_not_count_twice(site, weir):
    """The proxy's own session ends where the client's begins."""
    w = weir(
        listeners=listeners(
            max_connections_per_source="5",
            max_connections_per_source_percent='"unlimited"',
        )
    )
    held = []
    # one after the other, and more than the proxy may have open
    for n in range(8):
        addr = (ONE, TWO)[n % 2]
        held.append(as_client(site, addr))
        assert held[-1].mail(ALICE).code == 250
    wait_open(w, {("submission", ONE): 4, ("submission", TWO): 4})
    close_all(held)
    wait_open(w, {})


def quits(session):
    session.close()


def is_lost(session):
    session.lose()


def is_lost_in_a_message(session):
    session.mail(ALICE)
    session.rcpt()
    session.lose()


def is_lost_in_the_content(session):
    session.mail(ALICE)
    session.rcpt()
    assert session.command("DATA").code == 354
    session.lose()


def test_sessions_leave_nothing_however_they_end(site, weir):
    w = weir(listeners=listeners(max_connections_per_source='"unlimited"'))
    ways = (quits, is_lost, is_lost_in_a_message, is_lost_in_the_content)

    def live(n):
        if n % 5 == 4:  # the proxy's own, which never becomes a client's
            is_lost(site.session("xclient"))
        else:
            ways[n % 5](as_client(site, ONE))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(live, range(300)))
    wait_open(w, {})
    assert w.ask("status")["connections"] == 0


def test_a_killed_milter_leaves_no_connection_behind(site, weir):
    w = weir(listeners=listeners())
    held, replies = opened(site, ONE, 20)
    assert {r.code for r in replies} == {250}
    wait_open(w, {("submission", ONE): 20})
    w.milter.kill_worker(signal.SIGKILL)
    # nobody says that they ended; the instance is gone, and they with it
    wait_open(w, {})
    assert w.ask("status")["connections"] == 0
    close_all(held)
    again, replies = opened(site, ONE, 3)
    assert {r.code for r in replies} == {250}
    wait_open(w, {("submission", ONE): 3})
    close_all(again)


# --- behind a load balancer ---


@pytest.mark.parametrize("version", VERSIONS)
def test_seed_2_4_behind_haproxy_the_real_client_counts(
    site, weir, ledger, version
):
    w = weir(
        listeners=listeners(
            message_rate='"3/h"', max_connections_per_source="2",
            max_connections_per_source_percent='"unlimited"',
        )
    )
    one, two = site.place.address(21), site.place.address(22)

    def session_from(addr):
        session = Session(site.postfix.address, port, source=addr)
        session.ehlo()
        return session

    with Haproxy(site.place, site.postfix.address,
                 site.postfix.ports["proxied"]) as haproxy:
        port = haproxy.ports[version]
        held = [session_from(addr) for addr in (one, two, one)]
        for session in held:
            site.login(session, ALICE)
        wait_open(w, {("submission", one): 2, ("submission", two): 1})
        late = session_from(one)
        assert late.mail(ALICE).code == 451
        codes = [ledger.send(held[0], ALICE).code for _ in range(4)]
        assert codes == [250, 250, 250, 451]
        assert ledger.send(held[1], ALICE).code == 250
        close_all(held, [late])
        ledger.check()
