"""Our own processes: killed, stopped, hung, told to reload without end."""
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


def test_reload_each_second(fault):
    with fault("reload each second") as f:
        while f.honest.booked() < f.messages * 0.7:
            f.weir.ctl("reload")
            time.sleep(1)
