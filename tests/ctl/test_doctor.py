"""weirctl doctor, with a real postconf on configurations of its own."""

import json
import os
import shlex
import subprocess

import pytest

from conftest import BUILD, WAIT
from postfix_config import WEIR_CONF, Config, make

POLICY = ("check_policy_service { unix:weir/policy.sock, timeout=5s, "
          "default_action=DUNNO }")
SENDER = "sender_dependent_default_transport_maps"
NOT_RUNNING = {"socket_missing", "state"}


def findings(config, code=None):
    done = config.weirctl("doctor", "--json")
    report = json.loads(done.stdout)
    errors = [f for f in report["findings"] if f["level"] == "error"]
    assert report["ok"] is not bool(errors)
    assert done.returncode == (1 if errors else 0)
    return report["findings"]


def ids(config):
    return {finding["id"] for finding in findings(config)}


@pytest.fixture(scope="module")
def applied(tmp_path_factory):
    """Debian's own with Weir's settings, copied for each test."""
    config = make(tmp_path_factory.mktemp("applied"), weir=WEIR_CONF +
                  'maillog: { source = "none"; };')
    assert config.weirctl("postfix", "--apply").returncode == 0
    config.postconf("-e", "smtpd_forbid_bare_newline=normalize",
                    "smtpd_client_connection_count_limit=100",
                    "default_process_limit=5000",
                    "authorized_submit_users=root")
    return config


@pytest.fixture
def config(applied, tmp_path):
    files = applied.files()
    return Config(tmp_path, files["main.cf"].decode(),
                  files["master.cf"].decode(), applied.weir.read_text())


def test_what_was_applied_is_well(config):
    """But for the daemons, which do not run here."""
    assert ids(config) == NOT_RUNNING


# what is done to main.cf or master.cf, and what is found then; a mend that is
# a command is run as it stands, and mends it
MISTAKES = [
    ("-PX submission/inet/smtpd_milters", "milter_missing"),
    ("-P -e submission/inet/milter_macro_daemon_name=ORIGINATING",
     "daemon_name"),
    ("-PX smtp/inet/smtpd_milters", "milter_unasked"),
    ("-P -e submission/inet/smtpd_milters=inet:127.0.0.1:8891,"
     "{unix:weir/milter.sock,default_action=tempfail}", "milter_second"),
    ("-P -e submission/inet/smtpd_milters={unix:weir/milter.sock,"
     "default_action=accept}", "milter_accept"),
    ("-P -e submission/inet/smtpd_milters={unix:/var/spool/postfix/weir/"
     "milter.sock,default_action=tempfail}", "chroot_path"),
    ("-e milter_protocol=2", "milter_protocol"),
    ("-X milter_connect_macros", "macros"),
    ("-e milter_rcpt_macros=i", "macros"),
    ("-e smtpd_delay_open_until_valid_rcpt=yes", "queue_id"),
    ("-P -e submission/inet/smtpd_delay_open_until_valid_rcpt=yes",
     "queue_id"),
    ("-X message_reject_characters", "nul"),
    ("-X smtpd_data_restrictions", "policy_missing"),
    (f"-e 'smtpd_data_restrictions=permit_mynetworks, {POLICY}'",
     "policy_order"),
    (f"-e 'smtpd_data_restrictions=reject_unauth_pipelining, {POLICY}'",
     "policy_second"),
    ("-e 'smtpd_data_restrictions=check_policy_service "
     "unix:weir/policy.sock'", "policy_default"),
    ("-MX relay/unix", "transport"),
    ("-X default_transport", "way_out"),
    ("-P -e relay/unix/smtp_helo_timeout=300", "timeouts"),
    ("-P -e relay/unix/smtp_starttls_timeout=300", "timeouts"),
    (f"-e {SENDER}=socketmap:unix:weir/map.sock:sender", "resolver"),
    ("-F -e submission/inet/process_limit=20 "
     "submissions/inet/process_limit=20", "processes"),
    ("-e smtpd_client_connection_count_limit=50", "client_count"),
    ("-e smtpd_forbid_bare_newline=no", "bare_newline"),
    ("-X authorized_submit_users", "sendmail"),
]

