"""
What the benches of the daemons share: both daemons with a configuration, a load
on one server and then on the other, and the line of a table that says what came
of it. Figures, not verdicts.

ROUNDS and SECONDS in the environment change the five rounds of two seconds.
"""
import contextlib
import grp
import os
import pathlib
import pwd
import statistics
import subprocess
import sys
import threading

ROUNDS = int(os.environ.get("ROUNDS", "5"))
SECONDS = os.environ.get("SECONDS", "2")
TICK = os.sysconf("SC_CLK_TCK")
USER = pwd.getpwuid(os.geteuid()).pw_name
GROUP = grp.getgrgid(os.getegid()).gr_name


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


def await_socket(server, path, folder):
    for _ in range(400):
        if path.exists():
            return
        if server.process.poll() is not None:
            break
        threading.Event().wait(.05)
    log = (folder / "log").read_text()
    sys.exit(f"{path.name} is not there:\n{log}")


@contextlib.contextmanager
def running(folder, *servers):
    """Servers, each an argv and the socket that says that it serves."""
    started = []
    try:
        for argv, socket in servers:
            started.append(Server(argv, folder))
            await_socket(started[-1], socket, folder)
        yield started
    finally:
        for server in started:
            server.stop()


def weir(folder, config, sockets):
    """Both daemons; their sockets are in that folder, the state's in folder."""
    conf = folder / "weir.conf"
    conf.write_text(config)
    return running(folder, *(
        ([f"./{name}", "-c", conf, "-u", USER], socket) for name, socket in (
            ("weir-policyd", folder / "state.sock"),
            ("weir-milter", sockets / "milter.sock"))))


def load(tool, address, at_once, servers, *more):
    """requests/s, p50, p99 (us), CPU us a request; and what else it says."""
    before = sum(s.cpu() for s in servers)
    done = subprocess.run([f"tests/bench/{tool}", address, str(at_once),
                           SECONDS, *more], capture_output=True, text=True,
                          check=False)
    if done.returncode != 0:
        sys.exit(done.stderr)
    first, *rest = done.stdout.splitlines()
    rate, p50, p99, count = map(float, first.split())
    cpu = sum(s.cpu() for s in servers) - before
    return (rate, p50, p99, 1e6 * cpu / max(count, 1)), rest


def head(one, other):
    print(f"{'':<8}{'at':>5}  {one:>9} {'p50':>6} {'p99':>7} {'cpu':>7}"
          f"  {other:>9} {'p50':>6} {'p99':>7} {'cpu':>7}"
          f"  {'ratio':>6} {'bar':>5}  {'p99':>6}")
    print(f"{'':<8}{'once':>5}  {'/s':>9} {'us':>6} {'us':>7} {'us':>7}"
          f"  {'/s':>9} {'us':>6} {'us':>7} {'us':>7}"
          f"  {'':>6} {'':>5}  {'ratio':>6}", flush=True)


def line(name, at_once, rounds, bar):
    """rounds: what load said of one and of the other, each; medians."""
    one, other = ([statistics.median(r[side][k] for r in rounds)
                   for k in range(4)] for side in (0, 1))
    print(f"{name:<8}{at_once:>5}  "
          f"{one[0]:>9.0f} {one[1]:>6.0f} {one[2]:>7.0f} {one[3]:>7.1f}"
          f"  {other[0]:>9.0f} {other[1]:>6.0f} {other[2]:>7.0f} "
          f"{other[3]:>7.1f}"
          f"  {other[0] / one[0]:>6.2f} {bar:>5.2f}"
          f"  {other[2] / max(one[2], 1):>6.2f}", flush=True)
