#!/usr/bin/python3
"""
The daemons beside servers that do nothing, in turn, in one run: requests (or
messages) a second, median and 99th percentile, processor time of the server a
request, and the ratio of the medians of the rounds, beside the bar it should
reach. Then the daemons beside themselves: a million users counted and 64 smart
hosts, beside a thousand and two. The exit status is 0 unless something breaks.

Run in the build folder (make bench); names on the command line choose.
"""

import contextlib
import json
import pathlib
import shutil
import socket
import sys
import tempfile

import kit

CONFIG = """
postfix_group = "{group}";
state: {{ socket = "{dir}/state.sock"; directory = ""; group = "{group}";
    daemons = [ "{user}" ]; max_keys = 2000000; }};
milter: {{ listen = "unix:{dir}/milter.sock"; }};
policy: {{ listen = [ "unix:{dir}/policy.sock" ];
    socketmap = [ "unix:{dir}/map.sock" ]; default_transport = "smtp"; }};
health: {{ heartbeat = "0s"; }};
maillog: {{ source = "none"; }};
smart_hosts = ( {hosts} );
connectors = ( {{ name = "out"; transport = "smtp"; failovers = 2;
    members = ( {members} ); }} );
local_domains = [ "example.com" ];
routes = ( {{ name = "rest"; connector = "out"; }} );
listeners = ( {{ name = "submission"; daemons = [ "submission" ];
    require_user = true; max_connections = "unlimited";
    max_connections_per_source = "unlimited";
    max_connections_per_source_percent = "unlimited"; }} );
throttles = ( {{ name = "per-user"; what = "recipients"; by = [ "user" ];
    limit = "100000000/h"; }} );
"""

# name -> (load, socket of weir, how to start the floor, at once -> bar)
BENCHES = {
    "policy": ("load_policy", "policy.sock",
               ["null_server", "policy"], {1: .85, 10: .5, 100: .5}),
    "map": ("load_map", "map.sock",
            ["null_server", "map"], {1: .85, 10: .5, 100: .5}),
    "milter": ("load_milter", "milter.sock",
               ["null_milter"], {10: .75, 100: .75}),
}

SMALL, LARGE = (2, 1000), (64, 1000000)  # smart hosts, users
SIZES = {"policy": ("load_policy", "policy.sock", 10, .8),
         "milter": ("load_milter", "milter.sock", 10, .8)}


def config(folder, hosts):
    names = [f"h{i}" for i in range(hosts)]
    return CONFIG.format(
        dir=folder, user=kit.USER, group=kit.GROUP,
        hosts=", ".join(f'{{ name = "{n}"; nexthop = "[127.0.1.{i + 1}]:21"; }}'
                        for i, n in enumerate(names)),
        members=", ".join(f'{{ host = "{n}"; }}' for n in names))


@contextlib.contextmanager
def weir(hosts):
    """Both daemons, and the folder of their sockets."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="weir-bench-", dir="/tmp"))
    try:
        with kit.weir(folder, config(folder, hosts), folder) as servers:
            yield folder, servers
    finally:
        shutil.rmtree(folder)


# --- beside the floor ---

def compare(name, folder, servers):
    tool, socket_name, floor, bars = BENCHES[name]
    path = folder / f"null-{name}.sock"
    argv = [f"tests/bench/{floor[0]}", *floor[1:], f"unix:{path}"]
    with kit.running(folder, (argv, path)) as null:
        for at_once, bar in bars.items():
            rounds = []
            for _ in range(kit.ROUNDS):
                a, said = kit.load(tool, f"unix:{path}", at_once, null)
                b, says = kit.load(tool, f"unix:{folder / socket_name}",
                                   at_once, servers)
                if said != says:
                    sys.exit(f"{name}: the floor agreed on {said}, "
                             f"Weir on {says}")
                rounds.append((a, b))
            kit.line(name, at_once, rounds, bar)


# --- beside itself ---

def words(*request):
    return f"*{len(request)}\r\n" + "".join(
        f"${len(word)}\r\n{word}\r\n" for word in request)


def count_users(path, users):
    """As a milter reports what it counted alone (common/core/wire.h)."""
    with socket.socket(socket.AF_UNIX) as state:
        state.connect(str(path))
        answers = state.makefile("rb")
        state.sendall(words("HELLO", "weir", "1", "milter", "b").encode())
        for _ in range(9):
            answers.readline()
        for first in range(0, users, 10000):
            state.sendall("".join(
                words("CHARGED", "per-user", f"user{n}@example.com", "1", "0")
                for n in range(first, min(first + 10000, users))).encode())
        state.sendall(words("STATUS").encode())
        status = json.loads(answers.read(int(answers.readline()[1:])))
    if status["state"]["keys"] < users:
        sys.exit(f"{users} users should be counted: {status['state']}")


def compare_sizes():
    with weir(SMALL[0]) as (a, small), weir(LARGE[0]) as (b, large):
        count_users(a / "state.sock", SMALL[1])
        count_users(b / "state.sock", LARGE[1])
        for name, (tool, socket_name, at_once, bar) in SIZES.items():
            kit.line(name, at_once, [
                (kit.load(tool, f"unix:{a / socket_name}", at_once, small,
                          str(SMALL[1]))[0],
                 kit.load(tool, f"unix:{b / socket_name}", at_once, large,
                          str(LARGE[1]))[0])
                for _ in range(kit.ROUNDS)], bar)


def main():
    names = sys.argv[1:] or [*BENCHES, "sizes"]
    floors = [name for name in names if name in BENCHES]
    if floors:
        kit.head("floor", "weir")
        with weir(SMALL[0]) as (folder, servers):
            for name in floors:
                compare(name, folder, servers)
    if "sizes" in names:
        kit.head("1000/2", "1M/64")
        compare_sizes()


if __name__ == "__main__":
    main()
