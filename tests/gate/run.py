"""One run of the gate: the reader, and trafilatura alone on the same pages."""

import time
from dataclasses import dataclass

import trafilatura

from archive.model.outcome import Role
from archive.model.reading import Source
from archive.reading.read import read
from tests.gate.crawled import score_crawled
from tests.gate.files import score_files
from tests.gate.material import GoldPage, folder
from tests.gate.score import Score, score_reading, score_text
from tests.gate.stated_pages import real_pages, score_stated


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """Both scores, and pages per second of both on these pages."""

    reader: Score
    alone: Score
    reader_rate: float
    alone_rate: float

    def shares(self) -> dict[str, float]:
        """The reader's share of hits by measure."""
        return {measure: round(self.reader.share(measure), 6) for measure in self.reader.tries}


def run(pages: list[GoldPage]) -> Result:
    """Scores every page with both, what a crawl of the pages stores, and the files beside them."""
    reader, alone = Score(), Score()
    started = time.perf_counter()
    for page in pages:
        _read(reader, page)
    between = time.perf_counter()
    for page in pages:
        score_text(alone, page, _trafilatura(page.body))
    ended = time.perf_counter()
    score_crawled(reader, pages)
    beside = folder()
    if beside is not None and (beside.parent / "files").is_dir():
        score_files(reader, beside.parent / "files")
        score_stated(reader, real_pages(beside.parent))
    return Result(
        reader=reader,
        alone=alone,
        reader_rate=len(pages) / (between - started),
        alone_rate=len(pages) / (ended - between),
    )


def _read(score: Score, page: GoldPage) -> None:
    role = Role.LIST if page.is_list else Role.PAGE
    reading = read(Source(url=page.url, body=page.body, role=role))
    score_text(score, page, "\n".join(reading.lines))
    score_reading(score, page, reading)


def _trafilatura(body: bytes) -> str:
    return trafilatura.extract(body, include_tables=True, include_comments=False) or ""
