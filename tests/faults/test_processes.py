"""Our own processes: killed, stopped, hung, told to reload without end."""
import os
import signal
import socket
import time

KILLS = 8


def test_policyd_killed(fault):
    with fault("kill -9 of weir-policyd, 8 times") as f:
        for _ in f.moments(KILLS):
            with f.state_dies():
                f.weir.policyd.kill_worker(signal.SIGKILL)


def test_milter_killed(fault):
    with fault("kill -9 of weir-milter, 8 times") as f:
        for _ in f.moments(KILLS):
            f.weir.milter.kill_worker(signal.SIGKILL)


def test_supervisors_killed(fault):
    """Whoever started them starts them again, as systemd would."""
    with fault("kill -9 of both supervisors, 2 times") as f:
        for _ in f.moments(2):
            for name in ("policyd", "milter"):
                with f.state_dies():
                    kill_supervisor(f, name)


def kill_supervisor(f, name):
    daemon = getattr(f.weir, name)
    os.kill(daemon.supervisor, signal.SIGKILL)
    daemon.lines.wait_end()
    getattr(f.weir, f"start_{name}")()
    f.listen_to(getattr(f.weir, name).lines)


def test_terminated(fault):
    with fault("SIGTERM to both, and started again, 3 times") as f:
        for _ in f.moments(3):
            for name in ("policyd", "milter"):
                getattr(f.weir, f"stop_{name}")()
                getattr(f.weir, f"start_{name}")()
                f.listen_to(getattr(f.weir, name).lines)


def test_state_hung(fault):
    """All of weir-policyd hangs: Postfix waits for it too, 5 s a message."""
    with fault("weir-policyd hung (SIGSTOP), 3 times") as f:
        for _ in f.moments(3, end=0.6):
            f.weir.policyd.signal(signal.SIGSTOP)
            try:
                f.weir.milter.lines.wait("event=StateLost")
                time.sleep(2)  # it hangs for a while
            finally:
                f.weir.policyd.signal(signal.SIGCONT)


class Deaf:
    """In the place of a socket: takes clients, and never says a word."""

    def __init__(self, path):
        self._path, self._aside = path, path + ".aside"

    def __enter__(self):
        os.rename(self._path, self._aside)
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.bind(self._path)
        os.chmod(self._path, 0o666)
        self._socket.listen(100)
        return self

    def __exit__(self, *_):
        os.rename(self._aside, self._path)
        self._socket.close()  # and with it those that it took


def test_state_is_deaf(fault):
    with fault("a state socket that takes clients and never answers") as f:
        f.until(0.2)
        with Deaf(f.weir.socket):
            f.weir.milter.kill_worker(signal.SIGKILL)  # and the next asks it
            f.weir.milter.lines.wait("event=StateLost")
            f.until(0.6)
        f.weir.milter.lines.wait("event=StateBack")


def test_reload_each_second(fault):
    with fault("reload each second") as f:
        while f.honest.booked() < f.messages * 0.7:
            f.weir.ctl("reload")
            time.sleep(1)