# the same where a person has to decide
DECISIONS = [
    ("-P -e submission/inet/smtpd_milters=", "milter_excluded"),
    (f"-e 'smtpd_recipient_restrictions=permit, {POLICY}'",
     "policy_elsewhere"),
    ("-e smtpd_end_of_data_restrictions=reject_unknown_client_hostname",
     "end_of_data"),
    ("-e content_filter=scan:x", "filter"),
    ("-e recipient_bcc_maps=inline:{a=b}", "filter"),
    ("-P -e submission/inet/smtpd_proxy_filter=127.0.0.1:10025", "filter"),
    ("-e mynetworks=0.0.0.0/0", "networks"),
    ("-e smtpd_authorized_xclient_hosts=192.0.2.0/24", "xclient_open"),
    ("-e smtpd_authorized_xclient_hosts=192.0.2.1", "xclient_host"),
]


def of(config, mistake):
    return [f for f in findings(config) if f["id"] == mistake]


@pytest.mark.parametrize("done, mistake", MISTAKES)
def test_mistake_is_found_and_its_mend_mends_it(config, done, mistake):
    config.postconf(*shlex.split(done))
    env = {**os.environ, "PATH": f"{BUILD}:{os.environ['PATH']}",
           "MAIL_CONFIG": str(config.dir)}
    for _ in range(10):
        wrong = of(config, mistake)
        if not wrong:
            break
        mend = wrong[0]["mend"].partition(" (")[0].partition(";")[0]
        mend = mend.replace("weirctl ", f"weirctl -c {config.weir} ", 1)
        config.age()
        subprocess.run(["sh", "-c", mend], env=env, check=True, timeout=WAIT)
    else:
        raise AssertionError(f"not mended: {wrong}")
    assert _ > 0, "not found"
    assert ids(config) == NOT_RUNNING


@pytest.mark.parametrize("done, mistake", DECISIONS)
def test_what_a_person_decides_is_found(config, done, mistake):
    config.postconf(*shlex.split(done))
    assert len(of(config, mistake)) > 0
    assert ids(config) - NOT_RUNNING - {"listener_nowhere"} == {mistake}


@pytest.mark.parametrize("more, mistake", [
    ('policy: { pin = "never"; };', "map_missing"),
    ('policy: { default_transport = "smtp"; };', "default_given"),
    ('policy: { listen = [ "unix:/run/weir/policy.sock" ]; };',
     "chroot_outside"),
    ('listeners_nowhere', "listener_nowhere"),
])
def test_what_weir_conf_says_is_found(config, more, mistake):
    text = config.weir.read_text()
    if more == "listeners_nowhere":
        text = text.replace('"submissions" ]; }',
                            '"submissions" ]; }, { name = "x"; ports = [ 2525 ]; }')
        more = ""
    config.weir.write_text(text + more)
    assert of(config, mistake)


def test_mistakes_in_weir_conf_come_first(config):
    config.weir.write_text("nonsense = 1;\nprofile = 2;\n")
    found = findings(config)
    assert {f["id"] for f in found} == {"config"}
    assert any("weir.conf:1: nonsense" in f["what"] for f in found)
    assert len(found) == 2


def test_a_postfix_that_cannot_be_read_is_said(config):
    config.dir = config.dir / "nosuch"
    found = findings(config)
    assert [f["id"] for f in found] == ["postfix"]
    assert "nosuch" in found[0]["what"]


def test_text_has_each_finding_with_its_mend(config):
    config.postconf("-e", "smtpd_delay_open_until_valid_rcpt=yes",
                    "smtpd_forbid_bare_newline=no")
    done = config.weirctl("doctor")
    assert done.returncode == 1
    lines = done.stdout.splitlines()
    assert lines[0].startswith("error       smtpd_delay_open")
    assert lines[1] == (f"            mend: postconf -c {config.dir} -e "
                        "smtpd_delay_open_until_valid_rcpt=no")
    assert any(line.startswith("warning     smtpd_forbid_bare_newline")
               for line in lines)
    assert lines[-1].startswith("not ok: ")


def test_files_that_anybody_may_write_are_found(config):
    table = config.weir.parent / "senders"
    table.write_text("alice alice@example.com\n")
    config.weir.write_text(config.weir.read_text().replace(
        "identities: {", f'identities: {{ tables = "file:{table}";'))
    assert ids(config) == NOT_RUNNING
    for file in (table, config.weir):
        file.chmod(0o666)
        writable, = (f for f in findings(config) if f["id"] == "writable")
        assert str(file) in writable["what"]
        file.chmod(0o644)
    config.weir.parent.chmod(0o777)
    assert "writable" in ids(config)
    config.weir.parent.chmod(0o1777)
    assert ids(config) == NOT_RUNNING


def test_log_that_is_not_there_is_an_error(config):
    config.weir.write_text(WEIR_CONF +
                           'maillog: { source = "file:/nonexistent/log"; };')
    assert "log_missing" in ids(config)
