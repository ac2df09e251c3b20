"""weirctl drain --requeue: queued mail pinned to a host that is no more."""
import pytest

ALICE = "alice@example.com"

PINNED_TO_C = '( { name = "all"; connector = "spare"; } )'


@pytest.fixture
def patient(site):
    """A Postfix that leaves deferred mail where it is."""
    site.postfix.set(
        minimal_backoff_time="300s", maximal_backoff_time="300s"
    )
    yield site.postfix
    site.postfix.set(minimal_backoff_time="1s", maximal_backoff_time="2s")


def defer(site, ledger, count):
    mark = site.postfix.log.mark()
    with site.session() as session:
        site.login(session, ALICE)
        for _ in range(count):
            assert ledger.send(session, ALICE).code == 250
    site.postfix.log.wait(r"status=deferred", since=mark, count=count)


def test_pinned_mail_leaves_by_another_host(site, ledger, patient, weir):
    daemons = weir(routes=PINNED_TO_C)
    site.c.kill()
    defer(site, ledger, 3)
    host = daemons.ask(
        "drain", "c", "--requeue", "-C", patient.config_directory
    )
    assert host["state"] == "drained"
    assert host["requeue"] == {
        "queued": 3, "named": 3, "requeued": 3, "active": 0, "more": False,
    }
    ledger.check()
    assert ledger.by_host() == {"a": 3}


def test_other_mail_and_held_mail_stays(site, ledger, patient, weir):
    daemons = weir(routes=PINNED_TO_C)
    site.c.kill()
    defer(site, ledger, 1)
    done = daemons.ctl(
        "drain", "a", "--requeue", "-C", patient.config_directory
    )
    assert "0 of 1 queued messages named it; 0 requeued" in done.stdout
    patient.hold()
    done = daemons.ask(
        "drain", "c", "--requeue", "-C", patient.config_directory
    )
    assert done["requeue"]["queued"] == 0
    assert ledger.by_host() == {}
    patient.release()
    daemons.ask("drain", "c", "--requeue", "-C", patient.config_directory)
    ledger.check()
