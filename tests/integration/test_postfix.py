"""
A stock Postfix becomes one with enforced senders and two smart hosts by weirctl
postfix --apply, is found well by weirctl doctor, and is what it was after --undo.
"""
import json
import os

import pytest

from harness.ledger import TryLater
from harness.site import Site
from harness.stock import StockPostfix
from harness.weir import config_text

ALICE = "alice@example.com"
BOB = "bob@example.com"


LISTENERS = """(
  { name = "submission"; ports = [ 465, 587 ]; require_user = true; } )"""
NEVER = """{
  listen = [ "unix:@DIR@/spool/weir/policy.sock" ];
  socketmap = [ "unix:@DIR@/spool/weir/map.sock" ]; pin = "never";
}"""


@pytest.fixture(scope="module")
def stock_site():
    with Site("weir-stock-", postfix=StockPostfix) as stock:
        yield stock


@pytest.fixture
def stock(stock_site):
    """With both daemons running and nothing set in Postfix yet."""
    before = stock_site.postfix.files()
    weir = stock_site.start_weir(config_text(listeners=LISTENERS))
    yield stock_site
    if os.path.exists(stock_site.place.path("postfix", "weir-undo.json")):
        reload_by(stock_site, weir.ctl, "postfix", "--undo", "--reload")
    stock_site.stop_weir()
    assert stock_site.postfix.files() == before


def reload_by(site, call, *words):
    """Runs weirctl for that Postfix, and waits until that has reloaded."""
    mark = site.postfix.log.mark()
    done = call(*words, "-C", site.postfix.config_directory)
    site.postfix.log.wait("reload -- version", since=mark)
    return done


def apply(site, *more):
    done = reload_by(site, site.weir.ctl, "postfix", "--apply", "--reload",
                     *more)
    assert "Postfix has reloaded" in done.stdout
    assert "default_stale" in errors(site)
    site.weir.ctl("reload")


def findings(site):
    done = site.weir.ctl("doctor", "-C", site.postfix.config_directory,
                         "--json", check=False)
    report = json.loads(done.stdout)
    assert done.returncode == (0 if report["ok"] else 1)
    return report["findings"]


def errors(site):
    return {f["id"] for f in findings(site) if f["level"] == "error"}


def send_as(site, ledger, user):
    with site.session() as session:
        site.login(session, user)
        assert ledger.send(session, user).code == 250


def test_a_stock_postfix_gets_enforced_senders_and_smart_hosts(stock):
    assert {"policy_missing", "macros"} <= errors(stock)
    apply(stock)
    assert errors(stock) == set()
    ledger = stock.ledger()
    with stock.session() as session:
        stock.login(session, ALICE)
        for _ in range(10):
            assert ledger.send(session, ALICE).code == 250
        refused = ledger.send(session, BOB)
        assert (refused.code, "5.7.1" in refused.text) == (550, True)
        refused = ledger.send(session, ALICE, header_from=BOB)
        assert refused.code == 550
    ledger.check()
    assert ledger.by_host() == {"a": 5, "b": 5}


def test_while_policyd_is_away_mail_goes_by_the_static_list(stock):
    apply(stock)
    stock.weir.stop_policyd()
    ledger = stock.ledger()
    send_as(stock, ledger, ALICE)
    ledger.check()
    assert ledger.by_host() == {"a": 1}
    assert {"state", "socket_missing"} <= errors(stock)


def test_while_the_milter_is_away_mail_waits(stock):
    apply(stock)
    stock.weir.stop_milter()
    with stock.session() as session, pytest.raises(TryLater):
        stock.login(session, ALICE)
    assert {"socket_missing", "milter_away"} <= errors(stock)


def test_by_the_socketmap_alone_and_a_second_resolver(stock):
    stock.weir.write(config_text(listeners=LISTENERS, policy=NEVER))
    apply(stock)
    assert errors(stock) == set()
    ledger = stock.ledger()
    send_as(stock, ledger, ALICE)
    ledger.check()
    # accepted also while the map is away, since smtpd does not ask it
    stock.weir.stop_policyd()
    mark = stock.postfix.log.mark()
    send_as(stock, ledger, BOB)
    stock.postfix.log.wait("address resolver failure", mark)
    stock.weir.start_policyd()
    send_as(stock, ledger, ALICE)  # Postfix keeps its last answer for 30 s
    stock.postfix.flush()
    ledger.check(timeout=90)


def test_doctor_tries_as_postfix_and_as_the_daemon(stock):
    apply(stock)
    assert errors(stock) == set()
    os.chmod(stock.weir.milter_socket, 0o600)
    assert errors(stock) == {"socket_denied"}
    os.chmod(stock.weir.milter_socket, 0o660)
    folder = stock.place.path("spool", "weir")
    os.chmod(folder, 0o700)
    assert errors(stock) == {"socket_denied"}
    os.chmod(folder, 0o2750)
    os.chmod(stock.postfix.log_path, 0o600)
    assert errors(stock) == {"log_denied"}
    os.chmod(stock.postfix.log_path, 0o644)
    assert errors(stock) == set()
