"""
Smart hosts: SMTP servers that take mail and remember it, and that misbehave
exactly as they are told to.

All of them run on one asyncio loop in one thread. A message is remembered in
the same step in which its 250 is written, so a host that is killed has either
taken a message and said so, or neither. Spoken to with LHLO a host answers as
an LMTP server does; the local mail of the tests is delivered to one.
"""
import asyncio
import contextlib
import ctypes
import email
import socket
import ssl
import struct
import threading
import time
from dataclasses import dataclass
from functools import cached_property

from .lines import PATIENCE
from .place import free_port

STAGES = ("banner", "ehlo", "mail", "rcpt", "data", "end")

CLOSE = "close"  # instead of the answer the connection ends
SO_ATTACH_FILTER, SO_DETACH_FILTER = 26, 27  # socket(7); Linux
MUTE = "mute"  # instead of the answer: nothing, for ever


@dataclass(frozen=True)
class Delivery:
    host: str
    sender: str
    recipients: tuple
    content: bytes

    @property
    def message(self):
        return email.message_from_bytes(self.content)

    @cached_property
    def number(self):
        """What client.numbered_message wrote; None for a bounce."""
        value = self.message["X-Number"]
        return int(value) if value else None


class Inbox:
    """Everything delivered to any of the hosts, in order."""

    def __init__(self):
        self._all = []
        self._changed = threading.Condition()

    def add(self, delivery):
        with self._changed:
            self._all.append(delivery)
            self._changed.notify_all()

    def mark(self):
        with self._changed:
            return len(self._all)

    def since(self, mark=0):
        with self._changed:
            return self._all[mark:]

    def wait_for(self, done, what, mark=0, timeout=PATIENCE):
        deadline = time.monotonic() + timeout
        with self._changed:
            while not done(self._all[mark:]):
                left = deadline - time.monotonic()
                if left <= 0:
                    raise TimeoutError(
                        f"{what} not delivered in {timeout:g} s, but "
                        f"{len(self._all) - mark} messages"
                    )
                self._changed.wait(left)
            return self._all[mark:]


class Loop:
    """The thread in which the hosts live."""

    def __init__(self):
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.daemon = True
        self._thread.start()

    def call(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(
            PATIENCE
        )

    def close(self):
        self.call(self._cancel_all())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


    async def _cancel_all(self):
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)


@dataclass(frozen=True)
class HalfTls:
    """A handshake that goes well until its middle."""
    context: ssl.SSLContext
    then: str  # CLOSE or MUTE


class SmartHost:
    def __init__(self, loop, name, address, inbox, port=None):
        self.name = name
        self.address = address
        self.port = port or free_port(address)
        self.connections = 0  # ever made to it
        # What STARTTLS is answered with: an ssl.SSLContext, half of what that
        # would say (HalfTls), or bytes that are said instead of a ServerHello;
        # None: it is not offered.
        self.tls = None
        self._inbox = inbox
        self._loop = loop
        self._how = {}  # stage -> CLOSE, MUTE, seconds or a reply
        self._server = None
        self._open = set()
        self._walled = False
        self._never = asyncio.Event()  # holds those who wait for it
        self.start()

    @property
    def nexthop(self):
        return f"[{self.address}]:{self.port}"

    def misbehave(self, stage, how):
        """
        At this stage, until behave: CLOSE, MUTE, a number of seconds to wait
        before the ordinary answer, or a line to answer instead.
        """
        assert stage in STAGES
        self._how = {**self._how, stage: how}

    def swallow(self):
        """
        From now on, until behave, nothing that asks for a connection is
        heard, as if a wall stood before it; connections that are there go on.
        """
        # a program of one instruction: keep 0 bytes of each packet
        drop = ctypes.create_string_buffer(struct.pack("HBBI", 6, 0, 0, 0))
        self._filter(SO_ATTACH_FILTER,
                     struct.pack("HL", 1, ctypes.addressof(drop)))

    def _filter(self, option, value):
        for sock in self._server.sockets:
            sock.setsockopt(socket.SOL_SOCKET, option, value)
        self._walled = option == SO_ATTACH_FILTER

    def behave(self):
        self._how = {}
        self.tls = None
        if self._walled and self._server is not None:
            self._filter(SO_DETACH_FILTER, 0)

    def start(self):
        """Listens, on the same port as ever."""
        self._loop.call(self._start())

    def kill(self):
        """Gone at once: connections dropped, new ones refused."""
        self._loop.call(self._kill())

    def alive(self):
        return self._server is not None

    async def _start(self):
        sock = socket.socket()
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((self.address, self.port))
        self._walled = False
        self._server = await asyncio.start_server(
            self._serve, sock=sock, backlog=1000, limit=1 << 20
        )

    async def _kill(self):
        if self._server is None:
            return
        self._server.close()
        self._server = None
        for writer in list(self._open):
            writer.transport.abort()

    async def _serve(self, reader, writer):
        self.connections += 1
        self._open.add(writer)
        try:
            await Dialogue(self, reader, writer).run()
        except (OSError, asyncio.IncompleteReadError, ValueError):
            pass  # the client left, or we did, or TLS was not agreed on
        finally:
            self._open.discard(writer)
            writer.transport.abort()

    async def answer(self, stage, writer, text):
        """The ordinary answer or the misbehaviour; is it the ordinary one?"""
        how = self._how.get(stage)
        if how == CLOSE:
            raise ConnectionResetError
        if how == MUTE:
            await self._never.wait()
        if isinstance(how, (int, float)):
            await asyncio.sleep(how)
        elif how is not None:
            writer.write(how.encode() + b"\r\n")
            if how.startswith("421"):
                await writer.drain()
                raise ConnectionResetError
            return False
        writer.write(text.encode() + b"\r\n")
        return True

    async def take(self, writer, delivery, replies):
        how = self._how.get("end")
        if isinstance(how, (int, float)):
            await asyncio.sleep(how)
        elif how is not None:
            await self.answer("end", writer, "")
            return
        if writer.transport.is_closing():
            raise ConnectionResetError  # killed while it waited
        self._inbox.add(delivery)
        writer.write(b"250 2.0.0 taken\r\n" * replies)


