"""A reload of both daemons under traffic: whole, or not at all."""
import pytest

from harness.weir import config_text

ALICE = "alice@example.com"

LIMITED = """( { name = "few"; what = "messages"; by = [ "user" ];
  limit = "%d/h"; } )"""


def test_both_use_it_and_no_message_is_refused_by_it(site, ledger, weir):
    w = weir()
    traffic = site.traffic(ledger, 150)
    for limit in (1001, 1002, 1003):
        w.write(config_text(throttles=LIMITED % limit))
        answer = w.ask("reload")
        assert answer["ok"], answer
        assert [p["program"] for p in answer["programs"]] == [
            "weir-policyd", "weir-milter"]
        assert {"throttles[few].limit"} <= {
            c["setting"] for c in answer["changes"]}
    traffic.join()
    assert not ledger.refused and not ledger.in_doubt
    ledger.check()


def test_a_new_limit_holds_when_the_command_returns(site, ledger, weir):
    w = weir()
    w.write(config_text(throttles=LIMITED % 2))
    w.ask("reload")
    codes = []
    for _ in range(3):
        with site.session() as session:
            site.login(session, ALICE)
            codes.append(ledger.send(session, ALICE).code)
    assert codes == [250, 250, 451]
    ledger.check()


def test_with_a_mistake_both_go_on_as_before(site, weir):
    w = weir()
    w.write(config_text(throttles='( { name = "few"; } )'))
    since = w.milter.lines.mark()
    done = w.ctl("--json", "reload", check=False)
    assert done.returncode == 1 and "weir.conf:" in done.stdout
    assert w.ask("status")["generation"] == 1
    assert not w.milter.lines.find(r"event=Reload", since=since)


@pytest.mark.parametrize("met", [True, False], ids=["met", "never_met"])
def test_a_milter_follows_a_policyd_that_was_started_anew(
        site, ledger, weir, met):
    w = weir()
    if met:
        with site.session() as session:
            site.login(session, ALICE)
            assert ledger.send(session, ALICE).code == 250
    w.stop_policyd()
    if not met:
        w.stop_milter()
        w.start_milter()
        w.milter.lines.wait(r"event=StateLost")
    w.write(config_text(identities='{ realm = "example.com"; '
                        'unlisted = "reject"; }'))
    since = w.milter.lines.mark()
    w.start_policyd()
    w.milter.lines.wait(r"event=Reloaded", since=since)
    with site.session() as session:
        site.login(session, ALICE)
        assert ledger.send(session, ALICE).code == 550
    ledger.check()
