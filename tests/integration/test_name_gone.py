"""
A smart host whose name leaves the DNS in the middle of the mail. Postfix and
Weir ask the same name server, one of the test's own.

Postfix says nothing of a name that it does not find while other next hops
follow, so weir-policyd has to find out: it asks again when the TTL is over,
half a minute at least.
"""
NAME = "b.relays.example"
ASKED_AGAIN = 90  # the TTL, and what a busy machine adds


def test_a_name_that_is_gone_takes_its_host_out(site, names, weir, ledger):
    names.names[NAME] = site.b.address
    nexthop = f"[{NAME}]:{site.b.port}"
    w = weir(
        health=f"""{{ ladder = "1h"; heartbeat = "500ms"; timeout = "10s";
          name_servers = [ "{names.address}" ]; }}""",
        smart_hosts=f"""( {{ name = "a"; nexthop = "@A@"; }},
          {{ name = "b"; nexthop = "{nexthop}"; }},
          {{ name = "c"; nexthop = "@C@"; }} )""",
    )
    warm = site.ledger()
    site.traffic(warm, 20).join()
    warm.check()
    assert warm.by_host() == {"a": 10, "b": 10}

    traffic = site.traffic(ledger, 200)
    ledger.wait_booked(100)
    del names.names[NAME]
    traffic.join()
    assert len(ledger.accepted) == 200
    ledger.check()

    lines = w.policyd.lines
    line = lines.wait("event=MarkedUnhealthy", timeout=ASKED_AGAIN)
    assert f" host=b ip={site.b.address} fqdn={NAME} stage=dns " in line
    assert " error=name_not_found " in line
    named = w.host("b")["selected"]
    after = site.ledger()
    site.traffic(after, 50).join()
    after.check()
    assert after.by_host() == {"a": 50}
    assert w.host("b")["selected"] == named

    names.names[NAME] = site.b.address
    lines.wait("event=MarkedHealthy host=b")
    again = site.ledger()
    site.traffic(again, 20).join()
    again.check()
    assert again.by_host() == {"a": 10, "b": 10}
    assert len(lines.find("event=Marked")) == 2
