"""What weirctl explain says of a message is what the daemons do with it."""

import itertools
import json
import re

import pytest

ROUTES = """
    routes = (
        { name = "all"; user = [ "alice" ]; listener = [ "submission" ];
            client = [ "192.0.2.0/24", "2001:db8::/32" ];
            sender = [ "@vip.example" ]; recipient = [ "@far.example" ];
            host = "a"; },
        { name = "lab"; client = "198.51.100.0/25"; connector = "two"; },
        { name = "no"; recipient = [ "*@closed.example" ];
            reject = "it is closed"; },
        { name = "home"; user = [ "alice", "bob" ]; connector = "homes"; },
        { name = "mx"; sender = [ "@direct.example" ];
            connector = "direct"; },
        { name = "pf"; sender = [ "<>" ]; connector = "postfix"; },
        { name = "rest"; sender = "@rest.example"; connector = "two"; } );
    connectors = (
        { name = "two"; transport = "smtp"; failovers = 0;
            members = ( { host = "b"; } ); },
        { name = "homes"; balance = "affinity"; default_home = "c";
            members = ( { host = "a"; }, { host = "b"; },
                        { host = "c"; } ); } );
    smart_hosts = ( { name = "a"; nexthop = "[192.0.2.1]"; },
        { name = "b"; nexthop = "[192.0.2.2]"; },
        { name = "c"; nexthop = "[192.0.2.3]"; } );
    health: { heartbeat = 0; };
    identities: { realm = "example.com"; unlisted = "any"; users = (
        { user = "alice"; senders = [ "@vip.example", "@rest.example",
            "@direct.example" ]; home = "b"; } );
        clients = ( { network = "203.0.113.0/24"; user = "alice"; } ); };
    listeners = ( { name = "submission"; ports = 587; } );
    local_domains = [ "home.example" ];
"""

USERS = ("", "alice@example.com", "bob@example.com", "carol@example.com")
CLIENTS = ("192.0.2.7", "198.51.100.1", "198.51.100.200", "203.0.113.5",
           "2001:db8::5")
SENDERS = ("x@vip.example", "x@rest.example", "x@direct.example", "",
           "x@other.example")
RECIPIENTS = (("y@far.example",), ("y@closed.example",),
              ("y@far.example", "z@far.example"),
              ("y@far.example", "z@closed.example"),
              ("y@far.example", "z@near.example"))
LISTENERS = ("submission", "default")


@pytest.fixture(scope="module")
def routed(make_weir):
    weir = make_weir()
    text = re.sub(r"(?s)smart_hosts = .*", "", weir.config.read_text())
    weir.config.write_text(
        text + ROUTES + 'milter: { on_unrouted = "defer"; };')
    weir.start(probed=False)
    return weir


def by_network(user, client):
    """The milter's part: who it is, and whether nobody logged in."""
    if not user and client.startswith("203.0.113."):
        return "alice@example.com", "1"
    return user, "0"


def told(weir, user, client, sender, recipients, listener):
    words = ["--sender", sender or "<>", "--client", client,
             "--listener", listener]
    if user:
        words += ["--user", user]
    for recipient in recipients:
        words += ["--recipient", recipient]
    done = weir.run("--json", "explain", *words)
    return json.loads(done.stdout)


def done(weir, milter, number, message, ask):
    """The answer at DATA, and what the end of the message says."""
    user, client, sender, recipients, listener = message
    session = str(number)
    user, network = by_network(user, client)
    milter.ask("CONNECT", session, listener, client, str(1024 + number))
    assert milter.ask("MAIL", session, user, sender, network)[0] == "accept"
    for recipient in recipients:
        assert milter.ask("RCPT", session, recipient, "smtp",
                          recipient.split("@")[1], f"Q{number}")[0] == "accept"
    answer = ask and weir.ask_policy(
        client_address=client, client_port=str(1024 + number), sender=sender,
        queue_id=f"Q{number}", instance=f"i{number}",
        recipient=recipients[0] if len(recipients) == 1 else "",
        recipient_count=str(len(recipients)))
    end = milter.ask("END", session, f"Q{number}", "0")
    milter.send("CLOSE", session)
    return answer, end


def test_explain_is_what_is_done(routed):
    """Every way to put a message together, through both."""
    milter = routed.milter()
    seen = set()
    for number, message in enumerate(itertools.product(
            USERS, CLIENTS, SENDERS, RECIPIENTS, LISTENERS)):
        if number % 3:  # a third of them shows as much, and is quick
            continue
        said = told(routed, *message)
        answer, end = done(routed, milter, 2 * number, message, True)
        assert answer == said["action"], (message, said)
        assert end[0] == "accept", message
        _, end = done(routed, milter, 2 * number + 1, message, False)
        assert (end[0] == "defer") == said["needs_decision"], (message, end)
        seen.add((said["route"], answer, said["needs_decision"]))
    assert {route for route, *_ in seen} == {
        "all", "lab", "no", "home", "mx", "pf", "rest", None}
    assert len(seen) > 10