class Dialogue:
    """One SMTP or LMTP connection."""

    def __init__(self, host, reader, writer):
        self.host = host
        self.reader = reader
        self.writer = writer
        self.lmtp = False
        self.tls = host.tls  # as it was when the client came
        self.sender = None
        self.recipients = []

    async def run(self):
        name = self.host.name
        if not await self._say("banner", f"220 {name} ESMTP"):
            return
        while True:
            line = await self.reader.readuntil(b"\n")
            verb, _, rest = line.decode("latin-1").strip().partition(" ")
            command = getattr(self, "_on_" + verb.lower(), None)
            if verb.upper() == "QUIT":
                self.writer.write(b"221 2.0.0 bye\r\n")
                await self.writer.drain()
                return
            if command is None:
                self.writer.write(b"502 5.5.2 what?\r\n")
            else:
                await command(rest)
            await self.writer.drain()

    async def _say(self, stage, text):
        return await self.host.answer(stage, self.writer, text)

    async def _on_ehlo(self, _):
        await self._say(
            "ehlo",
            f"250-{self.host.name}\r\n250-PIPELINING\r\n"
            + ("250-STARTTLS\r\n" if self.tls else "")
            + "250 8BITMIME",
        )

    async def _on_starttls(self, _):
        self.writer.write(b"220 2.0.0 go on\r\n")
        await self.writer.drain()
        if isinstance(self.tls, bytes):
            await self.reader.read(4096)  # the ClientHello
            self.writer.write(self.tls)
            await self.reader.read()  # the client leaves
        elif isinstance(self.tls, HalfTls):
            await self._half_a_handshake(self.tls)
        else:
            await self.writer.start_tls(self.tls)

    async def _half_a_handshake(self, half):
        came, goes = ssl.MemoryBIO(), ssl.MemoryBIO()
        server = half.context.wrap_bio(came, goes, server_side=True)
        while not goes.pending:
            came.write(await self.reader.readexactly(1))
            with contextlib.suppress(ssl.SSLWantReadError):
                server.do_handshake()
        said = goes.read()
        self.writer.write(said[:len(said) // 2])
        await self.writer.drain()
        if half.then == MUTE:
            await self.reader.read()  # until the client leaves
        raise ConnectionResetError

    async def _on_lhlo(self, _):
        self.lmtp = True
        await self._on_ehlo(_)

    async def _on_helo(self, _):
        await self._say("ehlo", f"250 {self.host.name}")

    async def _on_rset(self, _):
        self.sender, self.recipients = None, []
        self.writer.write(b"250 2.0.0 ok\r\n")

    async def _on_noop(self, _):
        self.writer.write(b"250 2.0.0 ok\r\n")

    async def _on_mail(self, rest):
        if await self._say("mail", "250 2.1.0 ok"):
            self.sender = _address(rest)
            self.recipients = []

    async def _on_rcpt(self, rest):
        if self.sender is None:
            self.writer.write(b"503 5.5.1 MAIL first\r\n")
        elif await self._say("rcpt", "250 2.1.5 ok"):
            self.recipients.append(_address(rest))

    async def _on_data(self, _):
        if not self.recipients:
            self.writer.write(b"554 5.5.1 no valid recipients\r\n")
            return
        if not await self._say("data", "354 go on"):
            return
        await self.writer.drain()
        content = await self._content()
        delivery = Delivery(
            self.host.name, self.sender, tuple(self.recipients), content
        )
        replies = len(self.recipients) if self.lmtp else 1
        self.sender, self.recipients = None, []
        await self.host.take(self.writer, delivery, replies)

    async def _content(self):
        lines = []
        while True:
            line = await self.reader.readuntil(b"\n")
            if line in (b".\r\n", b".\n"):
                return b"".join(lines)
            lines.append(line[1:] if line.startswith(b".") else line)


def _address(rest):
    return rest.partition("<")[2].partition(">")[0]
