"""Our own processes: killed, stopped, hung, told to reload without end."""
import os
import signal
import time

KILLS = 8


def test_policyd_killed(fault):
    with fault("kill -9 of weir-policyd, 8 times") as f:
        f.forgiven = KILLS * 10  # what came within a flush_interval
        for _ in f.moments(KILLS):
            f.weir.policyd.kill_worker(signal.SIGKILL)


def test_milter_killed(fault):
    with fault("kill -9 of weir-milter, 8 times") as f:
        for _ in f.moments(KILLS):
            f.weir.milter.kill_worker(signal.SIGKILL)


def test_supervisors_killed(fault):
    """Whoever started them starts them again, as systemd would."""
    with fault("kill -9 of both supervisors, 2 times") as f:
        f.forgiven = f.messages  # the milter counts by itself meanwhile
        for _ in f.moments(2):
            for name in ("policyd", "milter"):
                daemon = getattr(f.weir, name)
                os.kill(daemon.supervisor, signal.SIGKILL)
                daemon.lines.wait_end()
                getattr(f.weir, f"start_{name}")()
                f.listen_to(getattr(f.weir, name).lines)


def test_terminated(fault):
    with fault("SIGTERM to both, and started again, 3 times") as f:
        f.forgiven = f.messages
        for _ in f.moments(3):
            for name in ("policyd", "milter"):
                getattr(f.weir, f"stop_{name}")()
                getattr(f.weir, f"start_{name}")()
                f.listen_to(getattr(f.weir, name).lines)


def test_state_hung(fault):
    """All of weir-policyd hangs: Postfix waits for it too, 5 s a message."""
    with fault("weir-policyd hung (SIGSTOP), 3 times") as f:
        f.forgiven = f.messages
        for _ in f.moments(3, end=0.6):
            f.weir.policyd.signal(signal.SIGSTOP)
            try:
                f.weir.milter.lines.wait("event=StateLost")
                time.sleep(2)  # it hangs for a while
            finally:
                f.weir.policyd.signal(signal.SIGCONT)


def test_reload_each_second(fault):
    with fault("reload each second") as f:
        while f.honest.booked() < f.messages * 0.7:
            f.weir.ctl("reload")
            time.sleep(1)
