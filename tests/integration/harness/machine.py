"""
A private copy of this system, to install things in: everything that is here
is there, what is changed there is changed only there, and at the end it is
gone. Its network has nothing but a loopback interface.

The copy's files are an overlay in memory over the machine's own, in a mount
namespace; its processes have a namespace of their own too, so that they end
with it. No systemd runs there; what a test needs in its place it says.
"""
import ctypes
import datetime
import os
import re
import shutil
import socket
import tempfile
import threading

from .lines import PATIENCE
from .process import Process, children, run

# $0: an empty directory; $1: the host's name. Nothing of this outlives the
# namespace. /dev has only what every program expects: no way to a disk, and
# none to the machine's syslog.
SETUP = """set -e
mount -t tmpfs -o mode=755 none "$0"
mkdir "$0/changes" "$0/work" "$0/root"
mount -t overlay -o "lowerdir=/,upperdir=$0/changes,workdir=$0/work" \
    overlay "$0/root"
cd "$0/root"
mount -t proc proc proc
mount -t tmpfs none run
mount -t tmpfs none dev
mount -t tmpfs -o mode=1777 none tmp
for device in null zero full random urandom; do
    touch dev/$device
    mount --bind /dev/$device dev/$device
done
mkdir -m 1777 dev/shm
ln -s /proc/self/fd dev/fd
ip link set lo up
hostname "$1"
exec chroot . sh -c 'cd /; trap "" CHLD; echo ready; exec sleep infinity'
"""
CLONE_NEWNET = 0x40000000  # sched.h
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
MAIL = 2  # the facility, syslog(3)


class Machine:
    def __init__(self, name):
        self.name = name
        self._dir = tempfile.mkdtemp(prefix="weir-machine-")
        self._shell = Process(
            "machine",
            ["setpriv", "--pdeathsig", "KILL", "--", "unshare", "--mount",
             "--net", "--pid", "--uts", "--ipc", "--fork", "--kill-child",
             "sh", "-c", SETUP, self._dir, name],
            os.path.join(self._dir, "log"),
        )
        try:
            self._shell.lines.wait("^ready$")
            self._init = children(self._shell.pid)[0]
        except BaseException:
            self.stop()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        """Every process of it ends, and with the last one all its files."""
        self._shell.kill()
        shutil.rmtree(self._dir)

    def path(self, path):
        """Where a file of the copy is for the programs out here."""
        return f"/proc/{self._init}/root{path}"

    def write(self, path, text, mode=0o644):
        with open(self.path(path), "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(self.path(path), mode)

    def read(self, path):
        with open(self.path(path), "rb") as file:
            return file.read()

    def argv(self, *argv, folder="/", **env):
        """What runs argv in there, with nothing of our own environment."""
        return [
            "nsenter", "-t", str(self._init), "-m", "-n", "-p", "-u", "-i",
            "-r", "-w", "--", "env", "-i", "-C", folder, f"PATH={PATH}",
            "HOME=/root", "LC_ALL=C", *(f"{k}={v}" for k, v in env.items()),
            *argv,
        ]

    def sh(self, command, check=True, timeout=4 * PATIENCE, **how):
        """Runs a command of the shell (see argv); its output and status."""
        return run(self.argv("sh", "-c", command, **how), check=check,
                   timeout=timeout)

    def network(self):
        """
        Within it this thread, and those it starts, are in the copy's network
        with every socket they make. A context manager.
        """
        return _Network(f"/proc/{self._init}/ns/net")


class _Network:
    def __init__(self, path):
        self._path = path
        self._ours = None

    def __enter__(self):
        self._ours = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        there = os.open(self._path, os.O_RDONLY)
        _enter(there)
        os.close(there)

    def __exit__(self, *_):
        _enter(self._ours)
        os.close(self._ours)


def _enter(namespace):
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.setns(namespace, CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "setns")


class Syslog:
    """What rsyslog is to a Debian: mail.log, from /dev/log of a machine."""

    def __init__(self, machine):
        self._host = machine.name
        self.path = machine.path("/var/log/mail.log")
        self._log = open(self.path, "w", encoding="utf-8", buffering=1)
        shutil.chown(self.path, "root", "adm")
        os.chmod(self.path, 0o640)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(machine.path("/dev/log"))
        os.chmod(machine.path("/dev/log"), 0o666)
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self):
        self._socket.shutdown(socket.SHUT_RDWR)

    def _serve(self):
        with self._socket, self._log:
            while True:
                packet = self._socket.recv(65536).decode("utf-8", "replace")
                if not packet:
                    return
                # <priority>Nov 25 17:00:00 tag[pid]: text
                line = re.fullmatch(r"<(\d+)>.{15} (.*)\n?\0?", packet, re.S)
                if line and int(line[1]) >> 3 == MAIL:
                    now = datetime.datetime.now().astimezone().isoformat()
                    self._log.write(f"{now} {self._host} {line[2]}\n")
