"""
Everything at once for half an hour, through a real Postfix: mail of all kinds
with reloads, drains, failing smart hosts and name servers, looks and garbage.
What both daemons take must stay flat, and each message be accounted for.

    make soak SOAK_MINUTES=30      (as root, in a build without sanitizers)

    WEIR_BUILD      the build whose daemons are tried
    SOAK_MINUTES    how long, 30; a sixth of it is to warm up
    SOAK_SEED       of what happens; told in the report
    SOAK_CSV        where each second's samples go, soak.csv

Between the warm-up and the rest, and at the end, everybody stops for a moment:
what is open then is compared. Exit status 0: flat, and nothing lost.
"""
import logging
import os
import random
import signal
import sys
import time
from contextlib import ExitStack, suppress

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "integration"),
                os.path.join(HERE, "..", "faults")]

from harness.asker import Asker  # noqa: E402
from harness.certificates import Certificates  # noqa: E402
from harness.deaths import context  # noqa: E402
from harness.nameserver import of_postfix  # noqa: E402
from harness.place import free_port  # noqa: E402
from harness.process import Process  # noqa: E402
from harness.site import Site  # noqa: E402
from harness.weir import config_text, program  # noqa: E402

import flat  # noqa: E402
import spray  # noqa: E402
from table import what_was_told  # noqa: E402
from traffic import LIMIT, Traffic  # noqa: E402
from trouble import Trouble  # noqa: E402
from watch import Watch  # noqa: E402

MINUTES = float(os.environ.get("SOAK_MINUTES", "30"))
SEED = os.environ.get("SOAK_SEED") or str(random.randrange(1 << 32))
CSV = os.environ.get("SOAK_CSV", "soak.csv")

NAME = "a.relays.example"
KEYS = 2000  # state.max_keys
DECISIONS = 40000  # twice as many as are kept (common/core/past.h)
SHOWN = 20  # of what is wrong
SETTLES = 180.0  # Postfix closes what it keeps open within that
MAP = "socketmap:unix:weir/map.sock:"

OWNERS = "alice@example.com  alice@example.com, @sales.example\n"
# of what the daemons say; the rest is what they were told to do
NEWS = "warning:|error:|event=(State|Marked|Flapping|Started|Stopped)"
THROTTLES = f"""
  {{ name = "carols"; what = "messages"; by = "user"; users = "carol*";
     limit = "{LIMIT}/h"; }},
  {{ name = "recipients"; what = "recipients"; by = [ "user", "client" ];
     limit = [ "1000000/h", "10000000/d" ]; }},
  {{ name = "bytes"; what = "bytes"; by = "sender-domain"; limit = "1T/h"; }},
  {{ name = "networks"; what = "clients"; by = "user"; limit = "3/h";
     action = "observe"; }},
  {{ name = "connections"; what = "connections"; by = "client";
     limit = "100000/m"; }},
  {{ name = "domains"; what = "recipients"; by = "recipient-domain";
     limit = "10/m"; action = "observe"; }}"""


def configurations(certificates, names, http, owners):
    """The texts that are loaded in turn; the last one has a mistake."""
    common = {
        "http": '{ listen = "inet:%s:%d"; }' % http,
        "listeners": """(
          { name = "submission"; daemons = "submission"; require_user = true; },
          { name = "relay"; daemons = "relay"; },
          { name = "default"; } )""",
        "identities": f"""{{ realm = "example.com";
          unlisted = "own-address"; recipient_delimiter = "+";
          tables = [ "file:{owners}" ]; }}""",
    }
    health = f"""{{ ladder = "1s*4 2s"; heartbeat = "1s"; timeout = "2s";
      probe = "%s"; ca_file = "{certificates.ca}";
      name_servers = [ "{names.address}" ]; }}"""
    hosts = f"""( {{ name = "a"; nexthop = "[{NAME}]:@PORT@"; }},
      {{ name = "b"; nexthop = "@B@"; probe = "%s"; }},
      {{ name = "c"; nexthop = "@C@"; }} )"""
    connectors = """( { name = "outbound"; transport = "relay";
      failovers = 2; balance = "%s"; members = ( { host = "a"; },
      { host = "b"; weight = %d; }, { host = "c"; cost = %d; } ); } )"""
    one = {**common, "health": health % "ehlo", "throttles": f"({THROTTLES})",
           "smart_hosts": hosts % "starttls",
           "connectors": connectors % ("round-robin", 1, 10)}
    two = {**one, "connectors": connectors % ("affinity", 5, 20),
           "smart_hosts": hosts % "ehlo", "throttles": f"""({THROTTLES},
             {{ name = "more"; what = "messages"; by = "sender";
                limit = "1000000/d"; }} )"""}
    return [config_text(**one), config_text(**two),
            config_text(**{**one, "profile": '"middle"'})]


