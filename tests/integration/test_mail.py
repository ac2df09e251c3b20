"""
The main job: mail of authenticated users leaves by the smart host that
weir-policyd chose, evenly, and nothing is lost or doubled.
"""

# Busy test machines answer a probe late; these tests are not about that.
CALM = '{ ladder = "1s*4 2s"; heartbeat = "10s"; timeout = "10s"; }'


def test_1000_messages_arrive_once_each_and_half_by_each_host(
    site, weir, ledger
):
    weir(health=CALM)
    site.traffic(ledger, 1000).join()
    assert len(ledger.accepted) == 1000
    ledger.check()
    assert ledger.by_host() == {"a": 500, "b": 500}


def test_1000_messages_across_the_death_of_a_host_arrive_once_each(
    site, weir, ledger
):
    weir(health=CALM)
    traffic = site.traffic(ledger, 1000)
    ledger.wait_booked(500)
    site.b.kill()
    traffic.join()
    assert len(ledger.accepted) == 1000
    ledger.check()
    assert ledger.by_host()["a"] > 500


def test_seed_1_18_4_39_4_40_a_host_that_returns_gets_its_share_again(site, weir, ledger):
    policyd = weir().policyd
    mark = policyd.lines.mark()
    site.b.kill()
    policyd.lines.wait("event=MarkedUnhealthy host=b", mark)
    site.traffic(ledger, 40).join()
    ledger.check()
    assert ledger.by_host() == {"a": 40}
    site.b.start()
    policyd.lines.wait("event=MarkedHealthy host=b", mark)
    after = site.ledger()
    site.traffic(after, 40).join()
    after.check()
    assert after.by_host() == {"a": 20, "b": 20}


def test_with_every_host_down_mail_is_kept_and_leaves_later(
    site, weir, ledger
):
    policyd = weir().policyd
    site.a.kill()
    site.b.kill()
    policyd.lines.wait("event=MarkedUnhealthy host=a")
    policyd.lines.wait("event=MarkedUnhealthy host=b")
    site.traffic(ledger, 12).join()
    assert len(ledger.accepted) == 12
    site.a.start()
    ledger.check()
    assert ledger.by_host() == {"a": 12}


def test_weights_are_kept(site, weir, ledger):
    weir(
        health=CALM,
        connectors="""( { name = "outbound"; transport = "relay";
          members = ( { host = "a"; weight = 3; }, { host = "b"; weight = 1; } );
        } )""",
    )
    site.traffic(ledger, 100).join()
    ledger.check()
    assert ledger.by_host() == {"a": 75, "b": 25}


def test_the_dearer_host_only_stands_in(site, weir, ledger):
    policyd = weir(
        connectors="""( { name = "outbound"; transport = "relay";
          members = ( { host = "a"; cost = 10; }, { host = "c"; cost = 20; } );
        } )"""
    ).policyd
    site.traffic(ledger, 20).join()
    ledger.check()
    assert ledger.by_host() == {"a": 20}
    site.a.kill()
    policyd.lines.wait("event=MarkedUnhealthy host=a")
    standby = site.ledger()
    site.traffic(standby, 20).join()
    standby.check()
    assert standby.by_host() == {"c": 20}
