"""Gold of what prose states: of the real pages and seeds as facts, of our own pages in their text.

stated.jsonl has a row for each real document: where it lies beside the pages, its report year, and
what a person found: concept, value, period. Our own pages (stated/*.txt) have it where it stands:
{{23件|requests_received=23}}, with |cumulative behind it where it counts from the beginning.
"""

import html
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from archive.model.outcome import Role
from archive.model.reading import Period, Source, Statement
from archive.reading.read import read
from archive.reading.statistics.prose import read_prose
from tests.gate.score import Score

# Concept, value, period.
Fact = tuple[str, Decimal, str]
_HERE = Path(__file__).parent
_MARK = re.compile(r"\{\{([^|{}]+)\|(\w+)=([\d.]+)(?:\|(\w+))?\}\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedPage:
    """A text with what it states, each as often as it does."""

    key: str
    wanted: Counter[Fact]
    found: tuple[Statement, ...]


def own_pages() -> Iterator[StatedPage]:
    """The pages of the project's own making."""
    for path in sorted(_HERE.joinpath("stated").glob("*.txt")):
        marked = path.read_text("utf-8")
        wanted = Counter(
            (concept, Decimal(value), period or Period.YEAR)
            for _, concept, value, period in _MARK.findall(marked)
        )
        lines = _MARK.sub(r"\1", marked).splitlines()
        year = int(path.stem.rpartition("-")[2])
        yield StatedPage(key=path.stem, wanted=wanted, found=read_prose(lines[1:], year=year))


def real_pages(shared: Path) -> Iterator[StatedPage]:
    """The real documents, as the reader reads them: pages of the gate, seeds, files."""
    for line in _HERE.joinpath("stated.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        [path] = shared.glob(row["document"])
        wanted = Counter(
            (concept, Decimal(value), period) for concept, value, period in row["stated"]
        )
        yield StatedPage(key=row["document"], wanted=wanted, found=_statements(path, row["url"]))


def _statements(path: Path, url: str) -> tuple[Statement, ...]:
    body = path.read_bytes()
    if path.suffix == ".txt":
        lines = (f"<p>{html.escape(line)}</p>" for line in body.decode().splitlines())
        body = f"<html><body><div>{''.join(lines)}</div></body></html>".encode()
    role = Role.LIST if "list" in path.stem else Role.PAGE
    return read(Source(url=url, body=body, role=role)).statements


def score_stated(score: Score, pages: Iterable[StatedPage]) -> None:
    """Precision: every statement is one that a person found; recall: all of those are there."""
    for page in pages:
        found = Counter((one.concept, one.value, str(one.period)) for one in page.found)
        for told, tried, other in (
            ("precision", found, page.wanted),
            ("recall", page.wanted, found),
        ):
            for fact, times in tried.items():
                for number in range(times):
                    met = number < other[fact]
                    score.count(f"stated_{told}", page.key, f"{told}: {fact}", met=met)
