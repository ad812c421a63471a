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

from bisect import insort
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import chain
from typing import Final

from archive.codebook.boilerplate import boilerplate
from archive.store import Connection, Store
from archive.store.query.similarity import (
    A_BAND,
    ReportText,
    outdated_words,
    report_texts,
    reports_of_bands,
    reports_to_compare,
    sketches_of,
)
from archive.store.write.similarity import (
    ComparedWords,
    drop_words,
    store_similar,
    store_words,
)
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
MAX_SHINGLES: Final = 300_000
"""So many of the reports that were compared last are held, some 60 bytes each."""
MAX_TEXT: Final = 2_000_000
"""So many characters are compared at once."""
# So many reports have the texts of those that may be like them read together.
_AT_ONCE: Final = 10
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
    known = _Known()
    for start in range(0, len(fresh), _BATCH):
        if stop():
            break
        with store.write(synced=False) as connection:
            some = fresh[start : start + _BATCH]
            texts = report_texts(connection, some)
            for part in _parts(texts[each] for each in some if each in texts):
                _compare(connection, [_look(_words(each)) for each in part], known)
    return len(fresh)


def _parts(reports: Iterable[ReportText]) -> Iterator[list[ReportText]]:
    """Reports whose texts have MAX_TEXT characters at most, or one."""
    part: list[ReportText] = []
    size = 0
    for each in reports:
        if part and size + len(each.text) > MAX_TEXT:
            yield part
            part, size = [], 0
        part.append(each)
        size += len(each.text)
    if part:
        yield part


@dataclass(frozen=True, slots=True)
class _Words:
    """What is compared of a report. order: reports with a lesser one are earlier."""

    version_id: int
    order: tuple[int, str, str]
    own: frozenset[int]


def _words(report: ReportText) -> _Words:
    return _Words(report.version_id, report.order, own_shingles(report.text))


class _Known:
    """The words of the reports that were compared last, to which those of one portal come back."""

    def __init__(self) -> None:
        self._words: dict[int, _Words] = {}
        self._shingles = 0

    def of(self, connection: Connection, version_ids: Sequence[int]) -> dict[int, _Words]:
        """The words of some reports; of those that speak no more there are none."""
        found = {each: self._words[each] for each in version_ids if each in self._words}
        unknown = [each for each in version_ids if each not in found]
        for version_id, text in report_texts(connection, unknown).items() if unknown else ():
            found[version_id] = _words(text)
            self.add(found[version_id])
        return found

    def add(self, words: _Words) -> None:
        """One more; those that were added first go for it."""
        self._words[words.version_id] = words
        self._shingles += len(words.own)
        while self._shingles > MAX_SHINGLES and len(self._words) > 1:
            self._shingles -= len(self._words.pop(next(iter(self._words))).own)


@dataclass(slots=True)
class _Look:
    """A report that is compared. candidates: reports that may be similar, the most alike first."""

    report: _Words
    bands: tuple[int, ...]
    sketch: bytes
    candidates: list[int] = field(default_factory=list)


def _look(report: _Words) -> _Look:
    slots = slots_of(report.own) if len(report.own) >= MIN_OWN else ()
    return _Look(report, bands_of(slots), sketch_of(slots))


def _compare(connection: Connection, looks: Sequence[_Look], known: _Known) -> None:
    """Compares each report with all before it, those of this batch included, and stores what came
    of it.
    """
    _find_candidates(connection, looks)
    pairs: dict[tuple[int, int], float] = {}
    for start in range(0, len(looks), _AT_ONCE):
        some = looks[start : start + _AT_ONCE]
        for look in some:
            known.add(look.report)
        # Those that are surely looked at are read together.
        known.of(connection, [*{each for look in some for each in look.candidates[:MAX_PAIRS]}])
        for look in some:
            for other, share in _similar(connection, look, known):
                both = sorted((look.report, other), key=lambda each: each.order)
                pairs[both[1].version_id, both[0].version_id] = share
    store_words(
        connection,
        (
            ComparedWords(
                version_id=look.report.version_id,
                own=len(look.report.own),
                bands=look.bands,
                sketch=look.sketch,
            )
            for look in looks
        ),
    )
    store_similar(connection, pairs)


def _find_candidates(connection: Connection, looks: Sequence[_Look]) -> None:
    """What is stored is asked for once; each report is a candidate of those behind it."""
    sharing = reports_of_bands(connection, {band for look in looks for band in look.bands})
    sketches = sketches_of(connection, {each for its in sharing.values() for each in its})
    for look in looks:
        its = chain.from_iterable(sharing[band] for band in look.bands)
        shared = Counter(each for each in its if each in sketches)
        most = sorted(shared, key=lambda each: (-shared[each], each))[:_CANDIDATES]
        look.candidates = _candidates(look.sketch, [(each, sketches[each]) for each in most])
        sketches[look.report.version_id] = look.sketch
        for band in look.bands:
            insort(sharing[band], look.report.version_id)
            del sharing[band][:-A_BAND]


def _candidates(sketch: bytes, sharing: Iterable[tuple[int, bytes | None]]) -> list[int]:
    """Those of some reports that may be similar, by their sketches: the most alike first, behind
    those that have none.
    """
    found = [(alike(sketch, its) if its else len(sketch), other) for other, its in sharing]
    found = [each for each in found if each[0] >= LEAST_ALIKE]
    return [other for _, other in sorted(found, key=lambda each: (-each[0], each[1]))]


def _similar(connection: Connection, look: _Look, known: _Known) -> list[tuple[_Words, float]]:
    """The first MAX_PAIRS of a report's candidates that are similar enough."""
    found: list[tuple[_Words, float]] = []
    for start in range(0, len(look.candidates), MAX_PAIRS):
        some = look.candidates[start : start + MAX_PAIRS]
        words = known.of(connection, some)
        others = [words[each] for each in some if each in words]
        shares = [(each, similarity(look.report.own, each.own)) for each in others]
        found += [each for each in shares if each[1] >= LEAST]
        if len(found) >= MAX_PAIRS:
            break
    return found[:MAX_PAIRS]
