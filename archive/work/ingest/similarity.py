"""Which reports say the same, brought up to date with the reports that speak today.

Compared are the shingles that a report has of its own: digits are masked, tables are left out, and
so is what the official formats put into every report (archive.codebook.boilerplate). Measured: of
two real reports of 2024 (平潭, 洪泽) a tenth of the shingles is the format's; their similarity is
0.076 with it and 0.043 without. Of the demo portal's reports, whose sentences come from few
patterns, 2 to 22 % are the format's; without it two that are no copies come to 0.57, the three
copies to 0.97 and 1. So a fixed list is enough, and the similarity of two reports does not depend
on what else the archive has. Phrases that many bodies use and no format asks for stay: to write
what everybody writes is what is looked for. A report with fewer than MIN_OWN shingles of its own
only fills in the form and is compared with none.

Candidates share a band of MinHash (archive.work.shingles.bands_of), the most first; what their
sketches rule out is not looked at. Of the others the exact similarity decides, and from LEAST on it
is stored. Of a report the MAX_PAIRS most similar earlier ones are kept: of a text that a thousand
bodies took not a million pairs.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from archive.codebook.boilerplate import boilerplate
from archive.store import Connection, Store
from archive.store.query.similarity import (
    ReportText,
    outdated_words,
    report_texts,
    reports_to_compare,
    sharing_bands,
)
from archive.store.write.similarity import drop_words, store_similar, store_words
from archive.work.shingles import (
    LEAST_ALIKE,
    alike,
    bands_of,
    shingles_of,
    similarity,
    sketch_of,
    slots_of,
    words_of,
)

LEAST: Final = 0.8
"""Pairs that are less similar are not kept."""
MIN_OWN: Final = 150
"""About two hundred characters: a paragraph."""
MAX_PAIRS: Final = 10
_CANDIDATES: Final = 20
# The words of so many reports are held: some 100 KB each.
_KNOWN: Final = 64
# So many reports a transaction: who waits for the lock waits not long.
_BATCH: Final = 100
# So many reports behind one run: some minutes. An archive of before is filled run by run.
MAX_REPORTS: Final = 20_000


@cache
def format_shingles() -> frozenset[int]:
    """The shingles of what the formats put into every report."""
    return frozenset(each for line in boilerplate() for each in shingles_of(words_of(line)))


def own_shingles(text: str) -> frozenset[int]:
    """The shingles of a report's text without those of the formats."""
    return frozenset(shingles_of(words_of(text)) - format_shingles())


def note_similarity(store: Store, stop: Callable[[], bool] = lambda: False) -> int:
    """Compares the reports that were not compared yet, MAX_REPORTS at most; how many there were.
    stop: asked now and then; the others wait for the next call. CannotRunError: disk or lock.
    """
    with store.read() as connection:
        outdated, fresh = outdated_words(connection), reports_to_compare(connection)[:MAX_REPORTS]
    if outdated:
        with store.write() as connection:
            drop_words(connection, outdated)
    known: dict[int, _Words] = {}
    for start in range(0, len(fresh), _BATCH):
        if stop():
            break
        with store.write() as connection:
            some = fresh[start : start + _BATCH]
            texts = report_texts(connection, some)
            for version_id in some:
                if version_id in texts:
                    _compare(connection, _words(texts[version_id]), known)
    return len(fresh)


@dataclass(frozen=True, slots=True)
class _Words:
    """What is compared of a report. order: reports with a lesser one are earlier."""

    version_id: int
    order: tuple[int, str, str]
    own: frozenset[int]


def _words(report: ReportText) -> _Words:
    return _Words(report.version_id, report.order, own_shingles(report.text))


def _compare(connection: Connection, report: _Words, known: dict[int, _Words]) -> None:
    """known: reports that were compared last, to which those of one portal come back."""
    slots = slots_of(report.own) if len(report.own) >= MIN_OWN else ()
    bands, sketch = bands_of(slots), sketch_of(slots)
    sharing = sharing_bands(connection, bands, _CANDIDATES) if bands else []
    found = _similar(connection, report, _candidates(sketch, sharing), known) if sharing else []
    store_words(connection, report.version_id, len(report.own), bands, sketch)
    pairs = {}
    for other, share in found:
        later, earlier = sorted((report, other), key=lambda each: each.order, reverse=True)
        pairs[later.version_id, earlier.version_id] = share
    store_similar(connection, pairs)
    known[report.version_id] = report
    while len(known) > _KNOWN:
        del known[next(iter(known))]


def _candidates(sketch: bytes, sharing: Iterable[tuple[int, bytes | None]]) -> list[int]:
    """Those of some reports that may be similar, by their sketches: the most alike first, behind
    those that have none.
    """
    found = [(alike(sketch, its) if its else len(sketch), other) for other, its in sharing]
    found = [each for each in found if each[0] >= LEAST_ALIKE]
    return [other for _, other in sorted(found, key=lambda each: (-each[0], each[1]))]


def _similar(
    connection: Connection, report: _Words, others: Sequence[int], known: dict[int, _Words]
) -> list[tuple[_Words, float]]:
    """The first MAX_PAIRS of some reports that are similar enough."""
    unknown = [each for each in others if each not in known]
    texts = report_texts(connection, unknown) if unknown else {}
    found: list[tuple[_Words, float]] = []
    for version_id in others:
        if version_id in known:
            other = known[version_id]
        elif version_id in texts:
            other = known[version_id] = _words(texts[version_id])
        else:
            continue
        share = similarity(report.own, other.own)
        if share >= LEAST:
            found.append((other, share))
        if len(found) == MAX_PAIRS:
            break
    return found
