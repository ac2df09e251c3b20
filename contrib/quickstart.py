"""
The story contrib/quickstart tells, once everything is built: a private mail
system, real mail with AUTH, and what became of it. Each step says what was
done and what was seen, and fails when it was not what it should be.

    quickstart.py WORK [--keep]     WORK: the build's directory, removed at end
"""
import os
import shutil
import signal
import sys
import textwrap
import traceback
from contextlib import contextmanager

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(TOP, "tests", "integration"))

from harness.process import run  # noqa: E402
from harness.site import PASSWORDS, Site  # noqa: E402
from harness.template import read  # noqa: E402

ALICE, BOB, CAROL = PASSWORDS

MAP = "socketmap:unix:weir/map.sock:sender"


class Failed(Exception):
    pass


@contextmanager
def step(number, title):
    print(f"\n {number}. {title}", flush=True)
    try:
        yield
    except Exception as wrong:
        print(f"    FAILED: {wrong}", flush=True)
        raise Failed from wrong
    print("    ok", flush=True)


def did(text):
    print(f"    did:   {text}", flush=True)


def saw(text):
    print(f"    seen:  {text}", flush=True)


def must(condition, what):
    if not condition:
        raise Failed(what)


def shares(ledger):
    """ "isp-a took 20, isp-b took 20" """
    took = ledger.by_host()
    return ", ".join(f"{host} took {took[host]}" for host in sorted(took))


