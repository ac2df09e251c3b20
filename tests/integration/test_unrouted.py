"""The milter sees to it that a message takes its route (milter.on_unrouted)."""
import re

ALICE = "alice@example.com"

ROUTES = """(
  { name = "mx"; sender = [ "@direct.example" ]; connector = "postfix"; },
  { name = "all"; host = "c"; }
)"""
IDENTITIES = """{ realm = "example.com"; unlisted = "any"; }"""


def start(weir, on_unrouted, **sections):
    return weir(routes=ROUTES, identities=IDENTITIES, milter=f"""{{
      listen = "unix:@DIR@/spool/weir/milter.sock";
      state_timeout = "2s"; on_unrouted = "{on_unrouted}"; }}""", **sections)


def send(site, ledger, service, sender=ALICE, **what):
    with site.session(service) as session:
        site.login(session, ALICE)
        return ledger.send(session, sender, **what)


def test_seed_0_17_observed(site, weir, ledger):
    w = start(weir, "observe")
    assert send(site, ledger, "submission").code == 250
    assert not w.policyd.lines.find("event=Unrouted")
    assert send(site, ledger, "unasked").code == 250
    line = w.policyd.lines.wait("event=Unrouted")
    queue_id = re.search(r"queue_id=(\w+)", str(line)).group(1)
    site.postfix.log.wait(f"{queue_id}: removed")
    assert f" user={ALICE} sender={ALICE} " in str(line)
    assert "reason=policy_not_asked action=observe" in str(line)
    ledger.check()
    # by its route, and by Postfix's own default transport
    assert [d.host for d in ledger.delivered()] == ["c", "a"]
    event = [e for e in w.ask("events")["events"] if e["event"] == "Unrouted"]
    assert [e["queue_id"] for e in event] == [queue_id]


def test_seed_0_17_deferred(site, weir, ledger):
    w = start(weir, "defer")
    with site.session("unasked") as session:
        site.login(session, ALICE)
        reply = ledger.send(session, ALICE)
        assert reply.code == 451
        assert re.match(r"4\.3\.0 .* \(weir [0-9A-F]{6}\)", reply.text), reply
        # what needs no decision passes, in the same session
        assert ledger.send(session, "x@direct.example").code == 250
        assert ledger.send(session, ALICE,
                           recipients=("box@local.example",)).code == 250
        assert ledger.send(session, ALICE).code == 451
    w.policyd.lines.wait("event=Unrouted .*action=defer", count=2)
    with site.session("submission") as session:  # the way it should be
        site.login(session, ALICE)
        for _ in range(3):
            assert ledger.send(session, ALICE).code == 250
    ledger.check()
    assert sorted(d.host for d in ledger.delivered()) == [
        "a", "c", "c", "c", "local"]


def test_pin_never_needs_no_decision(site, weir, ledger):
    w = start(weir, "defer", policy="""{
      listen = [ "unix:@DIR@/spool/weir/policy.sock" ];
      socketmap = [ "unix:@DIR@/spool/weir/map.sock" ]; pin = "never"; }""")
    assert send(site, ledger, "unasked").code == 250
    ledger.check()
    assert not w.policyd.lines.find("event=Unrouted")
