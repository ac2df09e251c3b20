"""
Is it flat? The judgment of what a watch saw between two quiet moments, as a
table, and a line of each process's memory.
"""
from dataclasses import dataclass

# KiB. What a straight line through the samples gains from the first quiet
# moment to the last, and what the highest of them stands above the warm-up's.
GROWTH = 1024
ABOVE = 4096

# What the same line gains in descriptors. Not none: weir-milter keeps as many
# idle connections to weir-policyd as ever were asked on at once, up to 64 (io/
# state_client.h). One lost at each reload, drain or failure would be dozens.
KEPT = 8

BARS = "▁▂▃▄▅▆▇█"
COLUMNS = 60


@dataclass(frozen=True)
class Flatness:
    process: str
    before: object  # watch.Sample: at the first quiet moment, and the last
    after: object
    warm: int  # the highest while it warmed up, KiB
    most: int  # the highest since
    growth: float  # of the line, KiB
    kept: float  # of a line through the descriptors
    plot: str

    def complaints(self):
        if self.growth > GROWTH:
            yield f"grows by {self.growth:.0f} KiB"
        if self.most > max(self.warm, self.before.rss) + ABOVE:
            yield f"took {self.most} KiB once"
        if self.kept > KEPT:
            yield f"keeps {self.kept:.0f} descriptors"
        if self.after.threads > self.before.threads:
            yield f"keeps {self.after.threads - self.before.threads} threads"


def judge(process, samples, before, after):
    warm = [s.rss for s in samples if s.at <= before.at]
    since = [s for s in samples if before.at < s.at <= after.at]
    return Flatness(process, before, after, max(warm),
                    max(s.rss for s in since),
                    slope(since, "rss") * (after.at - before.at),
                    slope(since, "fds") * (after.at - before.at),
                    plot([s.rss for s in samples]))


def slope(samples, what):
    """Of the line with the least squares, a second."""
    n = len(samples)
    x = sum(s.at for s in samples) / n
    y = sum(getattr(s, what) for s in samples) / n
    return (sum((s.at - x) * (getattr(s, what) - y) for s in samples)
            / sum((s.at - x) ** 2 for s in samples))


def plot(values):
    """The highest of each part, as bars between the lowest and the highest."""
    parts = min(COLUMNS, len(values))
    tops = [max(values[n * len(values) // parts:
                       (n + 1) * len(values) // parts])
            for n in range(parts)]
    low, high = min(values), max(values)
    return "".join(
        BARS[(top - low) * (len(BARS) - 1) // max(high - low, 1)]
        for top in tops) + f" {low} to {high} KiB"


HEADS = ("process", "RSS quiet (KiB)", "at the end", "highest warm-up",
         "since", "line gains", "fds quiet", "at the end", "line gains",
         "threads quiet", "at the end")


def render(rows):
    cells = [HEADS] + [
        (row.process, row.before.rss, row.after.rss, row.warm, row.most,
         f"{row.growth:+.0f}", row.before.fds, row.after.fds,
         f"{row.kept:+.1f}", row.before.threads, row.after.threads) for row in rows]
    widths = [max(len(str(line[n])) for line in cells)
              for n in range(len(HEADS))]
    lines = [" | ".join(
        str(cell).rjust(width) if n else str(cell).ljust(width)
        for n, (cell, width) in enumerate(zip(line, widths)))
        for line in cells]
    lines.insert(1, "-|-".join("-" * width for width in widths))
    lines += [""] + [f"{row.process.ljust(widths[0])} {row.plot}"
                     for row in rows]
    return "\n".join(lines) + "\n"
