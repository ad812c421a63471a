"""The order of hits, and the place in it where the next ones begin.

captured: as the archive took them in, newest first. published: by the date printed as published,
or else as written; what has none comes last. relevance: of the newest WINDOW candidates those first
that have the words in their title, a hundred at a time, and of a hundred those that have them most
often; older hits follow. So no more texts are read than are shown, rounded up to hundreds.
"""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import TypeAlias

from sqlalchemy import ColumnElement, and_, literal_column, or_, select, true

from archive.search.filters import DATES, IS_DATE, IS_INDEXED, chosen
from archive.search.proof import Proof
from archive.search.words import Words
from archive.store.dialects import among
from archive.store.reading_tables import FIELD_IDS
from archive.store.schema import field as printed
from archive.store.schema import page, version
from archive.store.types import NamedRow

SORTS = ("captured", "published", "relevance")
WINDOW = 500
# Texts that are read to be ranked by how often they have the words.
_READ = 100
# So many candidates are ordered by their dates; of more, the dates are walked from behind, unless
# filters leave few enough: from behind, reports of an early year come last.
_DATED, _NARROWED = 500, 20_000
_BATCH = 100
_MAX_COUNTED = 99

# The sign keeps SQLite from going the other way: from all that have the words to their dates.
_SIGNED_ID: ColumnElement[int] = literal_column("+field.version_id")
# Of a hit, what its order needs: a date, the newest hit when the search began, its id.
Place: TypeAlias = tuple[str, int, int]


def in_order(proof: Proof, sort: str, after: Place | None) -> Iterator[tuple[Place, NamedRow]]:
    """Hits behind `after`, each with its place."""
    if sort == "published":
        yield from _published(proof, after)
    elif sort == "relevance":
        yield from _relevant(proof, after)
    else:
        yield from _captured(proof, after[2] if after else None)


def _captured(proof: Proof, below: int | None, newest: int = 0) -> Iterator[tuple[Place, NamedRow]]:
    for row in proof.hits(below):
        yield ("", newest, row.version_id), row


def _relevant(proof: Proof, after: Place | None) -> Iterator[tuple[Place, NamedRow]]:
    ids = list(islice(proof.ids(after[1] + 1 if after else None), WINDOW))
    if not ids:
        return
    newest, oldest, begins = ids[0], ids[-1], 0
    ranked = _by_titles(proof, ids)
    if after and after[2] in ranked:
        begins = ranked.index(after[2]) // _READ * _READ
    elif after:
        begins, oldest = len(ranked), min(after[2], oldest)
    for at in range(begins, len(ranked), _READ):
        rows = list(proof.proved(ranked[at : at + _READ]))
        rows.sort(key=lambda row: (_score(proof.words, row), row.version_id), reverse=True)
        shown = [row.version_id for row in rows]
        behind = shown.index(after[2]) + 1 if after and after[2] in shown else 0
        for row in rows[behind:]:
            yield ("", newest, row.version_id), row
    if len(ids) == WINDOW:
        yield from _captured(proof, oldest, newest)


def _by_titles(proof: Proof, ids: Sequence[int]) -> list[int]:
    """The versions that have most of the words in their titles first, of these the newest."""
    titles = select(version.c.id, version.c.title)
    titles = titles.where(among(proof.connection, version.c.id, ids))
    scored = [
        (_in_title(proof.words, row.title), row.id) for row in proof.connection.execute(titles)
    ]
    return [version_id for _, version_id in sorted(scored, reverse=True)]


def _in_title(words: Words, title: str | None) -> int:
    return sum(any(one in (title or "") for one in word) for word in words.spelled)


def _score(words: Words, row: NamedRow) -> int:
    often = sum(row.text.count(one) for one in words.each)
    return int(_in_title(words, row.title) * (_MAX_COUNTED + 1) + min(often, _MAX_COUNTED))


