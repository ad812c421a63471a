"""Reading alone: pages a second of one process, beside trafilatura on the same whole pages."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import trafilatura

from archive.model.reading import Source
from archive.reading.read import read


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page of the generated site: its address and its decoded body."""

    address: str
    body: bytes


def pages_per_s(pages: Sequence[Page], one: Callable[[Page], object]) -> float:
    """How many of the pages `one` does in a second."""
    started = time.perf_counter()
    for page in pages:
        one(page)
    return len(pages) / (time.perf_counter() - started)


def ours(page: Page) -> object:
    """Everything: text, fields, tables, figures, checks."""
    return read(Source(address=page.address, body=page.body, media_type="text/html"))


def theirs(page: Page) -> object:
    """The text alone, with trafilatura's defaults."""
    return trafilatura.extract(page.body)
