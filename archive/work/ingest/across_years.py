"""The rules between the reports of two years (R5 to R7), run over the archive.

Their results are no part of a reading (a reading depends on its capture alone): they are computed
from the versions that count for two years in a row, and computed again when one of them changes.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from typing import Final

from archive.codebook.divisions import division, forerunners, lasting
from archive.model.reading import Check, CheckState, PublicBody
from archive.reading.statistics.checks_years import check_years, compared_indicators
from archive.store import Store
from archive.store.query.current_reports import (
    CurrentReport,
    current_reports,
    reporting_bodies,
)
from archive.store.query.year_checks import compared_pairs, outdated_pairs
from archive.store.write.stored_reading import figures_of
from archive.store.write.year_checks import Pair, drop_pairs, store_pairs
from archive.work.ingest.current_reports import choose_current_reports

# So many comparisons a transaction: a crawl that waits for the lock waits not long.
_BATCH: Final = 100
# So many bodies are compared at once: an archive of millions of reports is gone through in the
# memory that one of thousands takes.
_BODIES_AT_ONCE: Final = 200
# Offices go on under a name for so many years after it ended (reports are titled late).
_LATE: Final = 3

Bodies = Mapping[PublicBody, int]


def check_across_years(store: Store) -> int:
    """Brings up to date which reports speak, and the comparisons between them; how many were made
    anew. CannotRunError: disk or lock.
    """
    choose_current_reports(store)
    with store.read() as connection:
        bodies = reporting_bodies(connection)
        outdated = outdated_pairs(connection)
    if outdated:
        with store.write() as connection:
            drop_pairs(connection, outdated)
    listed = list(bodies)
    return sum(
        _check(store, frozenset(listed[start : start + _BODIES_AT_ONCE]), bodies)
        for start in range(0, len(listed), _BODIES_AT_ONCE)
    )


def _check(store: Store, bodies: frozenset[PublicBody], known: Bodies) -> int:
    """Brings the comparisons of these bodies with the year before up to date."""
    before = {each for body in bodies for each, _ in _earlier_names(body)}
    needed = {known[each]: each for each in bodies | before if each in known}
    with store.read() as connection:
        reports = list(current_reports(connection, needed))
        best = {(needed[each.body_id], each.year): each for each in reports}
        laters = [each.version_id for (body, _), each in best.items() if body in bodies]
        compared = compared_pairs(connection, laters)
    wanted = dict(year_pairs(bodies, best))
    if compared - wanted.keys():
        with store.write() as connection:
            drop_pairs(connection, compared - wanted.keys())
    fresh = sorted(wanted.keys() - compared)
    for start in range(0, len(fresh), _BATCH):
        some = fresh[start : start + _BATCH]
        with store.write(synced=False) as connection:
            figures = figures_of(connection, {*chain(*some)}, only=compared_indicators())
            found = {}
            for pair in some:
                checks = check_years(*(figures.get(each, ()) for each in pair))
                found[pair] = _refused(checks, wanted[pair])
            store_pairs(connection, found)
    return len(fresh)


def year_pairs(
    bodies: Collection[PublicBody], best: Mapping[tuple[PublicBody, int], CurrentReport]
) -> Iterator[tuple[Pair, str | None]]:
    """(earlier, later) versions of these bodies' reports on two years in a row that both have
    tables, and why they cannot be compared; None where they can. A body whose place was renamed is
    compared with the one before under the old name; where a place took over others it is not.
    """
    for (body, year), later in best.items():
        if body not in bodies:
            continue
        same = best.get((body, year - 1))
        befores = [body] if same is not None else list(_names_before(body, year))
        reason = _merged(body, year, after=year - 1 if same is not None else year - _LATE)
        for before in befores:
            earlier = best.get((before, year - 1))
            if earlier is not None and earlier.has_figures and later.has_figures:
                yield (earlier.version_id, later.version_id), reason


def _names_before(body: PublicBody, year: int) -> Iterator[PublicBody]:
    """The same body under each name that its place had before, ended by that year."""
    for before, ended in _earlier_names(body):
        if year - _LATE < ended <= year:
            yield before


def _earlier_names(body: PublicBody) -> Iterator[tuple[PublicBody, int]]:
    """The same body under each name that its place had before, and when that name ended."""
    place = division(body.division) if body.division else None
    if place is None or not body.name.startswith(place.name):
        return
    for before in forerunners(place.code):
        if before.valid_to is not None and before.name != place.name:
            name = before.name + body.name.removeprefix(place.name)
            yield replace(body, name=name, division=lasting(before.code)), before.valid_to


def _merged(body: PublicBody, year: int, *, after: int) -> str | None:
    """Why the figures of a year are of another territory than those before: the place took over
    others that ended since `after` (港闸区 went into 崇川区 in 2020).
    """
    befores = forerunners(body.division or "")
    ended = [each for each in befores if each.valid_to and after < each.valid_to <= year]
    codes = {each.code for each in ended}
    if len(codes) < 2 and not (codes and _lived_on(body, year, codes)):
        return None
    places = ", ".join(f"{each.name} ({each.valid_to})" for each in ended)
    return f"the place took over {places}"


def _lived_on(body: PublicBody, year: int, ended: set[str]) -> bool:
    """True when the place was there before another one ended in it (长安区 took in 桥东区)."""
    place = division(body.division) if body.division else None
    return place is not None and place.holds_in(year - 2) and place.code not in ended


def _refused(checks: Sequence[Check], reason: str | None) -> Sequence[Check]:
    if reason is None:
        return checks
    return tuple(
        replace(each, state=CheckState.NOT_ASSESSABLE, message=f"not comparable: {reason}")
        for each in checks
    )
