"""A whole mail system in one place, and all of it gone at the end."""
from contextlib import ExitStack

from .client import Session
from .dovecot import Dovecot
from .ledger import Ledger, Traffic, TryLater
from .place import Place
from .postfix import Postfix
from .smarthost import Inbox, Loop, SmartHost
from .weir import Weir

PASSWORDS = {
    "alice@example.com": "alice-secret",
    "bob@example.com": "bob-secret",
    "carol@example.com": "carol-secret",
}


USERS = ("alice@example.com", "bob@example.com")


class Site:
    """
    Postfix, dovecot and three smart hosts (a, b, c, whatever their names),
    running; local is where mail for local.example ends. A context manager.
    postfix: which kind of Postfix (postfix.Postfix, stock.StockPostfix).
    """

    def __init__(self, prefix="weir-", names=("a", "b", "c"),
                 test_services=False, postfix=Postfix):
        self._stack = ExitStack()
        self.weir = None
        try:
            self._start(prefix, names, test_services, postfix)
        except BaseException:
            self.close()
            raise

    def _start(self, prefix, names, test_services, postfix):
        self.place = Place(prefix)
        self._stack.callback(self.place.remove)
        self.inbox = Inbox()
        self.loop = loop = Loop()
        self._stack.callback(loop.close)
        self.a, self.b, self.c, self.local = (
            SmartHost(loop, name, self.place.address(n), self.inbox)
            for n, name in enumerate((*names, "local"), start=11)
        )
        self.hosts = [self.a, self.b, self.c]
        for host in self.hosts + [self.local]:
            self._stack.callback(host.kill)
        self.postfix = postfix(
            self.place,
            self.place.address(1),
            f"relay:{self.a.nexthop}, {self.b.nexthop}",
            f"{self.local.address}:{self.local.port}",
            test_services,
        )
        self.dovecot = Dovecot(self.place, PASSWORDS)
        self._stack.callback(self.dovecot.stop)
        self.dovecot.start()
        self._stack.callback(self.postfix.stop)
        self.postfix.start()
        self._stack.callback(self.stop_weir)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self._stack.close()

    def session(self, service="submission", **how):
        return Session(
            self.postfix.address, self.postfix.ports[service], **how
        )

    def ledger(self):
        return Ledger(self.inbox)

    def traffic(self, ledger, count, users=USERS, service="submission", **how):
        """Parallel clients, each logged in as one of users (see Traffic)."""
        return Traffic(
            ledger,
            self.postfix.address,
            self.postfix.ports[service],
            lambda session, n: self.login(session, users[n % len(users)]),
            count,
            **how,
        )

    def logs(self):
        """(name, last lines) of everything that runs here."""
        weir = self.weir.logs() if self.weir else []
        return [("maillog", self.postfix.log.tail()), *weir]

    def start_weir(self, text, env=None):
        """Both daemons with this weir.conf (see weir.Weir)."""
        self.weir = Weir(self, text, env)
        self.weir.start()
        return self.weir

    def stop_weir(self):
        if self.weir:
            weir, self.weir = self.weir, None
            weir.stop()

    def login(self, session, user):
        reply = session.login(user, PASSWORDS[user])
        if reply.code == 454:
            raise TryLater(reply)
        assert reply.code == 235, reply
        return user
