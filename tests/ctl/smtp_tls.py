"""A smart host with TLS and a login, and certificates for it."""

import base64
import socket
import ssl
import subprocess
import threading


class Certificates:
    """An authority of its own, by the openssl command, in a folder."""

    def __init__(self, folder):
        self.folder = folder
        self.ca = str(folder / "ca.pem")
        self._openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout",
                      "-out", "key.pem")
        self._openssl("req", "-x509", "-new", "-key", "key.pem", "-subj",
                      "/CN=Test Authority", "-days", "30", "-out", "ca.pem")
        self.key = str(folder / "key.pem")

    def _openssl(self, *words):
        subprocess.run(["openssl", *words], cwd=self.folder, check=True,
                       capture_output=True)

    def make(self, name, days=100, alt="IP:127.0.0.1"):
        """Path of a new certificate."""
        self._openssl("req", "-new", "-key", "key.pem", "-subj",
                      f"/CN={name}", "-out", f"{name}.csr")
        (self.folder / "alt").write_text(f"subjectAltName={alt}\n")
        self._openssl("x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem",
                      "-CAkey", "key.pem", "-CAcreateserial", "-days",
                      str(days), "-extfile", "alt", "-out", f"{name}.pem")
        return str(self.folder / f"{name}.pem")


class TlsHost:
    """STARTTLS, then AUTH PLAIN for one user and password."""

    def __init__(self, certificate, key, user, password):
        self.accepts = f"\0{user}\0{password}".encode()
        self.refusal = b"535 5.7.8 no such login: %s\r\n"
        self.logins, self.greetings, self.came_from = [], [], set()
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.use(certificate, key)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def use(self, certificate, key):
        self.context.load_cert_chain(certificate, key)

    def _serve(self):
        while True:
            try:
                client, peer = self.listener.accept()
                self.came_from.add(peer[0])
            except OSError:
                return
            threading.Thread(
                target=self._talk, args=(client,), daemon=True).start()

    def _talk(self, client):
        try:
            with client:
                secure = self._plain(client)
                if secure is not None:
                    with secure:
                        self._dialogue(secure, secure=True)
        except (OSError, ssl.SSLError):
            pass

    def _plain(self, client):
        client.sendall(b"220 test ESMTP\r\n")
        if not self._dialogue(client, secure=False):
            return None
        return self.context.wrap_socket(client, server_side=True)

    def _dialogue(self, client, secure):
        """Whether STARTTLS comes next."""
        with client.makefile("rb", buffering=0) as lines:
            for line in lines:
                verb = line.upper().split()[0]
                if verb == b"STARTTLS":
                    client.sendall(b"220 go\r\n")
                    return True
                client.sendall(self._answer(verb, line, secure))
                if verb == b"QUIT":
                    return False
        return False

    def _answer(self, verb, line, secure):
        if verb == b"EHLO":
            self.greetings.append(line.split()[1])
            offer = b"AUTH PLAIN" if secure else b"STARTTLS"
            return b"250-test\r\n250 " + offer + b"\r\n"
        if verb == b"AUTH":
            sent = line.split()[2]
            self.logins.append(base64.b64decode(sent))
            if self.logins[-1] == self.accepts:
                return b"235 ok\r\n"
            return self.refusal % sent
        return b"221 bye\r\n" if verb == b"QUIT" else b"250 ok\r\n"

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
