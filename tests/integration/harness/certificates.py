"""Certificates for servers: an authority of its own, by the openssl command."""
import datetime

from .process import run

CA_CONF = """\
[ca]
default_ca = it
[it]
database = @DIR@/index
new_certs_dir = @DIR@
rand_serial = yes
default_md = sha256
policy = any
unique_subject = no
copy_extensions = none
[any]
commonName = supplied
"""


class Certificates:
    def __init__(self, place):
        self.dir = place.mkdir("tls")
        self.key, self.ca = self._path("key.pem"), self._path("ca.pem")
        self._write("ca.conf", CA_CONF.replace("@DIR@", self.dir))
        self._write("index", "")
        self._openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout",
                      "-out", self.key)
        self._openssl("req", "-x509", "-new", "-key", self.key, "-subj",
                      "/CN=Test Authority", "-days", "30", "-out", self.ca)

    def _path(self, name):
        return f"{self.dir}/{name}"

    def _write(self, name, text):
        with open(self._path(name), "w", encoding="utf-8") as file:
            file.write(text)

    @staticmethod
    def _openssl(*words):
        run(["openssl", *words])

    def make(self, name, alt, days=30):
        """
        Path of a new certificate with subjectAltName=alt; days is negative
        for one that ended so long ago.
        """
        now = datetime.datetime.now(datetime.timezone.utc)
        start, end = (
            (now + datetime.timedelta(days=n)).strftime("%Y%m%d%H%M%SZ")
            for n in (min(-1, days - 30), days)
        )
        path = self._path(f"{name}.pem")
        self._write("alt", f"subjectAltName={alt}\n")
        self._openssl("req", "-new", "-key", self.key, "-subj", f"/CN={name}",
                      "-out", self._path("csr"))
        self._openssl("ca", "-batch", "-notext", "-config",
                      self._path("ca.conf"), "-cert", self.ca, "-keyfile",
                      self.key, "-in", self._path("csr"), "-startdate", start,
                      "-enddate", end, "-extfile", self._path("alt"), "-out",
                      path)
        return path
