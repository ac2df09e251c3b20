"""
A name server that knows what a test tells it, on a loopback address of its
own: A records, and that there is no such name; or that misbehaves as it is
told to. Port 53, since resolv.conf has no place for another.
"""
import contextlib
import os
import socket
import struct
import threading

A, TTL = 1, 1
NXDOMAIN = 3


class NameServer:
    def __init__(self, address):
        self.address = address
        self.names = {}  # name -> IPv4 address; what is not here is nowhere
        self.asked = []  # (name, type), in order
        self.mute = False
        self.slow = 0  # seconds before each answer
        self.garbage = False
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((address, 53))
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self):
        # an empty packet to itself ends the thread
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
            last.sendto(b"", (self.address, 53))
        self._thread.join()

    def _serve(self):
        with self._socket:
            while True:
                packet, client = self._socket.recvfrom(512)
                if not packet:
                    return
                threading.Timer(
                    self.slow, self._reply, (packet, client)).start()

    def _reply(self, packet, client):
        answer = self._answer(packet)
        if self.garbage:
            answer = packet[:2] + os.urandom(len(answer))
        if not self.mute:
            with contextlib.suppress(OSError):  # closed meanwhile
                self._socket.sendto(answer, client)

    def _answer(self, packet):
        name, end = _name_at(packet, 12)
        kind = struct.unpack_from("!H", packet, end)[0]
        self.asked.append((name, kind))
        address = self.names.get(name)
        found = kind == A and address is not None
        head = packet[:2] + struct.pack(
            "!HHHHH", 0x8180 | (0 if address else NXDOMAIN), 1, found, 0, 0
        )
        record = b"\xc0\x0c" + struct.pack("!HHIH", A, 1, TTL, 4)
        return head + packet[12 : end + 4] + (
            record + socket.inet_aton(address) if found else b""
        )


def of_postfix(place):
    """A name server that the chrooted smtp(8) asks, and whoever else will."""
    server = NameServer(place.address(53))
    place.write(
        f"nameserver {server.address}\noptions timeout:1 attempts:2\n",
        "spool", "etc", "resolv.conf",
    )
    place.write("hosts: files dns\n", "spool", "etc", "nsswitch.conf")
    place.write("", "spool", "etc", "hosts")
    return server


def _name_at(packet, at):
    labels = []
    while packet[at]:
        labels.append(packet[at + 1 : at + 1 + packet[at]].decode())
        at += 1 + packet[at]
    return ".".join(labels).lower(), at + 1
