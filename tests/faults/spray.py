"""
Sends so many frames of garbage to a policy or milter socket: whole ones with
nonsense in them, cut ones, and bytes without any form.

    python3 spray.py policy|milter SOCKET FRAMES SEED
"""
import contextlib
import random
import socket
import struct
import sys

AT_ONCE = 200  # frames to a connection
NAMES = (b"request", b"protocol_state", b"instance", b"queue_id", b"sender",
         b"recipient", b"recipient_count", b"client_address", b"client_port",
         b"sasl_username", b"size", b"x")
VALUES = (b"", b"smtpd_access_policy", b"DATA", b"RCPT", b"-1", b"1e99",
          b"999999999999999999999", b"::1", b"127.0.0.1", b"a@b", b"<>",
          b"%s%n", b"x" * 600)
COMMANDS = b"ABCDEHKLMNOQRTU"


def policy_frame(dice):
    kind = dice.randrange(10)
    if kind == 0:
        return dice.randbytes(dice.randrange(1, 64)) + b"\n\n"
    lines = [b"request=smtpd_access_policy"] if kind > 1 else []
    for _ in range(dice.randrange(1, 8)):
        value = (dice.choice(VALUES) if dice.randrange(3)
                 else dice.randbytes(dice.randrange(12)))
        lines.append(dice.choice(NAMES) + b"=" + value)
    return b"\n".join(lines) + b"\n\n"


def milter_frame(dice):
    data = dice.randbytes(dice.randrange(40))
    if dice.randrange(4) == 0:
        data = b"<a@example.com>\0" * dice.randrange(1, 4)
    length = len(data) + 1
    if dice.randrange(200) == 0:
        length = dice.randrange(1 << 32)
    command = (dice.choice(COMMANDS) if dice.randrange(20)
               else dice.randrange(256))
    return struct.pack("!IB", length, command) + data


GREETING = {"policy": b"", "milter": struct.pack(
    "!IBIII", 13, ord("O"), 6, 0x1FF, 0x1FFFFF)}
FRAME = {"policy": policy_frame, "milter": milter_frame}


def send(protocol, path, frames):
    """Until they are sent or the other side has had enough."""
    with socket.socket(socket.AF_UNIX) as sock:
        sock.settimeout(60)
        sock.connect(path)
        with contextlib.suppress(ConnectionError):
            sock.sendall(GREETING[protocol] + b"".join(frames))
            sock.shutdown(socket.SHUT_WR)
            while sock.recv(65536):
                pass


def main():
    protocol, path, count, seed = sys.argv[1:]
    dice = random.Random(int(seed))
    for _ in range(0, int(count), AT_ONCE):
        send(protocol, path,
             [FRAME[protocol](dice) for _ in range(AT_ONCE)])


if __name__ == "__main__":
    main()
