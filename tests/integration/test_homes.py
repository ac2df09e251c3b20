"""Each login by its own smart host (balance = "affinity")."""
from harness.weir import config_text

ALICE = "alice@example.com"
BOB = "bob@example.com"
CAROL = "carol@example.com"
REMOTE = "someone@remote.example"

IDENTITIES = """{
  realm = "example.com"; unlisted = "own-address";
  users = ( { user = "alice"; senders = [ "alice@example.com" ]; home = "b"; },
            { user = "bob"; senders = [ "bob@example.com" ]; home = "c"; } );
  clients = ( { network = "127.0.0.0/8"; user = "alice"; } );
}"""


def connectors(more=""):
    return f"""(
  {{ name = "out"; transport = "relay"; balance = "affinity"; failovers = 2;
    default_home = "a"; {more}
    members = ( {{ host = "a"; }}, {{ host = "b"; }}, {{ host = "c"; }} ); }} )"""


def sections(more="", **others):
    return {"connectors": connectors(more), "identities": IDENTITIES,
            "routes": '( { name = "all"; connector = "out"; } )', **others}


def ways(site, *senders, service="submission"):
    """The host that took a message of each, in order."""
    taken = []
    for sender in senders:
        ledger = site.ledger()
        with site.session(service) as session:
            if service == "xclient":
                session.xclient(addr="203.0.113.5", login=sender)
            else:
                site.login(session, sender)
            assert ledger.send(session, sender).code == 250
        ledger.check()
        taken += [d.host for d in ledger.delivered()]
    return "".join(taken)


def explain(w, user):
    return w.ask("explain", "--user", user, "--sender", user,
                 "--recipient", REMOTE, "--listener", "submission")


def test_seed_0_2_two_logins_have_two_homes(site, weir):
    weir(**sections())
    for _ in range(2):
        assert ways(site, ALICE, BOB, BOB, ALICE) == "bccb"
    # by whatever door, several messages a session, and with each other
    assert ways(site, BOB, ALICE, service="xclient") == "cb"
    ledger = site.ledger()
    with site.session() as one, site.session() as two:
        site.login(one, ALICE)
        site.login(two, BOB)
        for _ in range(3):
            assert ledger.send(one, ALICE).code == 250
            assert ledger.send(two, BOB).code == 250
    ledger.check()
    assert sorted((d.host, d.sender) for d in ledger.delivered()) == \
        [("b", ALICE)] * 3 + [("c", BOB)] * 3


def test_seed_0_4_without_a_home_the_default_is_used_and_said(site, weir):
    w = weir(**sections())
    assert ways(site, CAROL, CAROL) == "aa"
    told = explain(w, CAROL)
    assert told["home"] == {"home": None, "default_home": "a",
                            "text": "no home, default used"}
    assert [(c["host"], c["reason"]) for c in told["candidates"]
            if c["chosen"]] == [("a", "default_home")]
    assert "no home, default used" in w.ctl(
        "explain", "--user", CAROL, "--sender", CAROL,
        "-r", REMOTE, "--listener", "submission").stdout
    told = explain(w, ALICE)
    assert told["home"]["home"] == "b"
    assert [(c["host"], c["reason"]) for c in told["candidates"]
            if c["chosen"]] == [("b", "home")]


def test_seed_0_2_a_home_that_is_dead_is_left_and_found_again(
    site, weir
):
    w = weir(**sections())
    assert ways(site, ALICE) == "b"
    site.b.kill()
    w.policyd.lines.wait("event=MarkedUnhealthy host=b")
    elsewhere = ways(site, ALICE)
    assert elsewhere in ("a", "c")
    assert ways(site, ALICE, ALICE, BOB) == elsewhere * 2 + "c"
    assert "not usable" in explain(w, ALICE)["home"]["text"]
    site.b.start()
    w.policyd.lines.wait("event=MarkedHealthy host=b")
    assert ways(site, ALICE, BOB) == "bc"


def test_seed_0_9_prefer_home_is_turned_off_and_on_without_a_restart(
    site, weir
):
    w = weir(**sections())
    by_name = {}
    for more, expected in (("prefer_home = false;", by_name), ("", None)):
        w.write(config_text(
            **sections(more)))
        w.ask("reload")
        for user in (ALICE, BOB, CAROL):
            told = explain(w, user)
            way = ways(site, user)
            if expected is None:
                assert way == {ALICE: "b", BOB: "c", CAROL: "a"}[user]
            else:
                by_name[user] = way
                assert told["home"]["text"].startswith("homes are off")
    # where its name leads, and not all to one
    assert len(set(by_name.values())) > 1


def test_seed_0_3_a_home_that_moves_is_followed(site, weir):
    w = weir(**sections())
    assert ways(site, ALICE) == "b"
    moved = IDENTITIES.replace('home = "b"', 'home = "a"')
    w.write(config_text(
        **sections(identities=moved)))
    w.ask("reload")
    assert ways(site, ALICE) == "a"


def test_seed_0_1_users_by_network_have_no_home(site, weir, ledger):
    w = weir(**sections())
    with site.session("relay") as session:
        for _ in range(3):
            assert ledger.send(session, ALICE).code == 250
    ledger.check()
    assert ledger.by_host() == {"a": 1, "b": 1, "c": 1}  # in turn
    told = w.ask("explain", "--sender", ALICE, "--client", "127.0.0.1",
                 "--recipient", REMOTE)
    assert told["identity"]["user"] == ALICE
    assert told["identity"]["by"] == "network"
    assert told["home"]["home"] is None
    assert "network" in told["home"]["text"]


def test_seed_0_14_one_host_is_never_balanced(site, weir, ledger):
    w = weir(connectors="""( { name = "out"; transport = "relay";
      balance = "affinity"; when_none_healthy = "refuse";
      members = ( { host = "c"; } ); } )""",
             routes='( { name = "all"; connector = "out"; } )')
    assert ways(site, ALICE, BOB) == "cc"
    site.c.kill()
    w.policyd.lines.wait("event=MarkedUnhealthy host=c")
    with site.session() as session:
        site.login(session, ALICE)
        reply = ledger.send(session, ALICE)
    assert (reply.code, reply.text[:5]) == (451, "4.3.2")
    ledger.check()


def test_seed_0_6_a_busy_login_does_not_drown_its_home_unseen(site, weir):
    w = weir(**sections())
    ledger = site.ledger()
    site.traffic(ledger, 120, users=(ALICE,)).join()
    site.traffic(ledger, 9, users=(BOB, CAROL, BOB)).join()
    ledger.check()
    skew, = w.ask("status")["skew"]
    assert (skew["connector"], skew["host"], skew["user"]) == (
        "out", "b", ALICE)
    assert (skew["percent"], skew["part"], skew["user_percent"]) == (
        120 * 100 // 129, 33, 100)
    told = explain(w, BOB)
    assert told["skew"] == [skew]
    spread = {s["host"]: s for s in told["spread"]}
    assert spread["b"]["messages"] == 120
    assert spread["b"]["logins"] == [{"user": ALICE, "at_least": 120}]
    words = f"home b carries 93 % of connector out (its part is 33 %), " \
        f"at least 100 % of it from {ALICE}"
    assert words in w.ctl("status").stdout
    assert f"b had 93 % of the latest mail of logins, 120 messages, most by " \
        f"{ALICE} (120)" in w.ctl(
            "explain", "--user", BOB, "--sender", BOB, "-r", REMOTE,
            "--listener", "submission").stdout
