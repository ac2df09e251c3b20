"""
What processes take, each second: memory that is resident, descriptors,
threads.
"""
import csv
import os
import threading
import time
from dataclasses import dataclass


@dataclass(frozen=True)
class Sample:
    at: float  # seconds since the start
    rss: int  # KiB
    fds: int
    threads: int


def sample(pid, at=0.0):
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        fields = dict(line.split(":", 1) for line in file)
    return Sample(at, int(fields["VmRSS"].split()[0]),
                  len(os.listdir(f"/proc/{pid}/fd")), int(fields["Threads"]))


REST = 10  # samples that tell a level: what is open for a moment is not it


def least(samples):
    """Descriptors and threads that there were at all times."""
    return min(s.fds for s in samples), min(s.threads for s in samples)


class Watch:
    """pids: name -> process id. path: a CSV file of every sample."""

    def __init__(self, pids, path):
        self.pids = pids
        self.samples = {name: [] for name in pids}
        self._began = time.monotonic()
        self._file = open(path, "w", encoding="ascii", newline="")
        self._csv = csv.writer(self._file)
        self._csv.writerow(("seconds", "process", "rss_kib", "fds",
                            "threads"))
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()

    def now(self):
        return time.monotonic() - self._began

    def _watch(self):
        while not self._stop.wait(1):
            at = self.now()
            for name, pid in self.pids.items():
                try:
                    one = sample(pid, at)
                except (OSError, KeyError):
                    continue  # it is gone: whoever waits for it will tell
                self.samples[name].append(one)
                self._csv.writerow((f"{at:.1f}", name, one.rss, one.fds,
                                    one.threads))
            self._file.flush()

    def settled(self, since):
        """Nothing was opened or closed of late, but for probes."""
        return all(
            len(late := [s for s in samples if s.at > since]) >= 2 * REST
            and least(late[-REST:]) == least(late[-2 * REST:-REST])
            for samples in self.samples.values())

    def level(self):
        """What they take now, when they are settled."""
        return {
            name: Sample(self.now(), samples[-1].rss, *least(samples[-REST:]))
            for name, samples in self.samples.items()}

    def stop(self):
        self._stop.set()
        self._thread.join()
        self._file.close()