def _published(proof: Proof, after: Place | None) -> Iterator[tuple[Place, NamedRow]]:
    ids: list[int] | None = list(islice(proof.ids(), _DATED + 1))
    if ids is not None and len(ids) > _DATED:
        ids = proof.candidates.narrowed(_NARROWED)
    if ids is None:
        yield from _by_dates(proof, after)
        return
    dates = _dates_of(proof, ids)
    places = sorted(((date, 0, each) for each, date in dates.items()), reverse=True)
    behind = [each for _, _, each in places if after is None or (dates[each], 0, each) < after]
    for row in _proved(proof, behind):
        yield (dates[row.version_id], 0, row.version_id), row


def _dates_of(proof: Proof, ids: Sequence[int]) -> dict[int, str]:
    """The date of each version; "" for none."""
    found: dict[int, dict[int, str]] = {FIELD_IDS[name]: {} for name in DATES}
    values = select(printed.c.name_id, printed.c.version_id, printed.c.value)
    values = values.where(printed.c.name_id.in_(found), printed.c.chosen)
    for at in range(0, len(ids), _BATCH * 5):
        some = among(proof.connection, printed.c.version_id, ids[at : at + _BATCH * 5])
        for name_id, version_id, value in proof.connection.execute(values.where(some)).all():
            if value is not None:
                found[name_id][version_id] = value
    published, written = found.values()
    return {each: published.get(each, written.get(each, "")) for each in ids}


def _by_dates(proof: Proof, after: Place | None) -> Iterator[tuple[Place, NamedRow]]:
    """All versions that the filters let pass, by their dates, proved one by one; then those
    without a date.
    """
    if after is None or after[0]:
        yield from _dated(proof, after)
        after = None
    for place, row in _captured(proof, after[2] if after else None):
        if _dates_of(proof, [row.version_id])[row.version_id] == "":
            yield place, row


def _dated(proof: Proof, after: Place | None) -> Iterator[tuple[Place, NamedRow]]:
    while True:
        dates = _dates_behind(proof, after)
        known = {each: date for date, each in dates}
        for row in _proved(proof, [*known]):
            yield (known[row.version_id], 0, row.version_id), row
        if len(dates) < _BATCH:
            return
        after = (dates[-1][0], 0, dates[-1][1])


def _dates_behind(proof: Proof, after: Place | None) -> list[tuple[str, int]]:
    """The next dates and the versions that have them and may have the words: those the index of
    texts tells first, else a word of 2012 is looked for in all texts of the years behind.
    """
    found: set[tuple[str, int]] = set()
    passes = and_(*proof.narrowing.conditions())
    held = proof.candidates.holders()
    if held is not None:
        # PostgreSQL, too, goes that way only where it cannot take this for a join.
        passes = and_(passes, _SIGNED_ID.in_(held).is_(true()))
    for name in DATES:
        chosen_dates = (
            select(printed.c.value, printed.c.version_id)
            .select_from(printed)
            .join(version, version.c.id == _SIGNED_ID)
            .join(page, page.c.id == version.c.page_id)
            .where(IS_DATE[name], IS_INDEXED, printed.c.chosen, passes)
            .order_by(printed.c.value.desc(), printed.c.version_id.desc())
            .limit(_BATCH)
        )
        if name == "written_on":
            chosen_dates = chosen_dates.where(chosen("published_on").is_(None))
        if after is not None:
            same_day = and_(printed.c.value == after[0], printed.c.version_id < after[2])
            chosen_dates = chosen_dates.where(printed.c.value <= after[0]).where(
                or_(printed.c.value < after[0], same_day)
            )
        found.update((row[0], row[1]) for row in proof.connection.execute(chosen_dates))
    return sorted(found, reverse=True)[:_BATCH]


def _proved(proof: Proof, ids: Sequence[int]) -> Iterator[NamedRow]:
    for at in range(0, len(ids), _BATCH):
        yield from proof.proved(ids[at : at + _BATCH])
