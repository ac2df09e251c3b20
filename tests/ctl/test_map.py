"""The socketmap of a real weir-policyd, asked as trivial-rewrite(8) does."""

import re
import socket
from collections import Counter

import pytest

from conftest import WAIT


@pytest.fixture(scope="module")
def weir(make_weir):
    weir = make_weir()
    weir.start()
    return weir


class Map:
    """A connection to the map socket."""

    def __init__(self, weir):
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(WAIT)
        self._socket.connect(weir.map)
        self._input = self._socket.makefile("rb")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._input.close()
        self._socket.close()

    def send(self, data):
        self._socket.sendall(data)

    def read(self):
        """One answer; "" at the end."""
        length = b""
        while (digit := self._input.read(1)) != b":":
            if not digit:
                return ""
            length += digit
        text = self._input.read(int(length))
        assert self._input.read(1) == b","
        return text.decode()

    def ask(self, name, key):
        self.send(netstring(f"{name} {key}"))
        return self.read()


def netstring(text):
    return b"%d:%s," % (len(text.encode()), text.encode())


def both(weir):
    """The two next hops that share the mail."""
    return [f"[127.0.0.1]:{host.port}" for host in weir.hosts[:2]]


@pytest.mark.parametrize("key", [
    "a@far.example", "<>", '"<>"', "User+X@FAR.Example",
    '"a b"@far.example', "bare", "ü@bücher.example",
])
def test_a_sender_has_a_list_of_hosts(weir, key):
    with Map(weir) as client:
        answer = client.ask("sender", key)
    assert answer.startswith("OK relay:")
    assert sorted(answer[len("OK relay:"):].split(", ")) == sorted(both(weir))


@pytest.mark.parametrize("name, key, answer", [
    ("sender", "x@bad.example", "OK error:5.7.1 not from there"),
    ("sender", "*", "NOTFOUND "),
    ("sender", "x" * 400 + "@far.example", "NOTFOUND "),
    ("recipient", "a@far.example", "NOTFOUND "),
    ("recipient", "*", "NOTFOUND "),
])
def test_other_answers(weir, name, key, answer):
    with Map(weir) as client:
        assert client.ask(name, key) == answer


def test_one_host_alone(weir):
    with Map(weir) as client:
        assert client.ask("sender", "x@VIP.example") == (
            "OK relay:" + both(weir)[0])


def test_a_name_of_no_map_is_an_error(weir):
    with Map(weir) as client:
        assert client.ask("senders", "a@far.example").startswith("PERM ")
        assert client.ask("sender", "<>").startswith("OK ")


def test_many_requests_in_one_write(weir):
    with Map(weir) as client:
        client.send(b"".join(
            netstring(f"sender u{n}@far.example") for n in range(500)))
        assert all(client.read().startswith("OK ") for _ in range(500))


def test_a_request_in_pieces(weir):
    with Map(weir) as client:
        for byte in netstring("sender a@far.example"):
            client.send(bytes([byte]))
        assert client.read().startswith("OK ")


def test_shares_over_1000_senders(weir):
    with Map(weir) as client:
        first = Counter(
            client.ask("sender", f"share{n}@far.example").split(",")[0]
            for n in range(1000))
    assert set(first) == {"OK relay:" + hop for hop in both(weir)}
    assert all(abs(count - 500) <= 30 for count in first.values())


def test_explain_tells_what_the_map_says(weir):
    told = weir.json("explain", "--sender", "told@far.example")
    with Map(weir) as client:
        assert client.ask("sender", "told@far.example") == told["socketmap"]
    # now it is the answer that holds
    again = weir.json("explain", "--sender", "told@far.example")
    assert again["socketmap"] == told["socketmap"]
    assert f"socketmap: {told['socketmap']}" in weir.text(
        "explain", "--sender", "told@far.example")


@pytest.mark.parametrize("garbage", [
    b"GET / HTTP/1.1\r\n\r\n", b"99999:", b"20:sender a@far.example;",
    b"6:sender,", b"0:,", b"\x00",
])
def test_garbage_closes_that_connection_with_one_line(weir, garbage):
    before = weir.log.read_text().count("socketmap: client on")
    with Map(weir) as other, Map(weir) as client:
        client.send(netstring("sender <>") + garbage)
        while client.read():
            pass
        assert other.ask("sender", "<>").startswith("OK ")
    lines = re.findall("socketmap: client on unix:.* closed: .*",
                       weir.log.read_text())
    assert len(lines) == before + 1


def test_status_counts_what_was_asked(weir):
    before = weir.json("status")["policy"]["lookups"]
    with Map(weir) as client:
        for key in ("counted@far.example", "counted@far.example", "*"):
            client.ask("sender", key)
    weir.json("explain", "--sender", "counted@far.example")
    assert weir.json("status")["policy"]["lookups"] == before + 2


def test_drained_at_once(weir):
    hop = both(weir)[1]
    with Map(weir) as client:
        assert hop in client.ask("sender", "drain@far.example")
        weir.text("drain", "isp-b")
        assert hop not in client.ask("sender", "drain@far.example")
        weir.text("enable", "isp-b")
        assert hop in client.ask("sender", "drain@far.example")