class Soak:
    def __init__(self, site):
        self.site = site
        self._stack = ExitStack()
        self._stack.callback(site.stop_weir)
        self.names = of_postfix(site.place)
        self._stack.callback(self.names.close)
        self.names.names[NAME] = site.a.address
        certificates = Certificates(site.place)
        site.b.good = site.b.tls = context(certificates, site.b)
        site.b.expired = context(certificates, site.b, days=-5)
        self.set_postfix_up()
        address = site.place.address(99)
        http = (address, free_port(address))
        owners = site.place.write(OWNERS, "owners")
        texts = [
            text.replace("@PORT@", str(site.a.port)).replace(
                "state: {", f"state: {{ max_keys = {KEYS};")
            for text in configurations(certificates, self.names, http, owners)]
        self.weir = site.start_weir(texts[0])
        self.lines = self.weir.policyd.lines, self.weir.milter.lines
        self.follower = Process(
            "events -f",
            [program("weirctl"), "-c", self.weir.conf, "events", "-f"],
            os.devnull, env=site.postfix.env)
        self._stack.callback(self.follower.stop)
        self.watch = Watch(self.pids(), CSV)
        self._stack.callback(self.watch.stop)
        self.traffic = Traffic(site, SEED)
        self._stack.callback(self.traffic.stop)
        self.trouble = Trouble(site, self.names, texts, http, owners, SEED)
        self._stack.callback(self.trouble.stop)

    def set_postfix_up(self):
        """It closes soon what it does not need, and asks the socketmap."""
        self.site.postfix.set(
            max_idle="5s", smtp_helo_timeout="2s",
            sender_dependent_default_transport_maps=MAP + "sender",
            transport_maps=MAP + "recipient")

    def fill(self):
        """What keeps so many has them, then no more: decisions and counters."""
        dice = random.Random(SEED)
        while self.keys() < KEYS:
            spray.send("milter", self.weir.milter_socket, dice)
        with Asker(self.weir.policy_socket, "alice@example.com") as asker:
            for _ in range(DECISIONS):
                asker.first()

    def keys(self):
        return self.weir.ask("status")["state"]["keys"]

    def pids(self):
        return {"weir-policyd": self.weir.policyd.worker,
                "weir-milter": self.weir.milter.worker,
                "parent of weir-policyd": self.weir.policyd.supervisor,
                "parent of weir-milter": self.weir.milter.supervisor,
                "weirctl events -f": self.follower.pid}

    @property
    def said(self):
        return [x for lines in self.lines for x in lines.find(NEWS)]

    def close(self):
        self._stack.close()

    def run(self, seconds):
        """All of it for so long; then a quiet moment, and what is open."""
        began = self.watch.now()
        self.trouble.start()
        self.traffic.go_on()
        while self.watch.now() < began + seconds and not self.trouble.failed:
            time.sleep(1)
        self.trouble.stop()
        self.traffic.pause()
        return self.quiet()

    def quiet(self):
        """Everything that was accepted has arrived, and nobody asks."""
        self.weir.write(self.trouble.configurations[0])
        self.weir.ctl("reload")
        for ledger in self.traffic.ledgers:
            with suppress(TimeoutError):  # counted at the end
                ledger.wait_delivered(SETTLES)
        began, deadline = self.watch.now(), self.watch.now() + SETTLES
        while not self.watch.settled(began):
            assert self.watch.now() < deadline, "does not come to rest"
            time.sleep(1)
        return self.watch.level()

    def account(self):
        """What is wrong with the mail, in words."""
        traffic = self.traffic
        for name in ("honest", "spoofed", "limited", "broken"):
            ledger = getattr(traffic, name)
            for what in ("lost", "doubled", "refused_and_delivered"):
                for which in getattr(ledger, what)():
                    yield f"{name} mail, {what}: {which}"
        if traffic.spoofed.accepted:
            yield f"spoofed mail was taken: {traffic.spoofed.accepted}"
        for number, reply in traffic.honest.refused.items():
            if reply.code >= 500 or "limit" in reply.text:
                yield f"honest mail {number} was refused: {reply}"
        for bounce in traffic.honest.bounces():
            yield f"a bounce: {bounce.content.decode()}"
        yield from self.limits()

    def limits(self):
        taken = len(self.traffic.limited.accepted)
        held = sum("limit carols" in reply.text
                   for reply in self.traffic.limited.refused.values())
        if taken > LIMIT or held and taken < LIMIT:
            yield f"limit of {LIMIT}: {taken} taken, {held} held"

    def not_tried(self):
        for what, times in {**self.traffic.told,
                            **self.trouble.happened}.items():
            if times == 0:
                yield f"{what} never happened"


def tell(text):
    print(text, flush=True)


def report(soak, rows):
    tell(f"{MINUTES:g} minutes, SOAK_SEED={SEED}; samples in {CSV}\n")
    traffic = soak.traffic
    told = {"accepted": sum(len(x.accepted) for x in traffic.ledgers),
            "refused": sum(len(x.refused) for x in traffic.ledgers),
            "in doubt": sum(len(x.in_doubt) for x in traffic.ledgers),
            **traffic.told, **soak.trouble.happened}
    tell(", ".join(f"{times} {what}" for what, times in told.items()) + "\n")
    tell("The daemons said: " + what_was_told(soak.said) + "\n")
    tell(flat.render(rows))


def main():
    # of TLS that smart hosts break off
    logging.getLogger("asyncio").setLevel(logging.ERROR)
    # TERM ends it as Ctrl-C does, so that everything is stopped
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    with Site("weir-soak-", test_services=True) as site:
        soak = Soak(site)
        try:
            soak.fill()
            before = soak.run(MINUTES * 60 / 6)
            after = soak.run(MINUTES * 60 * 5 / 6)
            pids = soak.pids()
        except BaseException:
            for name, text in site.logs():
                tell(f"--- {name}\n{text}")
            raise
        finally:
            soak.close()
        assert pids == soak.watch.pids, "a worker was started again"
        rows = [flat.judge(name, samples, before[name], after[name])
                for name, samples in soak.watch.samples.items()]
        report(soak, rows)
        wrong = [*soak.account(), *soak.not_tried(),
                 *(f"{row.process} {what}" for row in rows
                   for what in row.complaints())]
        for what in wrong[:SHOWN]:
            tell(f"WRONG: {what}")
        tell(f"{len(wrong)} things are wrong" if wrong else
             "flat, and nothing lost")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
