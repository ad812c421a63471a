"""Puts the figures into words: a table for the terminal, RESULTS.md for the repository."""

import importlib.metadata
import os
import platform
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One thing measured, once in each round; what was not taken is empty."""

    name: str
    pages: int
    pages_per_s: tuple[float, ...]
    cpu_s: tuple[float, ...] = ()
    peak_bytes: tuple[int, ...] = ()
    idle_shares: tuple[float, ...] = ()


def table(rows: Sequence[Row], *, base: Row) -> str:
    """A Markdown table; the ratio is against `base`, of the medians."""
    lines = [
        "| what | pages | pages/s, median (min–max) | ratio | CPU ms a page | peak memory |",
        "|---|---|---|---|---|---|",
    ]
    base_speed = statistics.median(base.pages_per_s)
    for row in rows:
        speed = statistics.median(row.pages_per_s)
        spread = f"{min(row.pages_per_s):.0f}–{max(row.pages_per_s):.0f}"
        cpu = f"{statistics.median(row.cpu_s) * 1000 / row.pages:.1f}" if row.cpu_s else ""
        peak = f"{statistics.median(row.peak_bytes) / MIB:.0f} MiB" if row.peak_bytes else ""
        ratio = f"{speed / base_speed:.2f}"
        lines.append(
            f"| {row.name} | {row.pages} | {speed:.0f} ({spread}) | {ratio} | {cpu} | {peak} |"
        )
    return "\n".join(lines)


def sections(page: str) -> dict[str, str]:
    """What stands under each heading of the second level of a Markdown page, in order."""
    parts = (part.partition("\n") for part in page.split("\n## ")[1:])
    return {heading: text.strip() for heading, _, text in parts}


def busy_cores(row: Row) -> float:
    """How many cores the command kept busy, median over the rounds."""
    walls = [row.pages / speed for speed in row.pages_per_s]
    return statistics.median(cpu_s / wall_s for cpu_s, wall_s in zip(row.cpu_s, walls, strict=True))


def limit(row: Row, name: str) -> str:
    """Whether processors or waiting bound a job: told by what the whole machine left unused."""
    idle = statistics.median(row.idle_shares)
    bound = "the processors are the limit" if idle < 0.2 else "it waits, for disk or for its turn"
    return (
        f"{name} used {busy_cores(row):.1f} of {os.cpu_count()} processors, server and other "
        f"programs the rest but {idle:.0%} that stayed idle: {bound}."
    )


def machine() -> str:
    """Processor, memory, operating system and the versions that matter."""
    versions = ", ".join(
        f"{name} {importlib.metadata.version(name)}"
        for name in ("scrapy", "twisted", "trafilatura", "lxml", "sqlalchemy")
    )
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1024**3
    return (
        f"{os.cpu_count()} × {processor()}, {memory:.0f} GiB, {platform.system()} "
        f"{platform.release()}, CPython {platform.python_version()}; {versions}."
    )


def processor() -> str:
    """The processor's name as the kernel tells it."""
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()
