"""
Sends so many frames to a policy or milter socket that have the right form and
nonsense in them, so that each is taken apart; one connection in fifty is
without form somewhere, and may be closed for it. Prints how many frames were
answered for, of how many.

    python3 spray.py policy|milter SOCKET FRAMES SEED
"""
import contextlib
import random
import socket
import struct
import sys

AT_ONCE = 200  # frames to a connection
TOGETHER = 20  # of policy, before answers are read
WILD = 50  # one connection in so many

# --- what stands in them ---

WORDS = (b"", b"DATA", b"RCPT", b"END-OF-MESSAGE", b"unknown", b"-1", b"0",
         b"65536", b"999999999999999999999", b"::1", b"127.0.0.1",
         b"[IPv6:2001:db8::1]", b"<>", b"<\"\">", b"a@b", b"bob@example.com",
         b"alice@example.com", b"@remote.example", b"a@[127.0.0.1]",
         b"a@b@c", b"\"a b\"@example.com", b"%s%n", b"$(reboot)",
         b"x" * 320, b"y@" + b"z" * 300, "ü@bücher.example".encode())


def value(dice, forbidden=b"\0\n"):
    """Something that might stand there, or something that never would."""
    how = dice.randrange(4)
    if how == 0:
        return dice.randbytes(dice.randrange(40)).translate(None, forbidden)
    word = dice.choice(WORDS)
    if how == 1 and word:
        at = dice.randrange(len(word))
        other = bytes([dice.randrange(256)]).translate(None, forbidden)
        return word[:at] + other + word[at + 1:]
    return word


# --- policy: each request gets one answer ---

NAMES = (b"protocol_state", b"protocol_name", b"client_address",
         b"client_port", b"server_port", b"sender", b"recipient",
         b"sasl_username", b"sasl_method", b"size", b"helo_name", b"x")


def policy_frame(dice):
    lines = [b"request=smtpd_access_policy",
             b"instance=%x.%d" % (dice.getrandbits(32), dice.randrange(9)),
             b"queue_id=%X" % dice.getrandbits(44),
             b"recipient_count=%d" % dice.choice((0, 1, 2, 4294967295))]
    lines += [name + b"=" + value(dice)
              for name in dice.choices(NAMES, k=dice.randrange(1, 12))]
    if dice.randrange(2):
        lines.append(b"protocol_state=DATA")
    dice.shuffle(lines)
    return b"\n".join(lines) + b"\n\n"


def policy_nonsense(dice):
    return dice.choice((
        dice.randbytes(dice.randrange(1, 64)) + b"\n\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"request=smtpd_access_policy\nrecipient_count=1e99\n\n",
        b"request=smtpd_access_policy\nqueue_id=" + b"Q" * 400 + b"\n\n",
        b"sender=a@b\n\n"))


class Policy:
    def __init__(self, dice, sock, stream):
        self._dice, self._sock, self._stream = dice, sock, stream

    def exchange(self, room):
        """Sends some frames, at most so many, and reads all their answers."""
        count = min(TOGETHER, room)
        self._sock.sendall(b"".join(policy_frame(self._dice)
                                    for _ in range(count)))
        for _ in range(count):
            line = self._stream.readline()
            if not line.startswith(b"action=") or \
                    self._stream.readline() != b"\n":
                raise ConnectionError(line)
        return count

    def nonsense(self):
        return policy_nonsense(self._dice)


# --- milter: one session after the other, in the order Postfix has it ---

VERSION, ACTIONS, STEPS = 6, 0x1FF, 0x1FFFFF
FINAL = b"acdrtyfs"  # other packets come before the answer
# the step that says "no answer to this" (libmilter/mfdef.h, SMFIP_NR_...)
SILENT = {b"C": 0x1000, b"H": 0x2000, b"M": 0x4000, b"R": 0x8000,
          b"T": 0x10000, b"N": 0x40000, b"L": 0x80, b"B": 0x80000}
# and the one that says "do not send this"
UNWANTED = {b"C": 0x1, b"H": 0x2, b"M": 0x4, b"R": 0x8, b"B": 0x10,
            b"L": 0x20, b"N": 0x40, b"T": 0x200}
