"""The logs: the mail log, which we read, and our own, which we write."""
import os

from harness.process import run


def test_mail_log_gone(site, fault):
    """A host dies while there is no log to tell of it: probes do."""
    with fault("mail log removed, and a smart host dies") as f:
        f.until(0.2)
        os.unlink(site.postfix.log_path)
        f.until(0.4)
        site.b.kill()
        f.weir.policyd.lines.wait("event=MarkedUnhealthy host=b")
        f.until(0.7)
        site.b.start()
        new_log(site)
        f.over()


def new_log(site):
    """As logrotate leaves it: an empty file, and Postfix is told."""
    open(site.postfix.log_path, "ab").close()
    run(["postfix", "-c", site.postfix.config_directory, "reload"])


def test_mail_log_rotated(site, fault):
    with fault("mail log rotated, 5 times") as f:
        for n, _ in enumerate(f.moments(5)):
            os.rename(site.postfix.log_path, f"{site.postfix.log_path}.{n}")
            new_log(site)
        site.b.kill()
        f.weir.policyd.lines.wait("event=MarkedUnhealthy host=b")
        site.b.start()
        f.over()
