"""Postfix's side of the policy service, without a message."""
import re
import socket

REQUEST = "".join(f"{name}={value}\n" for name, value in {
    "request": "smtpd_access_policy",
    "protocol_state": "DATA",
    "protocol_name": "ESMTP",
    "queue_id": "3F2A1B%(n)X",
    "instance": "1.%(n)d",
    "client_address": "127.0.0.1",
    "client_port": "4711",
    "sender": "%(user)s",
    "recipient": "someone@remote.example",
    "recipient_count": "1",
    "sasl_username": "%(user)s",
    "sasl_method": "PLAIN",
    "size": "200",
}.items()) + "\n"


class Asker:
    """A client of the policy socket, for as many messages as are asked."""

    def __init__(self, path, user):
        self._user = user
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(10)
        self._socket.connect(path)
        self._answers = self._socket.makefile("r")
        self._asked = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._answers.close()
        self._socket.close()

    def first(self):
        """The first next hop of the list for one more message."""
        self._asked += 1
        request = REQUEST % {"n": self._asked, "user": self._user}
        self._socket.sendall(request.encode())
        answer = self._answers.readline()
        assert self._answers.readline() == "\n"
        return re.match("action=FILTER relay:([^,\n]+)", answer).group(1)
