"""
Where a private mail system lives: one directory, and loopback addresses that
nobody else has.

Linux answers on all of 127.0.0.0/8, so each system takes a /24 of its own. It
is claimed by holding a bound socket on its last address for as long as the
system lives; two systems started at the same instant cannot get the same one,
and ports on it cannot be taken by anyone else's.
"""
import os
import random
import shutil
import socket
import tempfile

CLAIM_PORT = 7  # echo: nobody binds it on such an address


class Place:
    def __init__(self, prefix="weir-"):
        self._claim, self._net = _claim_network()
        self.dir = tempfile.mkdtemp(prefix=prefix)
        # the daemons and Postfix run as users of their own
        os.chmod(self.dir, 0o755)

    def address(self, host):
        return f"{self._net}.{host}"

    def path(self, *names):
        return os.path.join(self.dir, *names)

    def mkdir(self, *names, mode=0o755, user=None, group=None):
        path = self.path(*names)
        os.makedirs(path, exist_ok=True)
        if user or group:
            shutil.chown(path, user, group)
        os.chmod(path, mode)  # after chown, which clears the setgid bit
        return path

    def write(self, text, *names, mode=0o644):
        path = self.path(*names)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(path, mode)
        return path

    def remove(self):
        shutil.rmtree(self.dir, ignore_errors=True)
        self._claim.close()


def free_port(address):
    with socket.socket() as sock:
        sock.bind((address, 0))
        return sock.getsockname()[1]


def _claim_network():
    for _ in range(1000):
        net = f"127.{random.randint(16, 250)}.{random.randint(1, 250)}"
        sock = socket.socket()
        try:
            sock.bind((f"{net}.254", CLAIM_PORT))
            return sock, net
        except OSError:
            sock.close()
    raise RuntimeError("no loopback network is free")
