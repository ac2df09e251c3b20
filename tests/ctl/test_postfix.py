"""weirctl postfix, with a real postconf on configurations of its own."""

import json
import signal
import subprocess

import pytest

from conftest import WAIT
from postfix_config import KINDS, WEIR_CONF, Config, make

NEVER = WEIR_CONF + 'policy: { pin = "never"; };\n'
MILTER = ("{unix:weir/milter.sock,default_action=%s,command_timeout=10s}")
POLICY = ("check_policy_service { unix:weir/policy.sock, timeout=5s, "
          "default_action=DUNNO }")


@pytest.fixture(params=KINDS)
def config(request, tmp_path):
    return make(tmp_path, request.param)


def done(config, *words):
    result = config.weirctl("postfix", *words)
    assert result.returncode == 0, result
    return result.stdout


@pytest.mark.parametrize("more", [(), ("--socketmap",)])
def test_applied_twice_is_the_same_and_undone_as_it_was(config, more):
    before = config.files()
    done(config, "--apply", *more)
    applied = config.files()
    assert applied != before
    assert "nothing to do" in done(config, "--apply", *more)
    assert config.files() == applied
    done(config, "--undo")
    assert config.files() == before
    assert not (config.dir / "weir-undo.json").exists()


def test_printing_changes_nothing_and_is_a_script_that_applies(config):
    before = config.files()
    script = done(config)
    assert config.files() == before
    assert not (config.dir / "weir-undo.json").exists()
    script, reload = script.rstrip().rsplit("\n", 1)
    assert reload == f"postfix -c {config.dir} reload"
    subprocess.run(["sh", "-e", "-c", script], check=True, timeout=WAIT)
    by_hand = config.files()
    assert "nothing to do" in done(config, "--apply")
    for name, content in before.items():
        (config.dir / name).write_bytes(content)
    done(config, "--apply")
    assert config.files() == by_hand


def test_stock_debian_gets_what_the_manual_says(tmp_path):
    config = make(tmp_path)
    done(config, "--apply")
    assert config.postconf("-h", "smtpd_data_restrictions") == POLICY
    assert config.postconf("-h", "default_transport") == (
        "relay:[192.0.2.1]:587, [192.0.2.2]:587")
    own = config.postconf("-P").splitlines()
    for name, action in (("smtp", "accept"), ("submission", "tempfail"),
                         ("submissions", "tempfail")):
        assert f"{name}/inet/smtpd_milters = {MILTER % action}" in own
    assert "submission/inet/milter_macro_daemon_name = submission" in own
    assert "smtp/inet/milter_macro_daemon_name" not in str(own)


def test_others_stay_behind_ours(tmp_path):
    config = make(tmp_path, "busy")
    out = done(config, "--apply")
    assert config.postconf("-P", "submission/inet/smtpd_milters").endswith(
        MILTER % "tempfail" +
        ",inet:127.0.0.1:8891,{inet:127.0.0.1:11332,default_action=accept}")
    assert config.postconf("-h", "smtpd_data_restrictions") == (
        POLICY + ", reject_unauth_pipelining, check_policy_service "
        "{ inet:127.0.0.1:10040, timeout=10s }")
    assert config.postconf("-h", "milter_connect_macros").endswith(
        " v _ {if_name}")
    # the way out he chose is his
    assert "relayhost = [192.0.2.77] is kept" in out
    assert config.postconf("-h", "default_transport") == "smtp"


def test_a_content_filter_asks_for_the_socketmap(tmp_path):
    config = make(tmp_path, "filtered")
    report = json.loads(done(config, "--json"))
    assert report["socketmap"] is True
    assert any('policy.pin = "never" is right here' in note["text"] and
               note["level"] == "warning" for note in report["notes"])
    done(config, "--apply")
    # what comes back from the filter is neither asked about nor checked again
    own = config.postconf("-P").splitlines()
    assert "localhost:10026/inet/smtpd_data_restrictions =" in own
    assert "localhost:10026/inet/smtpd_milters" not in str(own)
    assert ("localhost:10026/inet/rewrite_service_name = weir-rewrite"
            in own)


def test_never_pinned_by_the_socketmap_and_a_second_resolver(tmp_path):
    config = make(tmp_path, "busy", weir=NEVER.replace(
        'routes = (', 'routes = ( { name = "r"; recipient = [ "@big.example" '
        ']; host = "isp-a"; },'))
    done(config, "--apply")
    his = "inline:{ { intern.example = lmtp:[192.0.2.9] } }"
    assert config.postconf(
        "-h", "sender_dependent_default_transport_maps") == (
            "socketmap:unix:weir/map.sock:sender")
    assert config.postconf("-h", "transport_maps") == (
        "socketmap:unix:weir/map.sock:recipient, " + his)
    own = config.postconf("-P")
    assert f"weir-rewrite/unix/transport_maps = {his}" in own
    assert "submission/inet/rewrite_service_name = weir-rewrite" in own


