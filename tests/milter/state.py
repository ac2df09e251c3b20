"""A state owner that says what a test tells it to (common/core/wire.h)."""

import contextlib
import os
import socket
import threading


def verdict(action="accept", reason="ok", rule="", key="", what="messages",
            used=0, limit=0, period_ms=0, wait_ms=0, ref="", generation=1):
    return [action, reason, rule, key, what, used, limit, period_ms, wait_ms,
            ref, generation]


class Error(str):
    """Answered as -TEXT."""


class Silence:
    """Not answered at all."""


NOTES = ("CLOSE", "ANNOUNCE", "CHARGED", "EVENT", "APPLIED", "ENDED")


class State:
    """asked holds every request but GENERATION, a list of strings each. answers
    maps the beginning of a request to what is answered; the longest that fits
    counts. Everything else is accepted."""

    def __init__(self, path):
        self.path = path
        self.asked = []
        self.looks = 0  # the requests for GENERATION
        self.answers = {}
        self.epoch = "epoch-1"
        self.generation = "1"
        self.last = None  # the verb whose answer is the last before it leaves
        self.hang = False
        self.late = {}  # verb -> an Event that it waits for
        self.changed = threading.Condition()
        self.peers = set()
        self.listener = None

    def start(self):
        if os.path.exists(self.path):
            os.unlink(self.path)
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(self.path)
        os.chmod(self.path, 0o666)
        self.listener.listen(64)
        threading.Thread(target=self._accept, args=(self.listener,),
                         daemon=True).start()
        return self

    def stop(self, answering=None):
        """answering: who gets an answer still, and is not heard any more."""
        listener, self.listener = self.listener, None
        if listener is None:
            return
        os.unlink(self.path)
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        with self.changed:
            for peer in list(self.peers):
                with contextlib.suppress(OSError):  # it left by itself
                    peer.shutdown(socket.SHUT_RD if peer is answering
                                  else socket.SHUT_RDWR)

    def wait(self, *words, count=1, timeout=60):
        """The first requests that begin so, once there are as many."""
        def found():
            return [r for r in self.asked if r[:len(words)] == list(words)]
        with self.changed:
            assert self.changed.wait_for(
                lambda: len(found()) >= count, timeout), \
                f"{words} was not asked, but {self.asked}"
            return found()

    def wait_looks(self, count, timeout=60):
        """Until the milter looked whether it is there, so often from now on."""
        with self.changed:
            wanted = self.looks + count
            assert self.changed.wait_for(
                lambda: self.looks >= wanted, timeout), self.looks

    def _accept(self, listener):
        while True:
            try:
                peer, _ = listener.accept()
            except OSError:
                return
            with self.changed:
                self.peers.add(peer)
            threading.Thread(target=self._serve, args=(peer,),
                             daemon=True).start()

    def _serve(self, peer):
        with peer, peer.makefile("rb") as stream:
            try:
                while (request := self._read(stream)) is not None:
                    if request[0] in self.late:
                        self.late[request[0]].wait()
                    reply = self._answer(request)
                    if request[0] == self.last:
                        self.last = None
                        self.stop(answering=peer)
                    if reply:
                        peer.sendall(reply)
            except OSError:
                pass
        with self.changed:
            self.peers.discard(peer)

    @staticmethod
    def _read(stream):
        line = stream.readline()
        if not line:
            return None
        assert line[:1] == b"*", line
        words = []
        for _ in range(int(line[1:])):
            size = int(stream.readline()[1:])
            words.append(stream.read(size + 2)[:-2].decode())
        return words

    def _answer(self, request):
        with self.changed:
            if self.hang:
                return b""
            if request[0] == "HELLO":
                return encode(["weir", "1", self.epoch, self.generation])
            if request[0] == "GENERATION":
                self.looks += 1
                self.changed.notify_all()
                return encode([self.generation])
            self.asked.append(request)
            self.changed.notify_all()
            if request[0] in NOTES:
                return b""
            for n in range(len(request), 0, -1):
                answer = self.answers.get(tuple(request[:n]))
                if answer is not None:
                    break
            else:
                answer = verdict()
            if callable(answer):
                answer = answer(request)
        return b"" if isinstance(answer, Silence) else encode(answer)


def encode(answer):
    if isinstance(answer, Error):
        return f"-{answer}\r\n".encode()
    out = f"*{len(answer)}\r\n"
    for element in map(str, answer):
        out += f"${len(element)}\r\n{element}\r\n"
    return out.encode()
