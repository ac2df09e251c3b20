"""
weir-policyd and weir-milter under --supervise, and weirctl to ask them.

The programs come from the build directory that WEIR_BUILD names. Built with
sanitizers they report on stderr, which is read here: a report fails the test
that caused it (Weir.stop).
"""
import itertools
import json
import os
import re

from .process import Process, children, run
from .template import fill_text

USER = "nobody"  # there on every Debian; an installed Weir has its own
GROUP = "nogroup"

# What both daemons need to find each other and Postfix.
PLUMBING = """\
state: {
  socket = "@DIR@/run/state.sock";
  directory = "@STATE@";
  flush_interval = "100ms";
  group = "nogroup"; admins = [ "root" ]; daemons = [ "nobody" ];
};
postfix_group = "postfix";
maillog: { source = "file:@DIR@/log/maillog"; };
"""

# The rest of a test's weir.conf, section by section; a test names those it
# wants otherwise. A busy machine is not to be taken for a state that is away.
SECTIONS = {
    "milter": """{
  listen = "unix:@DIR@/spool/weir/milter.sock"; state_timeout = "2s";
}""",
    "policy": """{
  listen = [ "unix:@DIR@/spool/weir/policy.sock" ];
  socketmap = [ "unix:@DIR@/spool/weir/map.sock" ];
}""",
    "health": """{
  ladder = "1s*4 2s"; heartbeat = "300ms"; probe = "ehlo"; timeout = "2s";
}""",
    "smart_hosts": """(
  { name = "a"; nexthop = "@A@"; },
  { name = "b"; nexthop = "@B@"; },
  { name = "c"; nexthop = "@C@"; }
)""",
    "connectors": """(
  { name = "outbound"; transport = "relay"; failovers = 2;
    members = ( { host = "a"; cost = 10; }, { host = "b"; cost = 10; } ); },
  { name = "spare"; transport = "relay"; members = ( { host = "c"; } ); }
)""",
    "local_domains": '[ "local.example" ]',
    "routes": '( { name = "all"; connector = "outbound"; } )',
    "listeners": """(
  { name = "submission"; daemons = [ "submission" ]; require_user = true; },
  { name = "default"; }
)""",
    "identities": """{
  realm = "example.com"; unlisted = "own-address";
  recipient_delimiter = "+";
}""",
}

_states = itertools.count(1)  # each run of the daemons starts afresh

SANITIZER_ENV = {
    "ASAN_OPTIONS": "detect_leaks=1:strict_string_checks=1",
    "UBSAN_OPTIONS": "print_stacktrace=1",
}
REPORT = r"AddressSanitizer|LeakSanitizer|ThreadSanitizer|runtime error:"


def config_text(**sections):
    """A weir.conf for a test; a section given as None is left out."""
    merged = {**SECTIONS, **sections}
    return PLUMBING + "".join(
        f"{name} = {text};\n" for name, text in merged.items() if text
    )


def program(name):
    path = os.path.join(os.environ.get("WEIR_BUILD", "."), name)
    if not os.access(path, os.X_OK):
        raise RuntimeError(f"{path} is not there: set WEIR_BUILD to a build")
    return os.path.abspath(path)


class Daemon:
    """One of the two under --supervise."""

    def __init__(self, name, conf, log_path, env):
        self.name = name
        self._process = Process(
            name,
            [program(name), "--supervise", "-u", USER, "-c", conf],
            log_path,
            env={**SANITIZER_ENV, **env},
        )
        self.lines = self._process.lines
        self.started = 0

    def wait_started(self, since=0):
        self.lines.wait(r"event=Started", since=since)

    @property
    def supervisor(self):
        return self._process.pid

    @property
    def worker(self):
        """Process id of the one that serves."""
        return children(self._process.pid)[0]

    def kill_worker(self, signal):
        """Returns when the next worker serves."""
        mark = self.lines.mark()
        os.kill(self.worker, signal)
        self.wait_started(mark)

    def signal(self, number):
        os.kill(self.worker, number)

    def stop(self):
        status = self._process.stop()
        reports = self.lines.find(REPORT)
        assert not reports, f"{self.name}:\n{self.lines.tail(80)}"
        assert status == 0, f"{self.name}: exit {status}\n{self.lines.tail()}"

    def kill(self):
        self._process.kill()


class Weir:
    """
    Both daemons with one configuration. The text may use @DIR@ (the place),
    @STATE@ (a fresh directory) and @A@ @B@ @C@ (next hops of the smart hosts).
    """

    def __init__(self, site, text, env=None):
        """env: for the daemons besides what they need."""
        place = self._place = site.place
        self._env = site.postfix.env
        self._daemon_env = {**self._env, **(env or {})}
        self._values = {
            "DIR": place.dir,
            "A": site.a.nexthop,
            "B": site.b.nexthop,
            "C": site.c.nexthop,
        }
        place.mkdir("run", user=USER)
        place.mkdir("spool", "weir", mode=0o2750, user=USER, group="postfix")
        self.directory = self._values["STATE"] = place.mkdir(
            f"state-{next(_states)}", mode=0o700, user=USER
        )
        self.socket = place.path("run", "state.sock")
        self.policy_socket = place.path("spool", "weir", "policy.sock")
        self.milter_socket = place.path("spool", "weir", "milter.sock")
        for path in (self.socket, self.policy_socket, self.milter_socket):
            if os.path.exists(path):
                os.unlink(path)  # of a daemon that did not end well
        self.write(text)
        self.policyd = self.milter = None

    def write(self, text):
        """Whoever reads it finds the old text or the new one."""
        new = self._place.write(
            fill_text(text, **self._values), "weir.conf.new"
        )
        self.conf = self._place.path("weir.conf")
        os.replace(new, self.conf)

    def start(self):
        self.start_policyd()
        self.start_milter()

    def start_policyd(self):
        self.policyd = self._daemon("weir-policyd")

    def start_milter(self):
        self.milter = self._daemon("weir-milter")

    def _daemon(self, name):
        daemon = Daemon(
            name, self.conf, self._place.path("log", name + ".log"),
            self._daemon_env,
        )
        try:
            daemon.wait_started()
        except TimeoutError:
            daemon.kill()
            raise
        return daemon

    def stop_policyd(self):
        if self.policyd:
            daemon, self.policyd = self.policyd, None
            daemon.stop()

    def stop_milter(self):
        if self.milter:
            daemon, self.milter = self.milter, None
            daemon.stop()

    def stop(self):
        try:
            self.stop_milter()
        finally:
            self.stop_policyd()

    def logs(self):
        return [
            (daemon.name, daemon.lines.tail())
            for daemon in (self.policyd, self.milter)
            if daemon
        ]

    def ctl(self, *arguments, check=True):
        done = run(
            [program("weirctl"), "-c", self.conf, *arguments],
            env={**SANITIZER_ENV, **self._env},
            check=check,
        )
        assert not re.search(REPORT, done.stderr), done.stderr
        return done

    def ask(self, *arguments):
        """weirctl --json"""
        return json.loads(self.ctl("--json", *arguments).stdout)

    def host(self, name):
        return {h["name"]: h for h in self.ask("hosts")["hosts"]}[name]
