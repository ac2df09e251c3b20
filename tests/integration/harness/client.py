"""
SMTP as the tests' mail clients speak it, and messages that carry a number.
"""
import base64
import itertools
import smtplib
import ssl
from dataclasses import dataclass

from .lines import PATIENCE

_numbers = itertools.count(1)

RECIPIENT = "someone@remote.example"


@dataclass(frozen=True)
class Reply:
    code: int
    text: str

    def __str__(self):
        return f"{self.code} {self.text}"


@dataclass(frozen=True)
class Message:
    number: int
    text: str


def numbered_message(sender, header_from=None, extra="", size=200):
    """
    A message with a number of its own. header_from: the From value, or a list
    of them for as many headers (none for []); the sender's when not given.
    """
    number = next(_numbers)
    if header_from is None:
        header_from = [sender]
    elif isinstance(header_from, str):
        header_from = [header_from]
    headers = "".join(f"From: {value}\r\n" for value in header_from)
    return Message(
        number,
        f"{headers}To: {RECIPIENT}\r\nSubject: message {number}\r\n"
        f"X-Number: {number}\r\n{extra}\r\n" + "x" * size + "\r\n",
    )


class Session:
    """
    One SMTP connection. Its commands return the server's Reply, refusals
    too; only a lost connection raises (smtplib.SMTPServerDisconnected).
    """

    def __init__(self, address, port, timeout=PATIENCE, source=None):
        """source: the address to come from."""
        self._smtp = smtplib.SMTP(timeout=timeout)
        self.banner = _reply(self._smtp.connect(
            address, port, source_address=source and (source, 0)
        ))

    def __enter__(self):
        self.ehlo()
        return self

    def __exit__(self, *_):
        self.close()

    def command(self, line):
        """A line as text, or as the bytes it is."""
        if isinstance(line, bytes):
            self._smtp.send(line + b"\r\n")
            return _reply(self._smtp.getreply())
        return _reply(self._smtp.docmd(line))

    def ehlo(self):
        return self.command("EHLO client.example.net")

    def start_tls(self):
        """From here on in TLS, whoever it is at the other end; EHLO again."""
        reply = self.command("STARTTLS")
        if reply.code == 220:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
            self._smtp.sock = context.wrap_socket(self._smtp.sock)
            self._smtp.file = None  # smtplib makes another, of that socket
            self.ehlo()
        return reply

    def login(self, user, password):
        """AUTH PLAIN (RFC 4616)."""
        token = base64.b64encode(f"\0{user}\0{password}".encode())
        return self.command("AUTH PLAIN " + token.decode())

    def xclient(self, **attributes):
        """Becomes another client and login (XCLIENT_README); EHLO again."""
        pairs = " ".join(f"{k.upper()}={v}" for k, v in attributes.items())
        reply = self.command("XCLIENT " + pairs)
        if reply.code == 220:
            self.ehlo()
        return reply

    def mail(self, sender):
        return self.command(f"MAIL FROM:<{sender}>")

    def rcpt(self, recipient=RECIPIENT):
        return self.command(f"RCPT TO:<{recipient}>")

    def rset(self):
        return self.command("RSET")

    def data(self, message):
        """DATA and the content; the reply to whichever was refused."""
        try:
            return _reply(self._smtp.data(message.text.encode()))
        except smtplib.SMTPDataError as refused:
            return _reply((refused.smtp_code, refused.smtp_error))

    def data_half(self, message):
        """DATA and half of the content, and the connection is gone."""
        if self.command("DATA").code == 354:
            content = message.text.encode()
            self._smtp.send(content[:len(content) // 2])
        self.lose()

    def data_bytes(self, content):
        """DATA and these bytes, lines with CRLF and no leading dots."""
        reply = self.command("DATA")
        return self.command(content + b".") if reply.code == 354 else reply

    def send(self, message, sender, recipients=(RECIPIENT,)):
        """
        A whole transaction: the first refusal, else the reply to the end of
        data. A refused transaction is reset, so that the next one can start.
        """
        reply = self.mail(sender)
        for recipient in recipients:
            if reply.code == 250:
                reply = self.rcpt(recipient)
        if reply.code == 250:
            reply = self.data(message)
        if reply.code not in (250, 421):
            self.rset()
        return reply

    def lose(self):
        """The connection is gone, without a word."""
        self._smtp.close()

    def close(self):
        try:
            self._smtp.quit()
        except (smtplib.SMTPException, OSError):
            self._smtp.close()


def _reply(pair):
    code, text = pair
    return Reply(code, text.decode("utf-8", "replace"))
