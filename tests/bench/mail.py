#!/usr/bin/python3
"""
Mail through a Postfix of our own, with both daemons and with servers that do
nothing in their place, in turn: messages a second, how long a client took for
one, and processor time of what stands in Postfix's way.

Run in the build folder, as root (make bench).
"""

import contextlib
import os
import pathlib
import subprocess
import sys
import threading

import kit

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "integration"))
from harness.place import Place, free_port  # noqa: E402
from harness.postfix import Postfix  # noqa: E402

SESSIONS = 20
BAR = .95

CONFIG = """
postfix_group = "postfix";
state: {{ socket = "{run}/state.sock"; directory = ""; group = "{group}";
    daemons = [ "{user}" ]; }};
milter: {{ listen = "unix:{spool}/milter.sock"; }};
policy: {{ listen = [ "unix:{spool}/policy.sock" ]; socketmap = [ ];
    default_transport = "relay:{a}"; }};
health: {{ heartbeat = "0s"; }};
maillog: {{ source = "none"; }};
smart_hosts = ( {{ name = "a"; nexthop = "{a}"; }},
    {{ name = "b"; nexthop = "{b}"; }} );
connectors = ( {{ name = "out"; transport = "relay";
    members = ( {{ host = "a"; }}, {{ host = "b"; }} ); }} );
routes = ( {{ name = "rest"; connector = "out"; }} );
identities: {{ realm = "example.com"; unlisted = "any";
    clients = ( {{ network = "127.0.0.0/8"; user = "app"; }} ); }};
listeners = ( {{ name = "bench"; daemons = [ "bench" ];
    require_user = true; max_connections_per_source = "unlimited";
    max_connections_per_source_percent = "unlimited"; }} );
throttles = ( {{ name = "per-user"; what = "recipients"; by = [ "user" ];
    limit = "100000000/h"; }} );
"""

SERVICE = """
{address}:{port} inet n - y - 100 smtpd
  -o {{ smtpd_milters = {{ unix:weir/{milter}, default_action=tempfail }} }}
  -o milter_macro_daemon_name=bench
  -o {{ smtpd_data_restrictions = check_policy_service {{ unix:weir/{policy}, default_action=DUNNO }} }}
  -o smtpd_client_connection_count_limit=0
  -o smtpd_relay_restrictions=permit_mynetworks,reject
  -o rewrite_service_name=rwsmtpd
"""


@contextlib.contextmanager
def smart_hosts(place):
    """Two that take everything; their next hops."""
    sinks, hops = [], []
    try:
        for n in (11, 12):
            address = place.address(n)
            port = free_port(address)
            sinks.append(subprocess.Popen(
                ["smtp-sink", "-u", "nobody", f"{address}:{port}", "1000"]))
            hops.append(f"[{address}]:{port}")
        yield hops
    finally:
        for sink in sinks:
            sink.terminate()
            sink.wait()


@contextlib.contextmanager
def postfix(place, hops):
    """A Postfix with a service each for the floors and for Weir."""
    address = place.address(1)
    mta = Postfix(place, address, f"relay:{hops[0]}, {hops[1]}",
                  "127.0.0.1:9")
    ports = {}
    with open(place.path("postfix", "master.cf"), "a",
              encoding="ascii") as file:
        for name in ("null-", ""):
            ports[name] = free_port(address)
            file.write(SERVICE.format(
                address=address, port=ports[name], milter=f"{name}milter.sock",
                policy=f"{name}policy.sock"))
    place.mkdir("spool", "weir", mode=0o2755, group="postfix")
    mta.start()
    try:
        yield {name: f"inet:{address}:{port}" for name, port in ports.items()}
    finally:
        mta.stop()


def await_delivery(place):
    """Nothing of one round may burden the next."""
    queues = [place.path("spool", q) for q in ("incoming", "active",
                                               "deferred")]
    while any(files for q in queues for _, _, files in os.walk(q)):
        threading.Event().wait(.1)


def compare(place, addresses, null, weir):
    def load(name, servers):
        got, _ = kit.load("load_mail", addresses[name], SESSIONS, servers)
        await_delivery(place)
        return got

    load("null-", null)  # the processes of Postfix are there from now on
    load("", weir)
    kit.line("mail", SESSIONS, [(load("null-", null), load("", weir))
                                for _ in range(kit.ROUNDS)], BAR)


def floors(folder, spool):
    """Servers that do nothing. libmilter makes its socket by the umask."""
    milter, policy = spool / "null-milter.sock", spool / "null-policy.sock"
    return kit.running(
        folder,
        (["sh", "-c", f"umask 0; exec tests/bench/null_milter unix:{milter}"],
         milter),
        (["tests/bench/null_server", "policy", f"unix:{policy}"], policy))


def main():
    place = Place("weir-bench-")
    folder = pathlib.Path(place.mkdir("run"))
    spool = pathlib.Path(place.path("spool", "weir"))
    try:
        with smart_hosts(place) as (a, b), \
                postfix(place, (a, b)) as addresses, \
                floors(folder, spool) as null:
            config = CONFIG.format(run=folder, spool=spool, user=kit.USER,
                                   group=kit.GROUP, a=a, b=b)
            with kit.weir(folder, config, spool) as weir:
                kit.head("floor", "weir")
                compare(place, addresses, null, weir)
    finally:
        place.remove()


if __name__ == "__main__":
    if os.geteuid() != 0:
        sys.exit("mail.py: a Postfix of our own needs root")
    main()