@pytest.mark.parametrize("words, route, home", [
    (("-u", "alice", "--client", "192.0.2.9", "-l", "submission",
      "-s", "x@vip.example", "-r", "y@far.example"), "all", None),
    (("-u", "alice", "--client", "192.0.2.9", "-s", "x@vip.example",
      "-r", "y@far.example"), "home", "the home of this login"),
    (("-u", "bob", "--client", "203.0.113.5", "-s", "x@vip.example",
      "-r", "y@far.example"), "home",
     "no home, default used"),
    (("--client", "203.0.113.5", "-s", "x@vip.example",
      "-r", "y@far.example"), "home",
     "a user of the client's network has no affinity"),
])
def test_explain_tells_route_and_home(routed, words, route, home):
    said = routed.json("explain", *words)
    assert said["route"] == route
    assert (said["home"] or {}).get("text") == home
    text = routed.text("explain", *words)
    assert route in text and (home or "") in text
    assert "without this answer the milter would put off the message" in text


@pytest.mark.parametrize("sender, recipient, words, line", [
    ("x@direct.example", "y@far.example", ("direct", "smtp", None),
     "connector direct, transport smtp\n"),
    ("<>", "y@far.example", ("postfix", None, None), "connector postfix\n"),
    ("x@rest.example", "y@far.example", ("two", "smtp", "round-robin"),
     "connector two, transport smtp, round-robin\n"),
    ("x@other.example", "y@far.example", (None, None, None), None),
    ("x@rest.example", "y@home.example", ("two", "smtp", "round-robin"),
     "not used: connector two, transport smtp, round-robin\n"),
    ("x@direct.example", "y@home.example", ("direct", "smtp", None),
     "not used: connector direct, transport smtp\n"),
])
def test_explain_names_every_connector(routed, sender, recipient, words, line):
    """Those built in too, and where the recipient leaves it to Postfix."""
    asked = "explain", "--client", "192.0.2.7", "-s", sender, "-r", recipient
    said = routed.json(*asked)
    assert (said["connector"], said["transport"], said["balance"]) == words
    local = recipient == "y@home.example"
    assert (said["decision"] == "recipient_not_remote") == local
    assert not (local and said["candidates"])
    text = routed.text(*asked)
    assert line in text if line else "connector" not in text


def test_explain_tells_of_mail_that_needs_no_smart_host(make_weir):
    """No host is usable, and a connector that is built in takes the mail."""
    weir = make_weir()
    text = re.sub(r"(?s)smart_hosts = .*", "", weir.config.read_text())
    weir.config.write_text(text + """
        smart_hosts = ( { name = "a"; nexthop = "[192.0.2.1]"; } );
        connectors = ( { name = "one"; when_none_healthy = "two";
            members = ( { host = "a"; } ); },
          { name = "two"; when_none_healthy = "direct";
            members = ( { host = "a"; } ); } );
        routes = ( { name = "all"; connector = "one"; } );
        local_domains = [ "home.example" ];
        health: { heartbeat = 0; };""")
    weir.start(probed=False)
    weir.text("drain", "a")
    words = "explain", "-s", "x@y.example", "-r", "y@far.example"
    said = weir.json(*words)
    assert (said["connector"], said["transport"], said["decision"],
            said["action"], said["socketmap"]) == (
        "direct", "smtp", "route_direct", "FILTER smtp:", "OK smtp:")
    assert [(c["connector"], c["reason"]) for c in said["candidates"]] == [
        ("one", "drained"), ("two", "drained")]
    assert said["needs_decision"]
    assert weir.ask_policy(
        client_address="192.0.2.7", sender="x@y.example", queue_id="QD",
        instance="id", recipient="y@far.example",
        recipient_count="1") == "FILTER smtp:"
    past = weir.json("explain", "--queue-id", "QD")["past"][0]
    assert (past["reason"], past["connector"]) == ("route_direct", "direct")
    assert "route all, connector direct\n" in weir.text(
        "explain", "--queue-id", "QD")


def test_explain_names_the_file_a_right_stands_in(make_weir):
    weir = make_weir()
    folder = weir.config.parent
    (folder / "people.conf").write_text("""
        identities: { realm = "example.com"; users = (
            { user = "alice"; senders = [ "alice@example.com" ];
              home = "isp-a"; } ); };""")
    text = re.sub(r"(?s)identities: .*?\} \); \};", "",
                  weir.config.read_text())
    weir.config.write_text(text + '\n@include "people.conf"\n')
    weir.start(probed=False)
    who = weir.json("explain", "-u", "alice", "-s", "alice@example.com",
                    "-r", "y@far.example")["identity"]
    place = f"{folder}/people.conf:3"
    assert [row["source"] for row in who["sources"]] == [place]
    assert who["home_source"] == place


