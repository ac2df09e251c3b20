"""A weir-milter of our own on a Unix socket in a directory of the test."""

import os
import re
import signal
import subprocess
import time

BUILD = os.environ.get("top_builddir", os.getcwd())
HERE = os.path.dirname(os.path.abspath(__file__))
ENVIRONMENT = {**os.environ,
               "TSAN_OPTIONS": f"suppressions={HERE}/tsan.supp"}



def is_sanitized():
    """A sanitizer's memory says nothing of ours, and it is slow."""
    with open(f"{BUILD}/weir-milter", "rb") as file:
        return re.search(rb"__[at]san_init", file.read()) is not None


# Longer than any machine takes: what has to wait its time out says so.
PATIENCE = 60

# One that counts messages has the state asked at MAIL (gate_mail_decides).
COUNTS_MESSAGES = """
  { name = "many"; what = "messages"; by = [ "user" ]; limit = "1000000/h"; }
"""

DEFAULTS = {
    "milter": "",
    "timeout": "30s",
    "listeners": """
  { name = "submission"; ports = [ 587 ]; daemons = [ "submission" ];
    require_user = true; max_connections_per_source = "unlimited";
    max_connections_per_source_percent = "unlimited"; },
  { name = "default"; max_connections_per_source = "unlimited";
    max_connections_per_source_percent = "unlimited"; }
""",
    "identities": "",
    "throttles": COUNTS_MESSAGES,
}

TEMPLATE = """
state: {{ socket = "{dir}/state.sock"; directory = ""; group = ""; }};
postfix_group = "";
milter: {{ listen = "{listen}"; state_timeout = "{timeout}"; {milter} }};
listeners = ( {listeners} );
identities: {{
  realm = "example.com"; {identities}
  users = (
    {{ user = "alice"; senders = [ "alice@example.com", "@sales.example.com",
        "@bücher.example" ]; }},
    {{ user = "bob"; senders = [ "bob@example.com" ]; }},
    {{ user = "x@bücher.example"; senders = [ "info@example.com" ]; }},
    {{ user = "z@xn--bcher-kva.example"; senders = [ "z@example.com" ]; }},
    {{ user = "app-erp"; senders = [ "@erp.example.com" ]; }} );
  clients = ( {{ network = "192.0.2.0/24"; user = "app-erp"; }} );
}};
throttles = ( {throttles} );
"""


class Daemon:
    def __init__(self, directory, **settings):
        self.dir = str(directory)
        self.socket = f"{self.dir}/milter.sock"
        self.config = f"{self.dir}/weir.conf"
        self.log_path = f"{self.dir}/log"
        self.process = None
        self.configure(**settings)

    def configure(self, **settings):
        with open(self.config, "w", encoding="utf-8") as file:
            file.write(TEMPLATE.format(
                dir=self.dir, **{"listen": f"unix:{self.socket}",
                                 **DEFAULTS, **settings}))

    def start(self, *options):
        """Returns when the milter serves."""
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                [f"{BUILD}/weir-milter", "-c", self.config, "-u", "nobody",
                 *options],
                stderr=log, stdout=log, env=ENVIRONMENT)
        deadline = time.monotonic() + PATIENCE
        while "event=Started" not in self.log():
            assert self.process.poll() is None, self.log()
            assert time.monotonic() < deadline, self.log()
            time.sleep(0.02)
        return self

    def stop(self, sig=signal.SIGTERM):
        """The exit status; sanitizer reports are in the log."""
        if self.process is None:
            return None
        process, self.process = self.process, None
        process.send_signal(sig)
        return process.wait(PATIENCE)

    def signal(self, sig):
        self.process.send_signal(sig)

    def log(self):
        with open(self.log_path, encoding="utf-8") as file:
            return file.read()

    def wait_log(self, pattern, count=1, timeout=PATIENCE):
        deadline = time.monotonic() + timeout
        while True:
            found = re.findall(pattern, self.log())
            if len(found) >= count:
                return found
            assert time.monotonic() < deadline, \
                f"{pattern} is not in the log:\n{self.log()}"
            time.sleep(0.02)
