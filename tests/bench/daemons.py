#!/usr/bin/python3
"""
The daemons beside servers that do nothing, in turn, in one run: requests (or
messages) a second, median and 99th percentile, processor time of the server a
request, and the ratio of the medians of the rounds, beside the bar it should
reach. Figures, not verdicts: the exit status is 0 unless something breaks.

Run in the build folder (make bench). ROUNDS and SECONDS in the environment
change the five rounds of two seconds; names on the command line choose.
"""

import contextlib
import grp
import os
import pathlib
import pwd
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading

ROUNDS = int(os.environ.get("ROUNDS", "5"))
SECONDS = os.environ.get("SECONDS", "2")
TICK = os.sysconf("SC_CLK_TCK")
USER = pwd.getpwuid(os.geteuid()).pw_name
GROUP = grp.getgrgid(os.getegid()).gr_name

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

# name -> (load, socket of weir, how to start the floor, at once, bars)
BENCHES = {
    "policy": ("load_policy", "policy.sock",
               ["null_server", "policy"], {1: .85, 10: .5, 100: .5}),
    "map": ("load_map", "map.sock",
            ["null_server", "map"], {1: .85, 10: .5, 100: .5}),
    "milter": ("load_milter", "milter.sock",
               ["null_milter"], {10: .75, 100: .75}),
}


class Server:
    def __init__(self, argv, folder):
        with open(folder / "log", "ab") as log:
            self.process = subprocess.Popen(argv, stderr=log)

    def cpu(self):
        """Seconds of processor time so far."""
        stat = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text()
        fields = stat.rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICK

    def stop(self):
        self.process.terminate()
        self.process.wait()


def await_socket(server, path):
    for _ in range(400):
        if path.exists():
            return
        if server.process.poll() is not None:
            break
        threading.Event().wait(.05)
    log = path.parent / "log"
    sys.exit(f"{path.name} is not there:\n{log.read_text()}")


def config(folder, hosts):
    names = [f"h{i}" for i in range(hosts)]
    return CONFIG.format(
        dir=folder, user=USER, group=GROUP,
        hosts=", ".join(f'{{ name = "{n}"; nexthop = "[127.0.1.{i + 1}]:21"; }}'
                        for i, n in enumerate(names)),
        members=", ".join(f'{{ host = "{n}"; }}' for n in names))


@contextlib.contextmanager
def weir(hosts=2):
    """Both daemons, and the folder of their sockets."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="weir-bench-", dir="/tmp"))
    (folder / "weir.conf").write_text(config(folder, hosts))
    servers = {}
    try:
        for name, socket in (("weir-policyd", "state.sock"),
                             ("weir-milter", "milter.sock")):
            servers[name] = Server([f"./{name}", "-c", folder / "weir.conf",
                                    "-u", USER], folder)
            await_socket(servers[name], folder / socket)
        yield folder, servers
    finally:
        for server in servers.values():
            server.stop()
        shutil.rmtree(folder)


def load(tool, path, at_once, servers):
    """requests/s, p50, p99 (us), CPU us a request, and what else it says."""
    before = sum(s.cpu() for s in servers)
    done = subprocess.run([f"tests/bench/{tool}", f"unix:{path}", str(at_once),
                           SECONDS], capture_output=True, text=True,
                          check=False)
    if done.returncode != 0:
        sys.exit(done.stderr)
    first, *rest = done.stdout.splitlines()
    rate, p50, p99, count = map(float, first.split())
    cpu = sum(s.cpu() for s in servers) - before
    return (rate, p50, p99, 1e6 * cpu / max(count, 1)), rest


def compare(name, folder, servers):
    tool, socket, floor, bars = BENCHES[name]
    path = folder / f"null-{name}.sock"
    null = Server([f"tests/bench/{floor[0]}", *floor[1:], f"unix:{path}"],
                  folder)
    try:
        await_socket(null, path)
        for at_once, bar in bars.items():
            rounds = []
            for _ in range(ROUNDS):
                a, said = load(tool, path, at_once, [null])
                b, says = load(tool, folder / socket, at_once,
                               servers.values())
                if said != says:
                    sys.exit(f"{name}: the floor agreed on {said}, "
                             f"Weir on {says}")
                rounds.append((a, b))
            report(name, at_once, rounds, bar)
    finally:
        null.stop()


def report(name, at_once, rounds, bar):
    floor, ours = ([statistics.median(r[side][k] for r in rounds)
                    for k in range(4)] for side in (0, 1))
    print(f"{name:<8}{at_once:>5}  "
          f"{floor[0]:>9.0f} {floor[1]:>6.0f} {floor[2]:>7.0f} {floor[3]:>7.1f}"
          f"  {ours[0]:>9.0f} {ours[1]:>6.0f} {ours[2]:>7.0f} {ours[3]:>7.1f}"
          f"  {ours[0] / floor[0]:>6.2f} {bar:>5.2f}"
          f"  {ours[2] / max(floor[2], 1):>6.2f}", flush=True)


def main():
    names = sys.argv[1:] or list(BENCHES)
    print(f"{'':<8}{'at':>5}  {'floor':>9} {'p50':>6} {'p99':>7} {'cpu':>7}"
          f"  {'weir':>9} {'p50':>6} {'p99':>7} {'cpu':>7}"
          f"  {'ratio':>6} {'bar':>5}  {'p99':>6}")
    print(f"{'':<8}{'once':>5}  {'/s':>9} {'us':>6} {'us':>7} {'us':>7}"
          f"  {'/s':>9} {'us':>6} {'us':>7} {'us':>7}"
          f"  {'':>6} {'':>5}  {'ratio':>6}")
    with weir() as (folder, servers):
        for name in names:
            compare(name, folder, servers)


if __name__ == "__main__":
    main()
