"""What the machine gives: fsyncs a second of this disk, and the CPU time of a tree of processes."""

import os
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

_TICK = os.sysconf("SC_CLK_TCK")
_PROBE_SECONDS = 0.5
ROLES = {"bot.reading.sandbox": "reading", "bot.writing.helper": "writing"}


def rounds_until(give_up_at: float, most: int, say: Callable[[str], None]) -> Iterator[int]:
    """Count rounds from 1, as long as one like the longest so far ends before a moment (monotonic)."""
    longest = 0.0
    for number in range(1, most + 1):
        began = time.monotonic()
        if number > 1 and began + longest > give_up_at:
            say(f"no time for round {number}")
            return
        yield number
        longest = max(longest, time.monotonic() - began)


def fsyncs_a_second(directory: Path) -> float:
    """Append 4 kB and fsync, again and again for half a second."""
    path = directory / "fsync-probe"
    count = 0
    with path.open("wb", buffering=0) as file:
        began = time.monotonic()
        while (elapsed := time.monotonic() - began) < _PROBE_SECONDS:
            file.write(b"x" * 4096)
            os.fsync(file.fileno())
            count += 1
    path.unlink()
    return count / elapsed


def cpu_seconds(root: int) -> dict[str, float]:
    """Return the CPU seconds of a process and all below it, by role: daemon, reading, writing.

    What a process has waited for is in its own account; what still runs is asked itself.
    """
    stats = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (found := _stat(entry)):
            stats[int(entry.name)] = found
    spent: dict[str, float] = defaultdict(float)
    for process_id, (_, ticks) in stats.items():
        if (role := _role(process_id, root, stats)) is not None:
            spent[role] += ticks / _TICK
    return dict(spent)


def _role(process_id: int, root: int, stats: dict[int, tuple[int, int]]) -> str | None:
    """Return whose work a process does, or None where it is not below the root."""
    role = None
    while process_id in stats:
        if process_id == root:
            return role or "daemon"
        role = role or _helper(process_id)
        process_id = stats[process_id][0]
    return None


def _helper(process_id: int) -> str | None:
    try:
        command = Path(f"/proc/{process_id}/cmdline").read_bytes().decode(errors="replace")
    except OSError:
        return None
    return next((role for name, role in ROLES.items() if name in command), None)


def _stat(entry: Path) -> tuple[int, int] | None:
    """Return parent and ticks: its own, and of the children that it waited for (proc(5))."""
    try:
        fields = (entry / "stat").read_text().rpartition(") ")[2].split()
    except OSError:
        return None
    return int(fields[1]), sum(map(int, fields[11:15]))


def spent_between(before: dict[str, float], after: dict[str, float]) -> dict[str, float]:
    """Return the CPU seconds of each role between two readings."""
    return {role: after[role] - before.get(role, 0.0) for role in sorted(after)}
