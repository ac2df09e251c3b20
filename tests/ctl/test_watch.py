"""weirctl hosts --watch: the smart hosts as they change."""

import os
import pty
import signal
import subprocess


def states(hosts):
    return {host["name"]: host["state"] for host in hosts["hosts"]}


def test_a_drain_is_seen(make_weir):
    weir = make_weir()
    weir.start()
    with weir.watch() as watch:
        weir.text("drain", "isp-a")
        while states(watch.object())["isp-a"] != "drained":
            pass
        weir.text("enable", "isp-a")
        while states(watch.object())["isp-a"] != "healthy":
            pass


def test_it_goes_on_after_a_restart(make_weir):
    weir = make_weir()
    weir.start()
    with weir.watch() as watch:
        weir.kill()
        assert "away, waiting" in watch.said()
        weir.start()
        assert "is back" in watch.said()
        assert states(watch.object())["isp-b"] == "healthy"


def test_a_terminal_is_written_in_place(weir):
    leader, follower = pty.openpty()
    process = subprocess.Popen(weir.command("hosts", "-w"), stdout=follower)
    os.close(follower)
    seen = b""
    while seen.count(b"\x1b[H\x1b[J") < 2 or b"isp-b" not in seen:
        seen += os.read(leader, 4096)
    process.send_signal(signal.SIGINT)
    assert process.wait(20) == 0
    os.close(leader)


def test_without_a_daemon_it_says_so(make_weir):
    done = make_weir().run("hosts", "--watch")
    assert done.returncode == 3 and "not running" in done.stderr