def test_explain_names_the_network_that_matched(routed):
    said = routed.json("explain", "--client", "198.51.100.9",
                       "-s", "x@rest.example", "-r", "y@far.example")
    assert said["route"] == "lab"
    assert said["conditions"] == [
        {"what": "client", "value": "198.51.100.9", "holds": True,
         "pattern": "198.51.100.0/25"}]
    said = routed.json("explain", "--client", "198.51.100.200",
                       "-s", "x@rest.example", "-r", "y@far.example")
    assert said["route"] == "rest"
    passed = {p["route"]: p["condition"] for p in said["passed_over"]}
    assert passed["lab"] == {
        "what": "client", "value": "198.51.100.200", "holds": False,
        "pattern": "198.51.100.0/25"}
    assert "client 198.51.100.200 is none of 198.51.100.0/25" in routed.text(
        "explain", "--client", "198.51.100.200", "-s", "x@rest.example",
        "-r", "y@far.example")


def test_the_socketmap_knows_addresses_alone(routed):
    """Routes that ask for user, listener or client are not for it."""
    for words, sender, recipient in (
            (("--client", "198.51.100.9", "-s", "x@other.example"),
             "NOTFOUND", "NOTFOUND"),
            (("-u", "alice", "-s", "x@rest.example"),
             "OK smtp:[192.0.2.2]", "NOTFOUND"),
            (("-s", "x@direct.example"), "OK smtp:", "NOTFOUND")):
        said = routed.json("explain", *words, "-r", "y@far.example")
        assert (said["socketmap"], said["socketmap_recipient"]) == (
            sender, recipient), words
    said = routed.json("explain", "-s", "x@other.example",
                       "-r", "y@closed.example", code=1)
    assert said["socketmap_recipient"] == "OK error:5.7.1 it is closed"


def test_a_message_an_earlier_run_may_have_decided_passes(routed):
    milter = routed.milter()
    milter.send("ANNOUNCE", "77", "submission", "192.0.2.7", "999", "1",
                "bob@example.com", "x@rest.example", "QA", "1", "smtp",
                "far.example", "0")
    assert milter.ask("END", "77", "QA", "0")[0] == "accept"
    # the next one of the session is this run's again
    milter.ask("MAIL", "77", "bob@example.com", "x@rest.example")
    milter.ask("RCPT", "77", "y@far.example", "smtp", "far.example", "QB")
    assert milter.ask("END", "77", "QB", "0")[:2] == [
        "defer", "policy_not_asked"]


def test_a_route_that_hangs_on_the_recipients_is_open(routed):
    """"no" asks for a recipient, and none is given."""
    words = "explain", "-s", "x@direct.example", "--client", "192.0.2.7"
    said = routed.json(*words)
    assert (said["route"], said["open_route"]) == (None, "no")
    assert said["decision"] == "recipients_unknown"
    assert not said["conditions"][0]["holds"]
    text = routed.text(*words)
    assert re.search("open +no +asks for a recipient", text), text
    assert "taken" not in text and "say --recipient" in text
    said = routed.json(*words, "-r", "y@far.example")
    assert (said["route"], said["open_route"]) == ("mx", None)
    assert said["decision"] == "route_direct"


def test_a_route_by_login_takes_either_form_of_its_domain(make_weir):
    """Also where no milter tells of the login."""
    weir = make_weir()
    text = re.sub(r"(?s)smart_hosts = .*", "", weir.config.read_text())
    weir.config.write_text(text + """
        routes = ( { name = "idn"; user = "*@bücher.example";
            reject = "not by us"; },
            { name = "rest"; connector = "direct"; } );
        local_domains = [ "home.example" ];
        """)
    weir.start(probed=False)
    for number, login in enumerate((
            "y@bücher.example", "y@BÜCHER.example", "y@xn--bcher-kva.example",
            "y@other.example")):
        answer = weir.ask_policy(
            client_address="192.0.2.7", client_port="4000", sender="a@b.example",
            queue_id=f"Q{number}", instance=f"i{number}",
            recipient="y@far.example", recipient_count="1",
            sasl_username=login)
        assert ("not by us" in answer) == (number < 3), (login, answer)
        said = weir.run("--json", "explain", "-u", login, "-s", "a@b.example",
                        "-r", "y@far.example")
        assert json.loads(said.stdout)["route"] == (
            "idn" if number < 3 else "rest")
