"""Postfix configurations as administrators have them, from Debian's own."""

import os
import pathlib
import subprocess
import sys

from conftest import BUILD, WAIT

sys.path.append(str(pathlib.Path(__file__).parents[1] / "integration"))

from harness.stock import stock_main, stock_master  # noqa: E402

WEIR_CONF = """
smart_hosts = ( { name = "isp-a"; nexthop = "[192.0.2.1]:587"; },
                { name = "isp-b"; nexthop = "[192.0.2.2]:587"; } );
connectors = ( { name = "outbound"; transport = "relay"; members = (
    { host = "isp-a"; cost = 10; }, { host = "isp-b"; cost = 10; } ); } );
routes = ( { name = "all"; connector = "outbound"; } );
listeners = ( { name = "submission"; require_user = true;
    daemons = [ "submission", "submissions" ]; } );
identities: { realm = "example.com"; };
"""


# Behind a content filter, which gives mail back on port 10026 (FILTER_README).
FILTERED_MAIN = "content_filter = scan:localhost:10025\n"
FILTERED_MASTER = """\
scan unix - - n - 10 smtp
  -o smtp_send_xforward_command=yes
  -o disable_mime_output_conversion=yes
localhost:10026 inet n - n - 10 smtpd
  -o content_filter=
  -o receive_override_options=no_unknown_recipient_checks,no_milters
  -o smtpd_recipient_restrictions=permit_mynetworks,reject
  -o mynetworks=127.0.0.0/8
"""

# Somebody else's milters and policy services, in several styles.
BUSY_MAIN = """\
smtpd_milters =
    inet:127.0.0.1:8891
    # OpenDKIM, then rspamd
    { inet:127.0.0.1:11332, default_action=accept }
non_smtpd_milters = $smtpd_milters
milter_connect_macros = j {daemon_name} {client_addr} v _ {if_name}
smtpd_data_restrictions = reject_unauth_pipelining,
    check_policy_service { inet:127.0.0.1:10040, timeout=10s }
transport_maps = inline:{ { intern.example = lmtp:[192.0.2.9] } }
relayhost = [192.0.2.77]
"""


class Config:
    """A directory with main.cf and master.cf, and weirctl for it."""

    def __init__(self, folder, main, master, weir=WEIR_CONF):
        self.dir = folder / "postfix"
        self.dir.mkdir()
        self.weir = folder / "weir.conf"
        self.weir.write_text(weir)
        (self.dir / "main.cf").write_text(main)
        (self.dir / "master.cf").write_text(master)

    def files(self):
        return {name: (self.dir / name).read_bytes()
                for name in ("main.cf", "master.cf")}

    def age(self):
        """Postfix waits while a file was written within the last second."""
        for name in ("main.cf", "master.cf"):
            if (self.dir / name).exists():
                os.utime(self.dir / name, (1e9, 1e9))

    def weirctl(self, *words, **more):
        self.age()
        return subprocess.run(
            [BUILD / "weirctl", "-c", self.weir, *words, "-C", self.dir],
            capture_output=True, text=True, timeout=WAIT, check=False, **more)

    def postconf(self, *words):
        self.age()
        return subprocess.run(
            ["postconf", "-c", self.dir, *words], capture_output=True,
            text=True, timeout=WAIT, check=True).stdout.strip()


MAIN = stock_main() + (
    "myhostname = mx.example.com\nmaillog_file = /var/log/mail.log\n")

KINDS = {
    "stock": (MAIN, stock_master()),
    "not_chrooted": (MAIN, stock_master("n")),
    "filtered": (MAIN + FILTERED_MAIN,
                 stock_master() + FILTERED_MASTER),
    "busy": (MAIN + BUSY_MAIN, stock_master()),
}


def make(folder, kind="stock", **more):
    return Config(folder, *KINDS[kind], **more)
