"""
A Postfix of our own: configuration, queue, data and log in the place's
directory. The system's main.cf is not read, its queue not touched.
"""
import os
import select

from .lines import PATIENCE, FileLines
from .place import free_port
from .process import Process, children, run
from .template import fill

# A third way in, for tests only: XCLIENT makes a session any client and login,
# and there may be more of them at once than Postfix's default of 100 ...
XCLIENT_SERVICE = """
@ADDRESS@:@XCLIENT@ inet n - y - 300 smtpd
  -o { smtpd_milters = { unix:weir/milter.sock, default_action=tempfail, command_timeout=10s } }
  -o milter_macro_daemon_name=submission
  -o smtpd_authorized_xclient_hosts=127.0.0.0/8
  -o smtpd_client_connection_count_limit=0
  -o smtpd_sasl_auth_enable=yes
  -o smtpd_relay_restrictions=permit_sasl_authenticated,reject
  -o rewrite_service_name=rwsmtpd
# ... one that forgot the policy service ...
@ADDRESS@:@UNASKED@ inet n - y - - smtpd
  -o { smtpd_milters = { unix:weir/milter.sock, default_action=tempfail, command_timeout=10s } }
  -o milter_macro_daemon_name=submission
  -o smtpd_data_restrictions=
  -o smtpd_sasl_auth_enable=yes
  -o smtpd_relay_restrictions=permit_sasl_authenticated,reject
  -o rewrite_service_name=rwsmtpd
# ... one behind a load balancer that tells who the client is ...
@ADDRESS@:@PROXIED@ inet n - y - - smtpd
  -o { smtpd_milters = { unix:weir/milter.sock, default_action=tempfail, command_timeout=10s } }
  -o milter_macro_daemon_name=submission
  -o smtpd_upstream_proxy_protocol=haproxy
  -o smtpd_sasl_auth_enable=yes
  -o smtpd_relay_restrictions=permit_sasl_authenticated,reject
  -o rewrite_service_name=rwsmtpd
# ... and one without Weir: plain Postfix.
@ADDRESS@:@PLAIN@ inet n - y - - smtpd
  -o smtpd_data_restrictions=
  -o smtpd_sasl_auth_enable=yes
  -o rewrite_service_name=rwsmtpd
"""


class Postfix:
    def __init__(self, place, address, default_transport, lmtp,
                 test_services=False):
        self.place = place
        self.address = address
        self.ports = {
            name: free_port(address)
            for name in ("submission", "relay", "xclient", "unasked",
                         "proxied", "plain")
        }
        self.log_path = place.path("log", "maillog")
        self.log = None
        self._master = None
        self._write(default_transport, lmtp, test_services)

    def _write(self, default_transport, lmtp, test_services):
        values = {
            "DIR": self.place.dir,
            "ADDRESS": self.address,
            "DEFAULT_TRANSPORT": default_transport,
            "LMTP": lmtp,
            **{name.upper(): port for name, port in self.ports.items()},
        }
        extra = ""
        if test_services:
            extra = XCLIENT_SERVICE
            for name, value in values.items():
                extra = extra.replace(f"@{name}@", str(value))
        place = self.place
        place.mkdir("spool")
        place.mkdir("data", mode=0o700, user="postfix")
        place.mkdir("log")
        place.write(fill("main.cf", **values), "postfix", "main.cf")
        place.write(
            fill("master.cf", EXTRA=extra, **values), "postfix", "master.cf"
        )

    @property
    def config_directory(self):
        return self.place.path("postfix")

    @property
    def env(self):
        """For programs that run postconf and friends."""
        return {"MAIL_CONFIG": self.config_directory}

    def start(self):
        run(["postfix", "-c", self.config_directory, "check"])
        daemons = run(
            ["postconf", "-c", self.config_directory, "-h", "daemon_directory"]
        ).stdout.strip()
        open(self.log_path, "ab").close()
        self.log = FileLines(self.log_path)
        self._master = Process(
            "postfix",
            [
                os.path.join(daemons, "master"),
                "-s",  # stays in the foreground
                "-c",
                self.config_directory,
            ],
            self.place.path("log", "postfix.stderr"),
        )
        self.log.wait(r"daemon started")

    def stop(self):
        if self._master:
            self._master.stop()
            self._master = None
        if self.log:
            self.log.close()

    def get(self, name):
        return run(["postconf", "-c", self.config_directory, "-h", name]
                   ).stdout.strip()

    def _open_smtpds(self):
        """Pid descriptors (pidfd_open(2)) of those that run."""
        found = []
        for pid in children(self._master.pid):
            try:
                with open(f"/proc/{pid}/comm", encoding="ascii") as f:
                    if f.read() == "smtpd\n":
                        found.append(os.pidfd_open(pid))
            except (FileNotFoundError, ProcessLookupError):
                pass
        return found

    def set(self, **settings):
        """
        Changes main.cf settings and reloads. No session may be open: an smtpd
        of before could take the next one, with the old settings.
        """
        run(
            ["postconf", "-c", self.config_directory, "-e"]
            + [f"{name}={value}" for name, value in settings.items()]
        )
        mark = self.log.mark()
        old = self._open_smtpds()
        run(["postfix", "-c", self.config_directory, "reload"])
        self.log.wait(r"reload -- version", since=mark)
        for smtpd in old:
            if not select.select([smtpd], [], [], PATIENCE)[0]:
                raise TimeoutError("an smtpd did not end with the reload")
            os.close(smtpd)

    def flush(self):
        run(["postqueue", "-c", self.config_directory, "-f"])

    def remove_held(self):
        run(["postsuper", "-c", self.config_directory, "-d", "ALL", "hold"])

    def queue(self):
        """What is still queued, as postqueue -p tells it."""
        return run(["postqueue", "-c", self.config_directory, "-p"]).stdout

    def hold(self):
        run(["postsuper", "-c", self.config_directory, "-h", "ALL"])

    def release(self):
        run(["postsuper", "-c", self.config_directory, "-H", "ALL"])
