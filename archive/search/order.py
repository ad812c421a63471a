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

from archive.search.proof import Proof
from archive.search.words import Words
from archive.store.dialects import among
from archive.store.schema import version
from archive.store.types import NamedRow, Query

SORTS = ("captured", "published", "relevance")
WINDOW = 500
# Texts that are read to be ranked by how often they have the words.
_READ = 100
# So many candidates are ordered by their days; of more, days are walked from behind, unless filters
# that the walk does not know leave few enough.
_DATED, _NARROWED = 2_000, 20_000
# Of the walk so many days at once, and so many times more the next time.
_PORTION, _GROWING = 200, 5
_FIRST_BATCH, _BATCH = 25, 100
_MAX_COUNTED = 99

# The sign keeps SQLite from going the other way.
_SIGNED_ID: ColumnElement[int] = literal_column("+version.id")
# Of a hit, what its order needs: a date, the newest hit when the search began, its id.
Place: TypeAlias = tuple[str, int, int]
# A day and a version of it.
_Dated: TypeAlias = tuple[str, int]


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
    behind, f = (after[0], after[2]) if after else None, proof.narrowing.filters
    ids = proof.candidates.told(_DATED)
    if ids is None and (f.portal or f.agency or f.divisions is not None or f.kind):
        ids = proof.candidates.narrowed(_NARROWED)
    yield from _kept(proof, _walked(proof, behind) if ids is None else _days(proof, ids, behind))


def _days(proof: Proof, ids: Sequence[int], behind: _Dated | None) -> Iterator[_Dated]:
    """The days of these versions, the latest first."""
    days = select(version.c.day, version.c.id).where(among(proof.connection, version.c.id, ids))
    found = ((row[0], row[1]) for row in proof.connection.execute(days))
    yield from sorted((each for each in found if behind is None or each < behind), reverse=True)


def _walked(proof: Proof, behind: _Dated | None) -> Iterator[_Dated]:
    """Days and the versions that may have the words, in one walk where the engine gives rows as
    they are asked for, else in portions.
    """
    if proof.connection.dialect.name == "sqlite":
        for row in proof.connection.execute(_days_behind(proof, behind)):
            yield row[0], row[1]
        return
    size = _PORTION
    while True:
        rows = proof.connection.execute(_days_behind(proof, behind).limit(size)).all()
        yield from ((row[0], row[1]) for row in rows)
        if len(rows) < size:
            return
        behind, size = (rows[-1][0], rows[-1][1]), size * _GROWING


def _days_behind(proof: Proof, behind: _Dated | None) -> Query:
    """By an index of days, which leaves nothing to sort. Ids that have the words are listed once:
    engines that take them for a join go the other way, from all of them to their days.
    """
    day, found = version.c.day, select(version.c.day, version.c.id)
    found = found.where(*proof.narrowing.of_time()).order_by(day.desc(), version.c.id.desc())
    if behind is not None:
        same_day = and_(day == behind[0], version.c.id < behind[1])
        found = found.where(day <= behind[0], or_(day < behind[0], same_day))
    held = proof.candidates.holders()
    return found if held is None else found.where(_SIGNED_ID.in_(held).is_(true()))


def _kept(proof: Proof, dated: Iterator[_Dated]) -> Iterator[tuple[Place, NamedRow]]:
    """Those that the filters let pass and that are hits, to the end of the proof's patience."""
    size, prove = _FIRST_BATCH, proof.tried if proof.candidates.terms else proof.proved
    while (some := list(islice(dated, size))) and not proof.is_cut:
        passed = {*proof.candidates.passing([version_id for _, version_id in some])}
        days = {version_id: day for day, version_id in some if version_id in passed}
        for row in prove([*days]):
            yield (days[row.version_id], 0, row.version_id), row
        size = _BATCH
