"""
A Postfix as Debian ships it, with submission uncommented and nothing of Weir:
for what an administrator starts from.
"""
import re

from .postfix import Postfix

SHARE = "/usr/share/postfix"

# What makes it an instance of its own, and asks dovecot for logins.
PRIVATE = """
queue_directory = @DIR@/spool
data_directory = @DIR@/data
maillog_file = @DIR@/log/maillog
maillog_file_prefixes = @DIR@
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mx.example.com
mydestination =
alias_maps =
alias_database =
local_header_rewrite_clients =
smtpd_sasl_type = dovecot
smtpd_sasl_path = private/auth
smtp_dns_support_level = disabled
smtp_host_lookup = native
smtp_connection_cache_on_demand = no
in_flow_delay = 0
"""


def _shared(name):
    with open(f"{SHARE}/{name}", encoding="utf-8") as file:
        return file.read()


def stock_main():
    return _shared("main.cf.debian")


def stock_master(chroot="y"):
    """With submission and submissions uncommented, as the comments say."""
    lines = []
    inside = False
    for line in _shared("master.cf.dist").splitlines():
        if re.match(r"#submissions? +inet", line):
            inside = True
        elif not line.startswith("#  -o"):
            inside = inside and line.startswith("#    ")
        if inside and not line.startswith("#    "):
            line = line[1:]
        lines.append(line)
    text = "\n".join(lines) + "\n"
    if chroot != "y":
        text = re.sub(r"(?m)^(\w\S* +\S+ +\S +\S +)y ", rf"\1{chroot} ", text)
    return text


class StockPostfix(Postfix):
    """On the standard ports of its own loopback address."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.ports = {"submission": 587, "smtp": 25}

    def _write(self, *_):
        place = self.place
        place.mkdir("spool")
        place.mkdir("data", mode=0o700, user="postfix")
        place.mkdir("log")
        private = PRIVATE.replace("@DIR@", place.dir)
        place.write(stock_main() + private, "postfix", "main.cf")
        master = re.sub(r"(?m)^(smtp|submissions?)( +inet)",
                        rf"{self.address}:\1\2", stock_master())
        # no certificate here
        master = master.replace("tls_security_level=encrypt",
                                "tls_security_level=none")
        place.write(master.replace("tls_auth_only=yes", "tls_auth_only=no"),
                    "postfix", "master.cf")

    def files(self):
        """main.cf and master.cf as they stand."""
        texts = {}
        for name in ("main.cf", "master.cf"):
            with open(self.place.path("postfix", name), "rb") as file:
                texts[name] = file.read()
        return texts
