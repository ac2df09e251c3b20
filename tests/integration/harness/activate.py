"""
Socket activation as systemd does it (sd_listen_fds(3)), for tests: becomes
argv, with the descriptors named first as 3, 4, ...

    python3 activate.py FD[,FD...] PROGRAM [ARGUMENT...]
"""
import fcntl
import os
import sys


def main():
    fds = [int(fd) for fd in sys.argv[1].split(",")]
    above = [fcntl.fcntl(fd, fcntl.F_DUPFD, 3 + len(fds)) for fd in fds]
    for number, fd in enumerate(above, start=3):
        os.dup2(fd, number, inheritable=True)
    os.environ["LISTEN_PID"] = str(os.getpid())
    os.environ["LISTEN_FDS"] = str(len(fds))
    os.execv(sys.argv[2], sys.argv[2:])


if __name__ == "__main__":
    main()
