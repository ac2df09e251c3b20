"""
One child process and what it starts in turn: a process group of its own, so
that it can be stopped whole, and nothing else with it.
"""
import os
import signal
import subprocess
import threading

from .lines import PATIENCE, Lines


class Process:
    """
    Runs argv at once. Its output (both streams) is kept in lines and in
    log_path. Should this program die without a chance to clean up, the kernel
    sends the child TERM (setpriv --pdeathsig).

    Start it from a thread that lives on: that signal is the thread's.
    """

    def __init__(self, name, argv, log_path, env=None, pass_fds=()):
        self.name = name
        self.log_path = log_path
        self.lines = Lines(name)
        assert threading.current_thread() is threading.main_thread()
        self._child = subprocess.Popen(
            ["setpriv", "--pdeathsig", "TERM", "--", *argv],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={**os.environ, **(env or {})},
            pass_fds=pass_fds,
            start_new_session=True,
        )
        self.lines.feed(self._child.stdout, open(log_path, "ab"))

    @property
    def pid(self):
        return self._child.pid

    def running(self):
        return self._child.poll() is None

    def signal(self, number):
        if self.running():
            self._child.send_signal(number)

    def wait(self, timeout=PATIENCE):
        """Its exit status; negative: the signal that killed it."""
        return self._child.wait(timeout)

    def stop(self, timeout=15):
        """TERM; what has not gone after timeout is killed, group and all."""
        self.signal(signal.SIGTERM)
        try:
            return self.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill()
            raise RuntimeError(
                f"{self.name} did not end on TERM; it ends:\n"
                + self.lines.tail()
            ) from None

    def kill(self):
        if self.running():
            os.killpg(self._child.pid, signal.SIGKILL)
            self._child.wait()


def children(pid):
    """Process ids of the direct children, oldest first."""
    try:
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as f:
            return [int(x) for x in f.read().split()]
    except FileNotFoundError:
        return []


def run(argv, env=None, check=True, timeout=PATIENCE):
    """Runs a command to its end; its output and status."""
    done = subprocess.run(
        argv,
        env={**os.environ, **(env or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=timeout,
    )
    if check and done.returncode != 0:
        raise RuntimeError(
            f"{' '.join(argv)}: exit {done.returncode}\n"
            f"{done.stdout}{done.stderr}"
        )
    return done
