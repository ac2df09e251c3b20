"""
Lines that a process or a file produces, kept in order and awaited without
polling: whoever waits is woken by the line itself.
"""
import re
import subprocess
import threading
import time

PATIENCE = 30.0  # seconds; only a failing test waits that long


class Lines:
    def __init__(self, name):
        self.name = name
        self.all = []
        self.ended = False
        self._changed = threading.Condition()

    def feed(self, stream, copy_to=None):
        """Reads stream (bytes) to its end in a thread of its own."""
        threading.Thread(
            target=self._read, args=(stream, copy_to), daemon=True
        ).start()

    def _read(self, stream, copy_to):
        with stream:
            for raw in stream:
                if copy_to:
                    copy_to.write(raw)
                    copy_to.flush()
                with self._changed:
                    self.all.append(raw.decode("utf-8", "replace").rstrip())
                    self._changed.notify_all()
        if copy_to:
            copy_to.close()
        with self._changed:
            self.ended = True
            self._changed.notify_all()

    def mark(self):
        """A place to search from: what was said before it is passed over."""
        with self._changed:
            return len(self.all)

    def find(self, pattern, since=0):
        with self._changed:
            return [x for x in self.all[since:] if re.search(pattern, x)]

    def wait(self, pattern, since=0, count=1, timeout=PATIENCE):
        """The count-th line that matches, as soon as it is there."""
        wanted = re.compile(pattern)
        deadline = time.monotonic() + timeout
        with self._changed:
            seen = 0
            while True:
                for line in self.all[since:]:
                    if wanted.search(line):
                        seen += 1
                        if seen == count:
                            return line
                since = len(self.all)
                left = deadline - time.monotonic()
                if left <= 0 or self.ended:
                    raise TimeoutError(
                        f"{self.name}: {count} x /{pattern}/ not seen "
                        f"{'before its end' if self.ended else 'in time'} "
                        f"(seen {seen}); it says:\n"
                        + "\n".join(self.all[-15:])
                    )
                self._changed.wait(left)

    def wait_end(self, timeout=PATIENCE):
        """Until nobody is left who could say more."""
        with self._changed:
            assert self._changed.wait_for(lambda: self.ended, timeout)

    def tail(self, count=40):
        with self._changed:
            return "\n".join(self.all[-count:])


class FileLines(Lines):
    """Follows a file as it grows, by tail(1), which is told by inotify."""

    def __init__(self, path):
        super().__init__(path)
        self._tail = subprocess.Popen(
            ["tail", "-n", "+1", "-F", path],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self.feed(self._tail.stdout)

    def close(self):
        self._tail.terminate()
        self._tail.wait()
