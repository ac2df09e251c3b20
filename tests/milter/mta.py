"""The server's side of the milter protocol, as Postfix speaks it, for what
miltertest cannot show: reply texts, wrong orders, many sessions at once."""

import socket
import struct

ACTIONS = 0x1FF
STEPS = 0x1FFFFF
PATIENCE = 60  # longer than any machine takes to answer


class Reply(tuple):
    """(command, text): ("c", "") go on, ("y", "550 5.7.1 ...") a reply."""

    @property
    def code(self):
        return self[1][:3] if self[0] == "y" else self[0]

    @property
    def text(self):
        return self[1]


CONTINUE = ("c", "")


class Mta:
    def __init__(self, path, steps=STEPS, negotiate=True):
        family = socket.AF_UNIX if isinstance(path, str) else socket.AF_INET
        self.sock = socket.socket(family)
        self.sock.settimeout(PATIENCE)
        self.sock.connect(path)
        self.changes = []
        self.steps = 0
        if negotiate:
            self.send("O", struct.pack(">III", 6, ACTIONS, steps))
            reply = self.frame()
            assert reply[:1] == b"O", reply
            _, self.actions, self.steps = struct.unpack(">III", reply[1:13])

    def send(self, command, data=b""):
        self.sock.sendall(struct.pack(">I", len(data) + 1) +
                          command.encode() + data)

    def frame(self):
        head = self._bytes(4)
        return self._bytes(struct.unpack(">I", head)[0])

    def _bytes(self, n):
        data = b""
        while len(data) < n:
            more = self.sock.recv(n - len(data))
            if not more:
                raise EOFError("the milter closed")
            data += more
        return data

    def reply(self):
        """The reply; changes to the message before it go to self.changes."""
        while True:
            frame = self.frame()
            command = frame[:1].decode()
            if command in "mhiq+-be":
                self.changes.append((command, frame[1:]))
                continue
            return Reply((command,
                          frame[1:].rstrip(b"\0").decode()))

    def macros(self, event, values):
        data = event.encode()
        for name, value in values.items():
            data += name.encode() + b"\0" + value.encode() + b"\0"
        self.send("D", data)

    def connect(self, client="203.0.113.5", port=40000, daemon="submission"):
        self.macros("C", {"j": "mx.example.com", "{daemon_name}": daemon})
        family = b"6" if ":" in client else b"4"
        if family == b"6":
            client = "IPv6:" + client
        self.send("C", b"client.example\0" + family +
                  struct.pack(">H", port) + client.encode() + b"\0")
        return self.reply()

    def mail(self, sender, login=None, **macros):
        values = {"{mail_addr}": sender.strip("<>").lower()}
        if login is not None:
            values["{auth_authen}"] = login
        values.update(macros)
        self.macros("M", values)
        self.send("M", f"<{sender}>".encode() + b"\0")
        return self.reply()

    def rcpt(self, recipient="x@example.org", queue_id=None, mailer="smtp",
             host="example.org"):
        values = {"{rcpt_addr}": recipient, "{rcpt_mailer}": mailer,
                  "{rcpt_host}": host}
        if queue_id:
            values = {"i": queue_id, **values}
        self.macros("R", values)
        self.send("R", f"<{recipient}>".encode() + b"\0")
        return self.reply()

    def header(self, name, value):
        self.send("L", name.encode() + b"\0" + value.encode() + b"\0")

    def end(self, queue_id="4jY54H2Vzjz1c6Kn"):
        """End of headers and of the message; the reply to it."""
        self.changes = []
        self.macros("N", {"i": queue_id})
        self.send("N")
        self.macros("E", {"i": queue_id})
        self.send("E")
        return self.reply()

    def message(self, *headers):
        for name, value in headers:
            self.header(name, value)
        return self.end()

    def abort(self):
        self.send("A")

    def quit(self):
        self.send("Q")
        self.sock.close()

    def leave(self):
        """Quits; returns when the milter has closed the session."""
        self.send("Q")
        assert self.sock.recv(1) == b""
        self.close()

    def close(self):
        self.sock.close()


def session(path, **how):
    mta = Mta(path)
    assert mta.connect(**how) == CONTINUE
    return mta