def test_undo_leaves_what_was_edited_since(tmp_path):
    config = make(tmp_path, "busy")
    done(config, "--apply", "--socketmap")
    config.postconf("-e", "smtpd_banner=edited",
                    f"smtpd_data_restrictions=reject_x, {POLICY}, permit",
                    "smtpd_delay_open_until_valid_rcpt=yes")
    config.postconf("-P", "-e", "submission/inet/syslog_name=edited")
    out = done(config, "--undo")
    assert "smtpd_delay_open_until_valid_rcpt of main.cf is left" in out
    text = config.postconf("-n")
    assert "smtpd_banner = edited" in text
    assert "smtpd_data_restrictions = reject_x, permit" in text
    assert "message_reject_characters" not in text
    assert "milter_connect_macros = j {daemon_name} {client_addr}" in text
    own = config.postconf("-P")
    assert "submission/inet/syslog_name = edited" in own
    assert "submission/inet/milter_macro_daemon_name = ORIGINATING" in own
    assert "weir" not in text + own + config.postconf("-M")
    assert not (config.dir / "weir-undo.json").exists()


def test_applied_again_after_an_edit_still_knows_the_first_state(tmp_path):
    config = make(tmp_path)
    done(config, "--apply")
    config.postconf("-e", "smtpd_banner=edited")
    config.weir.write_text(NEVER.replace("192.0.2.2", "192.0.2.3"))
    done(config, "--apply")
    assert "[192.0.2.3]:587" in config.postconf("-h", "default_transport")
    done(config, "--undo")
    text = config.postconf("-n")
    assert "smtpd_banner = edited" in text
    assert "default_transport" not in text
    assert "weir" not in text + config.postconf("-P") + config.postconf("-M")


def test_undo_keeps_the_mode_of_the_files(tmp_path):
    """postconf itself does not."""
    config = make(tmp_path)
    done(config, "--apply")
    assert (config.dir / "weir-undo.json").stat().st_mode & 0o777 == 0o600
    for name in ("main.cf", "master.cf"):
        (config.dir / name).chmod(0o640)
    done(config, "--undo")
    for name in ("main.cf", "master.cf"):
        assert (config.dir / name).stat().st_mode & 0o777 == 0o640


def test_bytes_that_are_no_utf8_come_back(tmp_path):
    config = make(tmp_path)
    with (config.dir / "main.cf").open("ab") as main:
        main.write(b"# caf\xe9 \xff\nmail_name = caf\xe9\n")
    before = config.files()
    done(config, "--apply", "--json")
    done(config, "--undo", "--json")
    assert config.files() == before


def refused(config, *words, code=1):
    before = config.files()
    result = config.weirctl("postfix", *words)
    assert result.returncode == code
    assert config.files() == before
    return result.stdout + result.stderr


def test_nothing_is_set_while_something_must_be_mended(tmp_path):
    config = make(tmp_path, weir=WEIR_CONF +
                  'milter: { listen = "unix:/run/weir/milter.sock"; };')
    out = refused(config, "--apply")
    assert "make it unix:/var/spool/postfix/weir/milter.sock" in out
    assert not (config.dir / "weir-undo.json").exists()


def test_services_that_are_not_chrooted_reach_any_socket(tmp_path):
    config = make(tmp_path, "not_chrooted", weir=WEIR_CONF +
                  'milter: { listen = "unix:/run/weir/milter.sock"; };')
    done(config, "--apply")
    assert "{unix:/run/weir/milter.sock,default" in config.postconf("-P")


def test_mistakes_are_said(tmp_path):
    config = make(tmp_path)
    assert "nothing was applied" in refused(config, "--undo")
    assert "not both" in refused(config, "--undo", "--apply", code=2)
    assert "--reload goes with" in refused(config, "--reload", code=2)
    config.weir.write_text("nonsense = 1;")
    assert "weir.conf:1: nonsense" in refused(config)
    config.weir.write_text(WEIR_CONF)
    (config.dir / "weir-undo.json").write_text("{}")
    assert "is not what weirctl postfix" in refused(config, "--apply")
    (config.dir / "weir-undo.json").unlink()
    (config.dir / "master.cf").write_text("smtp inet n\n")
    assert "master.cf" in refused(config, "--apply")


def test_who_ignores_children_gets_an_answer(tmp_path):
    config = make(tmp_path)
    ignored = config.weirctl("postfix", preexec_fn=lambda: signal.signal(
        signal.SIGCHLD, signal.SIG_IGN))
    assert (ignored.returncode, ignored.stdout) == (0, done(config))


def test_no_such_directory(tmp_path):
    config = Config(tmp_path, "", "")
    config.dir = tmp_path / "nosuch"
    assert "nosuch" in config.weirctl("postfix").stderr


def test_what_does_not_run_is_not_reloaded(tmp_path):
    config = make(tmp_path)
    assert "Postfix does not run" in done(config, "--apply", "--reload")