HEADERS = (b"From", b"FROM", b"Sender", b"Resent-From", b"To", b"Subject",
           b"Weir-Identity", b"X", b"Received")


def packet(command, data=b""):
    return struct.pack("!I", len(data) + 1) + command + data


class Milter:
    def __init__(self, dice, sock, stream):
        self._dice, self._sock, self._stream = dice, sock, stream
        self._sock.sendall(packet(
            b"O", struct.pack("!III", VERSION, ACTIONS, STEPS)))
        self._steps = struct.unpack("!III", self._packet()[1][:12])[2]
        self._frames = self._session()
        self._next = next(self._frames)

    def exchange(self, _):
        """The same, one by one: what comes next depends on the answer."""
        command, data = self._next
        answer = b"c"
        if not self._steps & UNWANTED.get(command, 0):
            self._sock.sendall(packet(command, data))
            if command not in b"DA" and not self._steps & SILENT.get(
                    command, 0):
                answer = self._answer()
        self._next = self._frames.send(answer in b"cs")
        return 1

    def _answer(self):
        command, _ = self._packet()
        return command if command in FINAL else self._answer()

    def _packet(self):
        head = self._stream.read(4)
        data = self._stream.read(struct.unpack("!I", head)[0]) if len(
            head) == 4 else b""
        if not data:
            raise ConnectionError("closed")
        return data[:1], data[1:]

    def nonsense(self):
        dice = self._dice
        data = dice.randbytes(dice.randrange(40))
        length = dice.choice((len(data) + 1, 0, dice.randrange(1 << 32)))
        return struct.pack("!IB", length, dice.randrange(256)) + data

    def _text(self):
        return value(self._dice, b"\0") + b"\0"

    def _macros(self, command, *names):
        pairs = b"".join(
            name + b"\0" + self._text() for name in names
            if self._dice.randrange(3))
        return b"D", command + pairs

    def _session(self):
        dice = self._dice
        yield self._macros(b"C", b"j", b"{daemon_name}", b"{daemon_port}")
        yield b"C", self._text() + b"4" + struct.pack(
            "!H", dice.randrange(1, 1 << 16)) + b"127.0.0.1\0"
        yield b"H", self._text()
        while True:
            yield from self._message()
            yield b"A", b""

    def _message(self):
        """Up to its end, or to where it is refused."""
        dice = self._dice
        yield self._macros(b"M", b"i", b"{auth_authen}", b"{mail_addr}")
        if not (yield b"M", self._text() + b"SIZE=" + self._text()):
            return
        for _ in range(dice.randrange(1, 4)):
            yield self._macros(b"R", b"i", b"{rcpt_addr}", b"{rcpt_mailer}",
                               b"{rcpt_host}")
            yield b"R", self._text()
        if dice.randrange(4) == 0 or not (yield b"T", b""):
            return
        for _ in range(dice.randrange(6)):
            yield b"L", dice.choice(HEADERS) + b"\0" + self._text()
        if not (yield b"N", b""):
            return
        yield b"B", dice.randbytes(dice.randrange(100))
        yield self._macros(b"E", b"i")
        yield b"E", b""


# --- sending ---

KINDS = {"policy": Policy, "milter": Milter}


def send(protocol, path, dice, frames=AT_ONCE):
    """
    One connection with so many frames; of how many it is known that they were
    taken apart: they, or some after them, were answered.
    """
    known = 0
    wild = dice.randrange(frames) if dice.randrange(WILD) == 0 else frames
    with socket.socket(socket.AF_UNIX) as sock:
        sock.settimeout(60)
        sock.connect(path)
        with sock.makefile("rb") as stream, contextlib.suppress(
                ConnectionError):
            kind = KINDS[protocol](dice, sock, stream)
            while known < wild:
                known += kind.exchange(wild - known)
            if wild < frames:
                sock.sendall(kind.nonsense())
                sock.shutdown(socket.SHUT_WR)
                while stream.read(65536):
                    pass
    return known


def main():
    protocol, path, count, seed = sys.argv[1:]
    dice = random.Random(int(seed))
    known = sum(send(protocol, path, dice)
                for _ in range(0, int(count), AT_ONCE))
    print(f"{known} of {count} frames were answered for", flush=True)


if __name__ == "__main__":
    main()