class Story:
    def __init__(self, site):
        self.site = site
        self.weir = None

    def tell(self):
        self.spread()
        self.spoof()
        self.limit()
        self.kill()
        self.back()
        self.look()
        self.queue()

    def begin(self):
        site = self.site
        self.weir = site.start_weir(read("weir.conf"))
        version = run(["postconf", "-d", "-h", "mail_version"]).stdout.strip()
        saw(f"Postfix {version} takes mail with AUTH on {submission(site)}")
        for host, what in zip(site.hosts, ("", "", ", at a higher cost")):
            saw(f"smart host {host.name} on {host.nexthop}{what}")
        saw("weir-policyd and weir-milter, under --supervise")
        saw(f"to read: {site.place.dir}/weir.conf, postfix/main.cf, "
            "postfix/master.cf")

    def spread(self):
        with step(4, "two equal smart hosts share the mail of two users"):
            ledger = self.site.ledger()
            did("alice and bob, each logged in, sent 20 messages each")
            self.site.traffic(ledger, 40, clients=2).join()
            must(len(ledger.accepted) == 40, f"refused: {ledger.refused}")
            ledger.check()
            saw(f"40 accepted, 40 delivered, each once: {shares(ledger)}")
            must(ledger.by_host() == {"isp-a": 20, "isp-b": 20},
                 "that is not half each")

    def spoof(self):
        with step(5, "nobody sends as somebody else"):
            ledger = self.site.ledger()
            for what, sender, header_from in (
                ("as envelope sender", BOB, BOB),
                ("in the From header only", ALICE, BOB),
            ):
                with self.site.session() as session:
                    self.site.login(session, ALICE)
                    did(f"alice, logged in, used bob's address {what}")
                    reply = ledger.send(session, sender,
                                        header_from=header_from)
                    saw(reply)
                    must(reply.code == 550, "a 550 was expected")
            ledger.check()

    def limit(self):
        with step(6, "a user over his limit waits, the others do not"):
            ledger = self.site.ledger()
            did("carol, whose limit is 5 recipients an hour, sent 6 messages")
            self.site.traffic(ledger, 6, users=[CAROL], clients=1).join()
            must(len(ledger.accepted) == 5 and len(ledger.refused) == 1,
                 f"{len(ledger.accepted)} were accepted")
            (reply,) = ledger.refused.values()
            saw(f"5 accepted; the sixth: {reply}")
            must(reply.code == 451 and "try again in" in reply.text,
                 "a 451 that says how long to wait was expected")
            did("bob sent one meanwhile")
            self.site.traffic(ledger, 1, users=[BOB], clients=1).join()
            must(len(ledger.accepted) == 6, "bob was refused")
            ledger.check()
            saw("accepted and delivered")

    def kill(self):
        with step(7, "a smart host dies under traffic, nothing is lost"):
            ledger = self.site.ledger()
            events = self.weir.policyd.lines
            mark = events.mark()
            did("alice and bob sent 100 messages; after 50 isp-b was killed")
            traffic = self.site.traffic(ledger, 100)
            ledger.wait_booked(50)
            self.site.b.kill()
            traffic.join()
            must(len(ledger.accepted) == 100, f"refused: {ledger.refused}")
            ledger.check()
            saw(f"100 accepted, 100 delivered, each once: {shares(ledger)}")
            saw(event(events.wait("MarkedUnhealthy host=isp-b", mark)))
            after = self.site.ledger()
            did("they sent 20 more")
            self.site.traffic(after, 20).join()
            after.check()
            saw(shares(after))
            must(after.by_host() == {"isp-a": 20}, "not all by isp-a")

    def back(self):
        with step(8, "the host is back and has its share again"):
            events = self.weir.policyd.lines
            mark = events.mark()
            did("isp-b was started again; alice went on sending, for a host "
                "that failed in mid-message may be trusted after a message only")
            self.site.b.start()
            saw(event(self.send_until("MarkedHealthy host=isp-b", mark)))
            ledger = self.site.ledger()
            did("alice and bob sent 20 messages")
            self.site.traffic(ledger, 20).join()
            ledger.check()
            saw(shares(ledger))
            must(ledger.by_host() == {"isp-a": 10, "isp-b": 10},
                 "that is not half each")

    def send_until(self, pattern, mark):
        """One message after the other until the event is seen; its line."""
        ledger = self.site.ledger()
        for _ in range(60):
            self.site.traffic(ledger, 1, users=[ALICE], clients=1).join()
            try:
                line = self.weir.policyd.lines.wait(pattern, mark, timeout=0.5)
            except TimeoutError:
                continue
            ledger.check()
            return line
        raise Failed(f"{pattern} was not seen")

    def look(self):
        with step(9, "weirctl shows and explains"):
            self.show("hosts")
            self.show("explain", "--user", ALICE, "--sender", ALICE,
                      "--recipient", "someone@remote.example",
                      "--listener", "submission")
            self.show("explain", "--user", ALICE, "--sender", BOB,
                      check=False)

    def queue(self):
        with step(10, "mail in the queue follows the health of the hosts"):
            site, events = self.site, self.weir.policyd.lines
            did("main.cf: sender_dependent_default_transport_maps = " + MAP)
            site.postfix.set(sender_dependent_default_transport_maps=MAP)
            did('weir.conf: pin = "never", failovers = 0. Now each message '
                "has one way,")
            did("which Postfix asks for whenever it tries to deliver")
            self.configure(('pin = "always"', 'pin = "never"'),
                           ("failovers = 2", "failovers = 0"))
            ledger = site.ledger()
            did("every smart host said 450 to recipients; alice and bob sent "
                "4 messages")
            for host in site.hosts:
                host.misbehave("rcpt", "450 4.2.0 not now")
            mark = site.postfix.log.mark()
            site.traffic(ledger, 4, clients=2).join()
            site.postfix.log.wait("status=deferred", mark, count=4)
            saw("4 accepted, all in the queue")
            did("isp-a and isp-b were killed; standby takes mail again")
            mark = events.mark()
            site.a.kill()
            site.b.kill()
            site.hosts[2].behave()
            for name in ("isp-a", "isp-b"):
                events.wait(f"MarkedUnhealthy host={name}", mark)
            ledger.check()
            saw(f"4 delivered, each once, without a command: {shares(ledger)}")
            must(ledger.by_host() == {"standby": 4}, "not all by standby")
            mark = events.mark()
            self.restore()
            for name in ("isp-a", "isp-b"):
                self.send_until(f"MarkedHealthy host={name}", mark)
            self.show("events", "-n", "12")

    def restore(self):
        for host in self.site.hosts:
            host.behave()
            if not host.alive():
                host.start()
        self.configure()
        did("all of that was put back")

    def configure(self, *changes):
        """weir.conf, changed so, and read again by weir-policyd."""
        text = read("weir.conf")
        for old, new in changes:
            text = text.replace(old, new)
        self.weir.write(text)
        mark = self.weir.policyd.lines.mark()
        self.weir.policyd.signal(signal.SIGHUP)
        self.weir.policyd.lines.wait("event=Reloaded", mark)

    def show(self, *command, check=True):
        did("weirctl " + " ".join(command))
        print(textwrap.indent(self.weir.ctl(*command, check=check).stdout,
                              " " * 11), flush=True)


