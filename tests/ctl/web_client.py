"""HTTP by hand: what is sent and what is said, byte by byte."""

import json
import socket

from conftest import WAIT


def exchange(port, sent, family=None):
    """What the server says until it closes: (status, head, body)."""
    with (socket.create_connection(("127.0.0.1", port), WAIT)
          if family is None else family) as client:
        client.settimeout(WAIT)
        client.sendall(sent)
        said = b""
        while (got := client.recv(65536)):
            said += got
    head, _, body = said.partition(b"\r\n\r\n")
    first, *fields = head.decode("latin-1").split("\r\n")
    assert first.startswith("HTTP/1.1 "), said
    return int(first.split()[1]), dict(
        field.split(": ", 1) for field in fields), body


def get(weir, path, host="localhost", method="GET", more=""):
    return exchange(weir.port, (f"{method} {path} HTTP/1.1\r\n"
                                f"Host: {host}\r\n{more}\r\n").encode())


def get_json(weir, path):
    status, _, body = get(weir, path)
    assert status == 200
    return json.loads(body)
