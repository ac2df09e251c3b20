"""
HAProxy in front of a Postfix service, by version 1 and 2 of the PROXY protocol:
a process and a configuration of our own.
"""
import socket
import time

from .lines import PATIENCE
from .place import free_port
from .process import Process
from .template import fill

VERSIONS = {"v1": "send-proxy", "v2": "send-proxy-v2"}


class Haproxy:
    """A context manager; ports: version of the protocol -> port."""

    def __init__(self, place, address, service_port):
        self._address = address
        self.ports = {version: free_port(address) for version in VERSIONS}
        conf = "".join(
            fill(
                "haproxy.listen",
                NAME=version,
                ADDRESS=address,
                PORT=self.ports[version],
                SERVICE=service_port,
                HOW=how,
            )
            for version, how in VERSIONS.items()
        )
        self._conf = place.write(
            fill("haproxy.cfg") + conf, "haproxy", "haproxy.cfg"
        )
        self._log = place.path("log", "haproxy.log")

    def __enter__(self):
        self._process = Process(
            "haproxy", ["haproxy", "-db", "-f", self._conf], self._log
        )
        for port in self.ports.values():
            self._await(port)
        return self

    def __exit__(self, *_):
        # it takes TERM for a wish to go on with what is open
        self._process.kill()

    def _await(self, port):
        """It does not say when it listens."""
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                socket.create_connection((self._address, port)).close()
                return
            except ConnectionRefusedError:
                assert time.monotonic() < deadline, self._process.lines.tail()
                time.sleep(0.02)
