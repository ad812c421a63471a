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

Candidates share a band of MinHash (archive.work.shingles.bands_of), the most first; the exact
similarity decides, and from LEAST on it is stored. Of a report the MAX_PAIRS most similar earlier
ones are kept: of a text that a thousand bodies took not a million pairs.
"""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from functools import cache, lru_cache
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
from archive.work.shingles import bands_of, shingles_of, similarity, words_of

LEAST: Final = 0.8
"""Pairs that are less similar are not kept."""
MIN_OWN: Final = 150
"""About two hundred characters: a paragraph."""
MAX_PAIRS: Final = 10
_CANDIDATES: Final = 20
# So many reports a transaction: who waits for the lock waits not long.
_BATCH: Final = 100
# So many reports behind one run: some minutes. An archive of before is filled run by run.
MAX_REPORTS: Final = 20_000


@cache
def format_shingles() -> frozenset[int]:
    """The shingles of what the formats put into every report."""
    return frozenset(each for line in boilerplate() for each in shingles_of(words_of(line)))


@lru_cache(maxsize=64)  # reports of one portal are compared with the same ones again and again
def own_shingles(text: str) -> frozenset[int]:
    """The shingles of a report's text without those of the formats."""
    return frozenset(shingles_of(words_of(text)) - format_shingles())


def note_similarity(store: Store) -> int:
    """Compares the reports that were not compared yet, MAX_REPORTS at most; how many.
    CannotRunError: disk or lock.
    """
    with store.read() as connection:
        outdated, fresh = outdated_words(connection), reports_to_compare(connection)[:MAX_REPORTS]
    if outdated:
        with store.write() as connection:
            drop_words(connection, outdated)
    for start in range(0, len(fresh), _BATCH):
        with store.write() as connection:
            some = fresh[start : start + _BATCH]
            texts = report_texts(connection, some)
            for version_id in some:
                if version_id in texts:
                    _compare(connection, texts[version_id])
    return len(fresh)


def _compare(connection: Connection, report: ReportText) -> None:
    own = own_shingles(report.text)
    bands = bands_of(own) if len(own) >= MIN_OWN else ()
    others = sharing_bands(connection, bands, _CANDIDATES) if bands else []
    found = _similar(own, report_texts(connection, others).values()) if others else []
    store_words(connection, report.version_id, len(own), bands)
    pairs = {}
    for other, share in found[:MAX_PAIRS]:
        later, earlier = sorted((report, other), key=lambda each: each.order, reverse=True)
        pairs[later.version_id, earlier.version_id] = share
    store_similar(connection, pairs)


def _similar(own: AbstractSet[int], others: Iterable[ReportText]) -> list[tuple[ReportText, float]]:
    """Those of some reports that are similar enough, the most similar first."""
    found = [(each, similarity(own, own_shingles(each.text))) for each in others]
    enough = [(each, share) for each, share in found if share >= LEAST]
    return sorted(enough, key=lambda pair: (-pair[1], pair[0].order))
