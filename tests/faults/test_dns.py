"""
The DNS that smart hosts' names are found by: dead, slow, lying. Postfix asks
the same name server; what it cannot find stays in its queue.
"""
import pytest

NAMES = ("a.relays.example", "b.relays.example")


@pytest.fixture
def named(site, names, fault):
    """fault(), with smart hosts by name and a short memory for them."""
    for name, host in zip(NAMES, site.hosts):
        names.names[name] = host.address
    hosts = ", ".join(
        f'{{ name = "{name[0]}"; nexthop = "[{name}]:{host.port}"; }}'
        for name, host in zip(NAMES, site.hosts))

    def happens(what):
        return fault(
            what,
            smart_hosts=f"""( {hosts}, {{ name = "c"; nexthop = "@C@"; }} )""",
            health=f"""{{ ladder = "1s*4 2s"; heartbeat = "1s";
              timeout = "2s"; name_servers = [ "{names.address}" ]; }}""",
        )

    return happens


def test_dns_dead(named, names):
    with named("DNS dead for half of the mail") as f:
        f.until(0.2)
        names.mute = True
        f.until(0.7)
        names.mute = False
        f.over()


def test_dns_slow(named, names):
    with named("DNS slow: 0.8 s an answer") as f:
        f.until(0.2)
        names.slow = 0.8
        f.until(0.7)
        names.slow = 0
        f.over()


def test_dns_lies(site, named, names):
    """It sends one host's mail to where nobody listens, then to garbage."""
    with named("DNS lies: a wrong address, then garbage") as f:
        f.until(0.2)
        names.names[NAMES[1]] = site.place.address(77)
        f.until(0.5)
        names.garbage = True
        f.until(0.7)
        names.garbage = False
        names.names[NAMES[1]] = site.b.address
        f.over()
