"""Runs a command and tells what it cost: wall clock, processor time, peak memory of all of it."""

import os
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

SAMPLE_EVERY_S: Final = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """wall_s: start to end; cpu_s: user and system of the process and all it waited for;
    peak_bytes: largest sum of proportional set sizes (PSS) of the process and its descendants;
    idle_share: of the whole machine's processor time meanwhile, the part that nobody used.
    """

    wall_s: float
    cpu_s: float
    peak_bytes: int
    idle_share: float
    output: str


class CommandFailedError(RuntimeError):
    """A measured command ended badly; its last lines are the message."""


def run(command: Sequence[str], *, environment: dict[str, str], good: int = 0) -> Cost:
    """The cost of a command. CommandFailedError when its exit status is not `good`."""
    started, idle_s = time.perf_counter(), _idle_s()
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment, text=True
    ) as child:
        output: list[str] = []
        drain = threading.Thread(target=_drain, args=(child, output))
        drain.start()
        peak_bytes = _watch(child.pid, alive=drain.is_alive)
        drain.join()
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    wall_s = time.perf_counter() - started
    idle_share = (_idle_s() - idle_s) / wall_s / (os.cpu_count() or 1)
    if child.returncode != good:
        raise CommandFailedError(f"{command}: {child.returncode}\n{output[0][-2000:]}")
    return Cost(
        wall_s=wall_s,
        cpu_s=usage.ru_utime + usage.ru_stime,
        peak_bytes=peak_bytes,
        idle_share=idle_share,
        output=output[0],
    )


def _idle_s() -> float:
    """Idle seconds of all processors together since the machine started."""
    idle, waiting_for_disk = Path("/proc/stat").read_text().split()[4:6]
    return (int(idle) + int(waiting_for_disk)) / os.sysconf("SC_CLK_TCK")


def cpu_seconds_of(pid: int) -> float:
    """Processor time of a process and its descendants, so far; 0 for what is gone."""
    return sum(map(_cpu_s, [pid, *descendants(pid)]))


def _cpu_s(pid: int) -> float:
    try:
        words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(map(int, words[11:13])) / os.sysconf("SC_CLK_TCK")


def _drain(child: "subprocess.Popen[str]", output: list[str]) -> None:
    output.append(child.stdout.read() if child.stdout else "")


def _watch(pid: int, *, alive: Callable[[], bool]) -> int:
    peak = 0
    while alive():
        peak = max(peak, sum(map(_pss_bytes, [pid, *descendants(pid)])))
        time.sleep(SAMPLE_EVERY_S)
    return peak


def descendants(pid: int) -> list[int]:
    """The processes below one, at this moment."""
    found: list[int] = []
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
        children = [int(word) for task in tasks for word in (task / "children").read_text().split()]
    except OSError:
        return found  # gone between two looks
    for child in children:
        found += [child, *descendants(child)]
    return found


def _pss_bytes(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0  # gone between two looks
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:")), 0)
