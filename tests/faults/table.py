"""The rows of all faults, as one table."""
import re
from collections import Counter
from dataclasses import dataclass

# Each message that is refused makes one of these; they are no news of a fault.
VERDICTS = r"event=(IdentityRefused|Limit\w+)\b| refused queue_id="
TOLD = r"event=(\w+)(?: (host=\S+|part=\S+))?"


@dataclass(frozen=True)
class Row:
    fault: str
    messages: int
    accepted: int
    put_off: int  # 4xx
    refused: int  # 5xx
    in_doubt: int  # the connection was lost before the answer
    delivered: int  # once
    lost: int
    doubled: int
    over: int  # beyond carol's limit
    wrong: int  # verdicts
    recovered: float  # seconds, to mail by Weir's word again
    saw: str

    def clean(self):
        return not (self.lost or self.doubled or self.wrong)


HEADS = {
    "fault": "fault", "messages": "messages", "accepted": "accepted",
    "put_off": "put off (4xx)", "refused": "refused (5xx)",
    "in_doubt": "in doubt", "delivered": "delivered once", "lost": "lost",
    "doubled": "doubled", "over": "over the limit", "wrong": "wrong verdicts",
    "recovered": "recovered in (s)", "saw": "operator saw",
}


LEGEND = """
in doubt: the connection was lost before the answer; RFC 5321, 6.1.
over the limit: passed while the state was away or was forgotten with it; what
it saw it limits exactly, and one beyond that is a wrong verdict.
"""


def render(rows):
    cells = [list(HEADS.values())] + [
        [f"{getattr(row, name):.1f}" if name == "recovered"
         else str(getattr(row, name)) for name in HEADS]
        for row in rows
    ]
    widths = [max(len(line[n]) for line in cells) for n in range(len(HEADS))]
    widths[-1] = 0
    lines = [" | ".join(
        cell.rjust(width) if 0 < n < len(line) - 1 else cell.ljust(width)
        for n, (cell, width) in enumerate(zip(line, widths)))
        for line in cells]
    lines.insert(1, "-|-".join("-" * (width or 40) for width in widths))
    return "\n".join(lines) + "\n" + LEGEND


def what_was_told(lines):
    """The lines of both daemons, the same ones counted."""
    said = Counter()
    for line in lines:
        if re.search(VERDICTS, line):
            continue
        event = re.search(TOLD, line)
        said[" ".join(filter(None, event.groups())) if event
             else plain(line)] += 1
    return "; ".join(text if n == 1 else f"{n} x {text}"
                     for text, n in said.items()) or "nothing"


def plain(line):
    """Without the time and the program, and without what is long."""
    line = re.sub(r"^\S+ (weir-\w+\S*) ", "", line)
    line = re.sub(r"/\S*/(\S+)", r"\1", line)
    line = re.sub(r"\b(worker|pid) \d+", r"\1 N", line)
    return line if len(line) <= 110 else line[:107] + "..."
