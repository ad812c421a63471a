"""The rules between the reports of two years (R5 to R7), run over the archive.

Their results are no part of a reading (a reading depends on its capture alone): they are computed
from the versions that count for two years in a row, and computed again when one of them changes.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Final

from archive.codebook.divisions import division, forerunners, lasting
from archive.model.portal import Portal
from archive.model.reading import Check, CheckState, PublicBody
from archive.reading.statistics.checks_years import check_years, compared_indicators
from archive.store import Store
from archive.store.catalogue import portals
from archive.store.query.reports import ReportFact, ReportGroup, facts_of_groups, report_groups
from archive.store.query.year_checks import compared_pairs, outdated_pairs
from archive.store.write.stored_reading import version_figures
from archive.store.write.year_checks import Pair, drop_pairs, store_pair
from archive.work.attribution import (
    Signature,
    attributed,
    attribution,
    best_report_per_year,
    figures_first,
    main_bodies,
)

# So many comparisons a transaction: a crawl that waits for the lock waits not long.
_BATCH: Final = 100
# So many reports are held at once, or those of one body: an archive of millions is gone through
# in the memory that one of thousands takes.
_REPORTS_AT_ONCE: Final = 1_000
# Offices go on under a name for so many years after it ended (reports are titled late).
_LATE: Final = 3

Groups = Mapping[PublicBody, Sequence[ReportGroup]]


def check_across_years(store: Store) -> int:
    """Brings the comparisons up to date with the versions of today; how many were made anew. What
    is up to date already costs one look at the reports. CannotRunError: disk or lock.
    """
    with store.read() as connection:
        known = {each.key: each for each in portals(connection)}
        groups = _by_body(known, report_groups(connection))
        outdated = outdated_pairs(connection)
    if outdated:
        with store.write() as connection:
            drop_pairs(connection, outdated)
    return sum(_check(store, bodies, groups) for bodies in _some_at_once(groups))


def _by_body(portals: Mapping[str, Portal], groups: Iterable[ReportGroup]) -> Groups:
    """The groups by the body that publishes them. groups: ordered by portal."""
    found: defaultdict[PublicBody, list[ReportGroup]] = defaultdict(list)
    for key, its in groupby(groups, key=lambda each: each.portal):
        of_portal = list(its)
        signed: Counter[Signature] = Counter()
        for group in of_portal:
            signed[key, group.body] += group.reports
        attributed_to = attribution(signed, main_bodies([portals[key]], signed))
        for group in of_portal:
            found[attributed_to[key, group.body]].append(group)
    return found


def _some_at_once(groups: Groups) -> Iterator[frozenset[PublicBody]]:
    some: set[PublicBody] = set()
    reports = 0
    for body, its in groups.items():
        some.add(body)
        reports += sum(each.reports for each in its)
        if reports >= _REPORTS_AT_ONCE:
            yield frozenset(some)
            some, reports = set(), 0
    if some:
        yield frozenset(some)


def _check(store: Store, bodies: frozenset[PublicBody], groups: Groups) -> int:
    """Brings the comparisons of these bodies with the year before up to date."""
    before = {each for body in bodies for each, _ in _earlier_names(body)}
    needed = {body: groups.get(body, ()) for body in bodies | before}
    attributed_to = {(each.portal, each.body): body for body, its in needed.items() for each in its}
    with store.read() as connection:
        facts = facts_of_groups(connection, [each for its in needed.values() for each in its])
        reports = list(attributed(facts, attributed_to))
        laters = [each.fact.version_id for each in reports if each.body in bodies]
        known = compared_pairs(connection, laters)
    wanted = dict(year_pairs(bodies, best_report_per_year(reports, figures_first)))
    if known - wanted.keys():
        with store.write() as connection:
            drop_pairs(connection, known - wanted.keys())
    fresh = sorted(wanted.keys() - known)
    for start in range(0, len(fresh), _BATCH):
        with store.write() as connection:
            for pair in fresh[start : start + _BATCH]:
                earlier, later = (
                    version_figures(connection, each, only=compared_indicators()) for each in pair
                )
                checks = check_years(earlier, later)
                store_pair(connection, pair, _refused(checks, wanted[pair]))
    return len(fresh)


def year_pairs(
    bodies: Collection[PublicBody], best: Mapping[tuple[PublicBody, int], ReportFact]
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
