"""make install: every file where it belongs, and units systemd would take."""

import json
import os
import pathlib
import re
import shutil
import subprocess

import pytest

from conftest import BUILD

FILES = """
bin/weirctl
sbin/weir-milter
sbin/weir-policyd
lib/systemd/system/weir-milter.service
lib/systemd/system/weir-milter.socket
lib/systemd/system/weir-policy.socket
lib/systemd/system/weir-policyd.service
lib/systemd/system/weir-state.socket
lib/sysusers.d/weir.conf
lib/tmpfiles.d/weir.conf
share/bash-completion/completions/weirctl
share/doc/weir/examples/gateway-before-exchange.conf
share/doc/weir/examples/large-submission.conf
share/doc/weir/examples/large-submission.senders
share/doc/weir/examples/small-office.conf
share/doc/weir/examples/two-isps-with-standby.conf
share/man/man1/weirctl.1
share/man/man5/weir.conf.5
share/man/man8/weir-milter.8
share/man/man8/weir-policyd.8
share/zsh/site-functions/_weirctl
""".split()
LONG = 300  # seconds; make on a busy machine


def run(*words, **more):
    done = subprocess.run([str(word) for word in words], text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          timeout=LONG, check=False, **more)
    assert done.returncode == 0, done.stdout
    return done.stdout


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """What make install puts below a DESTDIR."""
    root = tmp_path_factory.mktemp("root")
    env = {key: value for key, value in os.environ.items()
           if not key.startswith(("MAKE", "MFLAGS"))}
    run("make", "-C", BUILD, "install", f"DESTDIR={root}", env=env)
    return root


@pytest.fixture(scope="module")
def prefix(root):
    found = list(root.rglob("weir-policyd.service"))
    assert len(found) == 1
    return found[0].parents[3]


@pytest.fixture
def units(root, prefix, tmp_path):
    """The units, with the programs where they are now."""
    inside = "/" + str(prefix.relative_to(root))
    for path in (prefix / "lib/systemd/system").iterdir():
        text = path.read_text()
        assert "dir@" not in text
        (tmp_path / path.name).write_text(
            text.replace(f"ExecStart={inside}", f"ExecStart={prefix}"))
    return tmp_path


def settings(path, name):
    return re.findall(rf"(?m)^{name}=(.*)$", path.read_text())


def test_every_file_is_where_it_belongs(root, prefix):
    assert [name for name in FILES if not (prefix / name).is_file()] == []
    assert len(list(root.rglob("logrotate.d/weir"))) == 1
    assert (next(root.rglob("logrotate.d")).parent / "weir").is_dir()
    for name in ("bin/weirctl", "sbin/weir-milter", "sbin/weir-policyd"):
        assert os.access(prefix / name, os.X_OK)


def test_units_run_what_is_installed(root, prefix):
    folder = prefix / "lib/systemd/system"
    conf = str(next(root.rglob("logrotate.d")).parent.relative_to(root))
    for name in ("weir-milter", "weir-policyd"):
        program = "/" + str((prefix / "sbin" / name).relative_to(root))
        assert settings(folder / f"{name}.service", "ExecStart") == [
            f"{program} -c /{conf}/weir/weir.conf"]
        assert settings(folder / f"{name}.service", "Restart") == ["always"]


def test_sockets_of_the_units_are_those_of_weir_conf(prefix, tmp_path):
    """Each is one of weir.conf's defaults, and none is missing."""
    plain = tmp_path / "weir.conf"
    plain.write_text('profile = "hub";')
    shown = json.loads(subprocess.run(
        [prefix / "bin/weirctl", "--json", "-c", plain, "config", "show"],
        capture_output=True, text=True, check=True).stdout)
    defaults = {row["path"]: row["value"] for row in shown["settings"]}
    held = [path for unit in prefix.rglob("*.socket")
            for path in settings(unit, "ListenStream")]
    assert sorted(held) == sorted(
        defaults[name].removeprefix("unix:") for name in (
            "state.socket", "milter.listen", "policy.listen",
            "policy.socketmap"))
    for unit in prefix.rglob("*.socket"):
        assert settings(unit, "SocketMode") == ["0660"]
        group = "weir" if "state" in unit.name else "postfix"
        assert settings(unit, "SocketGroup") == [group]


def test_systemd_finds_no_fault_with_the_units(units):
    if not shutil.which("systemd-analyze"):
        return  # nobody here who could
    names = [path for path in units.iterdir() if path.is_file()]
    assert run("systemd-analyze", "verify", "--man=no", *names) == ""
    for name in ("weir-milter", "weir-policyd"):
        said = run("systemd-analyze", "security", "--offline=true",
                   units / f"{name}.service")
        exposure = re.search(r"exposure level for \S+: ([0-9.]+)", said)
        assert float(exposure[1]) <= 2.0, said


def test_systemd_takes_the_user_and_the_folders(prefix, tmp_path):
    if not shutil.which("systemd-sysusers") or os.geteuid() != 0:
        return
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/passwd").write_text("postfix:x:101:102::/:/bin/false\n")
    (tmp_path / "etc/group").write_text(
        "postfix:x:102:\nadm:x:4:\nsystemd-journal:x:103:\n")
    run("systemd-sysusers", f"--root={tmp_path}",
        prefix / "lib/sysusers.d/weir.conf")
    assert re.search(r"(?m)^weir:", (tmp_path / "etc/passwd").read_text())
    assert re.search(r"(?m)^adm:.*:weir$",
                     (tmp_path / "etc/group").read_text())
    run("systemd-tmpfiles", "--create", f"--root={tmp_path}",
        prefix / "lib/tmpfiles.d/weir.conf")
    folder = (tmp_path / "var/spool/postfix/weir").stat()
    assert (folder.st_mode & 0o7777, folder.st_gid) == (0o2750, 102)
    uid = (tmp_path / "run/weir").stat().st_uid
    for name in ("lib", "log"):
        folder = (tmp_path / "var" / name / "weir").stat()
        assert (folder.st_mode & 0o7777, folder.st_uid) == (0o750, uid)


def test_logrotate_takes_its_file(root, tmp_path):
    if not shutil.which("logrotate"):
        return
    text = next(root.rglob("logrotate.d/weir")).read_text()
    assert "su weir weir" in text
    mine = tmp_path / "weir"
    mine.write_text(text.replace("su weir weir", "su root root"))
    mine.chmod(0o644)
    said = run("logrotate", "-d", "-s", tmp_path / "status", mine)
    assert "error" not in said


@pytest.mark.parametrize("name", [
    "small-office", "two-isps-with-standby", "gateway-before-exchange",
    "large-submission"])
def test_example_is_right(prefix, tmp_path, name):
    examples = prefix / "share/doc/weir/examples"
    conf = tmp_path / "weir.conf"
    conf.write_text((examples / f"{name}.conf").read_text().replace(
        "/etc/weir/senders", str(examples / f"{name}.senders")))
    said = run(prefix / "bin/weirctl", "config", "check", conf)
    assert "is right" in said
