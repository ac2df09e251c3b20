"""
A name server that knows what a test tells it, on a loopback address of its
own: A records, and that there is no such name. Port 53, since resolv.conf has
no place for another.
"""
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
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((address, 53))
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self):
        # an empty packet to itself ends the thread
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
            last.sendto(b"", (self.address, 53))

    def _serve(self):
        with self._socket:
            while True:
                packet, client = self._socket.recvfrom(512)
                if not packet:
                    return
                self._socket.sendto(self._answer(packet), client)

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


def _name_at(packet, at):
    labels = []
    while packet[at]:
        labels.append(packet[at + 1 : at + 1 + packet[at]].decode())
        at += 1 + packet[at]
    return ".".join(labels).lower(), at + 1
