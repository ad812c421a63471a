"""Reading alone: pages a second of one process, beside trafilatura on the same whole pages.

The two take turns every few pages, so whatever else the machine does meets both alike.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import trafilatura

from archive.model.outcome import Role
from archive.model.reading import Source
from archive.reading.read import read
from bench.report import Row

TURN: Final = 20
OURS: Final = "our reading: text, fields, tables, figures, checks"
THEIRS: Final = "trafilatura with its defaults: text"


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page: its URL, its decoded body, and what it was asked for as."""

    url: str
    body: bytes
    role: Role = Role.PAGE


def ours(page: Page) -> object:
    """Everything: text, fields, tables, figures, checks."""
    source = Source(url=page.url, body=page.body, media_type="text/html", role=page.role)
    return read(source)


def theirs(page: Page) -> object:
    """The text alone, with trafilatura's defaults."""
    return trafilatura.extract(page.body)


JOBS: Final[Mapping[str, Callable[[Page], object]]] = {THEIRS: theirs, OURS: ours}


def rounds(count: int, pages: Sequence[Page]) -> list[Row]:
    """Theirs and ours over the pages, `count` times, after a first page that loads what is loaded
    once; in processor time.
    """
    for job in JOBS.values():
        job(pages[0])
    spent = [_seconds(pages) for _ in range(count)]
    return [
        Row(
            name=name,
            pages=len(pages),
            pages_per_s=tuple(len(pages) / each[name] for each in spent),
            cpu_s=tuple(each[name] for each in spent),
        )
        for name in JOBS
    ]


def _seconds(pages: Sequence[Page]) -> dict[str, float]:
    spent = dict.fromkeys(JOBS, 0.0)
    for start in range(0, len(pages), TURN):
        for name, job in JOBS.items():
            started = time.process_time()
            for page in pages[start : start + TURN]:
                job(page)
            spent[name] += time.process_time() - started
    return spent
