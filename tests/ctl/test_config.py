"""weirctl config: no daemon is needed."""

import json
import os
import pathlib
import subprocess
import tempfile

import pytest

from conftest import BUILD, WAIT

GOOD = """
profile = "edge";
smart_hosts = ( { name = "isp-a"; nexthop = "[127.0.0.1]:25"; weight = 7; } );
connectors = ( { name = "outbound"; members = ( { host = "isp-a"; } ); } );
"""


def weirctl(path, *words):
    return subprocess.run([BUILD / "weirctl", "-c", path, *words],
                          capture_output=True, text=True, timeout=WAIT,
                          check=False)


def config(tmp_path, text, *words):
    path = tmp_path / "weir.conf"
    path.write_text(text)
    return weirctl(path, "config", *words)


def test_check_says_when_all_is_right(tmp_path):
    done = config(tmp_path, GOOD, "check")
    assert done.returncode == 0
    assert "is right" in done.stdout
    done = config(tmp_path, GOOD, "check", "--json")
    assert json.loads(done.stdout)["ok"] is True


def test_check_says_every_mistake_with_its_line(tmp_path):
    text = GOOD.replace("weight", "wieght").replace(
        '"isp-a"; } ); }', '"isp-x"; } ); }')
    done = config(tmp_path, text, "check")
    assert done.returncode == 1
    assert ":3: " in done.stderr and ":4: " in done.stderr
    done = config(tmp_path, text, "check", "--json")
    report = json.loads(done.stdout)
    assert (done.returncode, report["ok"]) == (1, False)
    assert len(report["errors"]) == report["count"] == 2


def test_check_says_how_many_mistakes_there_are(tmp_path):
    text = "\n".join(f"nothing{n} = 1;" for n in range(130))
    report = json.loads(config(tmp_path, text, "check", "--json").stdout)
    assert (len(report["errors"]), report["count"]) == (100, 130)
    assert "... and 30 more" in config(tmp_path, text, "check").stderr


def test_check_takes_another_file(tmp_path):
    other = tmp_path / "other.conf"
    other.write_text(GOOD)
    assert config(tmp_path, "x", "check", other).returncode == 0


def test_show_has_values_and_defaults_of_the_profile(tmp_path):
    done = config(tmp_path, GOOD, "show", "--json")
    assert done.returncode == 0
    shown = {row["path"]: (row["value"], row["default"])
             for row in json.loads(done.stdout)["settings"]}
    assert shown["profile"] == ("edge", False)
    assert shown["smart_hosts[isp-a].weight"] == (7, False)
    assert shown["connectors[outbound].failovers"] == (2, True)
    assert shown["connectors[outbound].members[isp-a].host"] == (
        "isp-a", False)
    assert shown["health.ladder"] == ("1m*4 10m*6 30m", True)
    text = config(tmp_path, GOOD, "show").stdout
    assert 'smart_hosts[isp-a].nexthop = "[127.0.0.1]:25"\n' in text


def test_show_refuses_what_cannot_be_read(tmp_path):
    assert config(tmp_path, "profile = ;", "show").returncode == 1


@pytest.mark.parametrize("words, status", [
    (("config", "show"), 1), (("config", "check"), 1), (("status",), 2)])
def test_what_is_no_file_is_said(tmp_path, words, status):
    included, fifo = tmp_path / "included.conf", tmp_path / "fifo"
    included.write_text('@include "folder"\n')
    (tmp_path / "folder").mkdir()
    os.mkfifo(fifo)
    for path, said in ((tmp_path, "a directory"), (included, "a directory"),
                       (fifo, "no regular file")):
        done = weirctl(path, *words)
        assert done.returncode == status
        assert f"is {said}, and should be a file" in done.stderr


def test_bytes_that_are_no_utf8_are_shown(tmp_path):
    path = tmp_path / "weir.conf"
    path.write_bytes(b'state: { directory = "/gr\xfcn"; };\n')
    done = weirctl(path, "config", "show")
    assert done.returncode == 0
    assert r'state.directory = "/gr\\xFCn"' in done.stdout
    path.write_bytes(b'nosuch\xfc = 1;\n')
    done = weirctl(path, "--json", "config", "check")
    assert len(json.loads(done.stdout)["errors"]) == 1
    path.write_bytes(b'identities: { realm = "x.example"; users = ( '
                     b'{ user = "gr\xfcn"; senders = [ ]; } ); };\n')
    done = weirctl(path, "--json", "config", "show")
    shown = json.loads(done.stdout)["settings"]
    assert (r"identities.users[gr\xFCn].user" in
            [row["path"] for row in shown])


def test_show_shows_no_mistakes_as_if_they_held(tmp_path):
    text = GOOD.replace("weight = 7", "weight = 0")
    done = config(tmp_path, text, "show")
    checked = config(tmp_path, text, "check")
    assert (done.returncode, done.stdout) == (1, "")
    assert "weight: 0 is out of range" in done.stderr
    assert done.stderr == checked.stderr
    done = config(tmp_path, text, "show", "--json")
    checked = config(tmp_path, text, "check", "--json")
    assert (done.returncode, done.stdout) == (1, checked.stdout)


def test_show_of_a_file_that_is_not_there_is_usage(tmp_path):
    for words in ("config", "show"), ("status",):
        done = weirctl(tmp_path / "none.conf", *words)
        assert done.returncode == 2
        assert "none.conf: cannot be opened: No such file" in done.stderr


@pytest.fixture
def folder():
    """That all may enter; short, since the path of a socket must be."""
    with tempfile.TemporaryDirectory(prefix="weir.") as path:
        os.chmod(path, 0o755)
        yield pathlib.Path(path)


def with_login(folder, line):
    secret = folder / "secret"
    secret.write_text(line)
    secret.chmod(0o600)
    (folder / "weir.conf").write_text(GOOD.replace(
        "smart_hosts = ( {", f'smart_hosts = ( {{ auth = "file:{secret}";') +
        f"""
state: {{ socket = "{folder}/state.sock"; directory = ""; group = "";
    daemons = [ ]; }};
postfix_group = "";
policy: {{ listen = [ "unix:{folder}/policy.sock" ]; socketmap = [ ];
    default_transport = "smtp"; }};
maillog: {{ source = "none"; }};
""")
    return folder / "weir.conf"


def test_a_login_that_is_none_is_a_mistake(folder):
    conf = with_login(folder, "no colon\n")
    place = f"{conf}:3: smart_hosts[isp-a].auth: "
    done = weirctl(conf, "config", "check")
    assert done.returncode == 1
    assert done.stderr.startswith(place) and "user:password" in done.stderr
    assert "no colon" not in done.stderr
    user = ["-u", "root"] if os.geteuid() == 0 else []
    start = subprocess.run(
        [BUILD / "weir-policyd", "-c", conf, *user], capture_output=True,
        text=True, timeout=WAIT, check=False)
    assert start.returncode == 78 and start.stderr.startswith(place)
    with_login(folder, "user:pass\n")
    assert weirctl(conf, "config", "check").returncode == 0


@pytest.mark.skipif(os.geteuid() != 0, reason="root alone becomes another")
def test_a_login_that_is_the_daemons_alone_is_no_mistake(folder):
    conf = with_login(folder, "no colon\n")
    done = subprocess.run([BUILD / "weirctl", "-c", conf, "config", "check"],
                          user=65534, capture_output=True, text=True,
                          timeout=WAIT, check=False)
    assert done.returncode == 0, done.stderr
