"""Real AUTH: dovecot as Postfix's SASL server, with a password file."""
import os

from .process import Process
from .template import fill


class Dovecot:
    def __init__(self, place, passwords):
        """passwords: login -> password."""
        self.place = place
        self._process = None
        place.mkdir("dovecot", "run")
        place.mkdir("dovecot", "state")
        place.mkdir("spool", "private", mode=0o700, user="postfix")
        place.write(
            "".join(f"{u}:{{plain}}{p}\n" for u, p in passwords.items()),
            "dovecot", "users",
        )
        self._conf = place.write(
            fill("dovecot.conf", DIR=place.dir), "dovecot", "dovecot.conf"
        )

    def start(self):
        self._process = Process(
            "dovecot",
            ["dovecot", "-F", "-c", self._conf],
            self.place.path("log", "dovecot.stderr"),
        )
        self._process.lines.wait(r"starting up")
        assert os.path.exists(self.place.path("spool", "private", "auth"))

    def stop(self):
        if self._process:
            self._process.stop()
            self._process = None