def event(line):
    return line[line.index("event="):]


def submission(site):
    return f"{site.postfix.address}:{site.postfix.ports['submission']}"


def perform(keep, stay):
    """The exit status. With keep, stay is called while all of it runs."""
    try:
        with Site("weir-quickstart-", names=("isp-a", "isp-b", "standby")) as site:
            story = Story(site)
            try:
                with step(3, "a private mail system"):
                    story.begin()
                story.tell()
            except Failed:
                for name, text in site.logs():
                    print(f"\n--- {name}, its last lines\n{text}")
                return 1
            print("\nAll of it happened.", flush=True)
            if keep:
                tell_how(site)
                stay()
        return 0
    except Failed:
        return 1


def tell_how(site):
    weirctl = os.path.join(os.environ["WEIR_BUILD"], "weirctl")
    stop = site.place.write(
        "#!/bin/sh\n"
        "# Its keeper ends Postfix, dovecot and the daemons, each by its\n"
        "# process id, and removes this directory.\n"
        f"kill {os.getpid()} || exit\n"
        f"while kill -0 {os.getpid()} 2>/dev/null; do sleep 0.1; done\n"
        "echo stopped\n",
        "stop", mode=0o755,
    )
    print(textwrap.dedent(f"""
        It is left running.
          look:  {weirctl} -c {site.place.path('weir.conf')} hosts
                 (or status, limits, events, explain ...)
                 tail -f {site.postfix.log_path}
          send:  swaks --server {submission(site)} --auth plain
                   --auth-user {ALICE} --auth-password {PASSWORDS[ALICE]}
                   --from {ALICE} --to someone@remote.example
          stop:  sh {stop}"""), flush=True)


def finish(*_):
    """TERM ends the story as Ctrl-C does: through every clean-up."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # once is enough
    raise KeyboardInterrupt


def keep_running(work):
    """
    The story in a child that stays behind, since it holds the smart hosts;
    this process ends when the story has been told.
    """
    told, tell = os.pipe()
    keeper = os.fork()
    if keeper == 0:
        os.close(told)

        def stay():
            os.write(tell, b"ok")
            os.close(tell)
            os.setsid()
            null = os.open(os.devnull, os.O_RDWR)
            for fd in range(3):
                os.dup2(null, fd)
            signal.pause()

        leave(work, lambda: perform(True, stay))
    os.close(tell)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the keeper cleans up
    signal.signal(signal.SIGTERM, lambda *_: os.kill(keeper, signal.SIGTERM))
    if os.read(told, 2) == b"ok":
        os._exit(0)
    os._exit(os.waitstatus_to_exitcode(os.waitpid(keeper, 0)[1]))


def leave(work, performance):
    status = 130
    try:
        status = performance()
    except KeyboardInterrupt:
        pass
    except Exception:
        status = 1
        traceback.print_exc()
    finally:
        shutil.rmtree(work, ignore_errors=True)
        sys.stdout.flush()
        os._exit(status)


def main():
    work, keep = sys.argv[1], "--keep" in sys.argv[2:]
    signal.signal(signal.SIGINT, finish)
    signal.signal(signal.SIGTERM, finish)
    if keep:
        keep_running(work)
    leave(work, lambda: perform(False, None))


if __name__ == "__main__":
    main()
