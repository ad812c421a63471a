"""The rules between the reports of two years (R5 to R7), run over the archive.

Their results are no part of a reading (a reading depends on its capture alone): they are computed
from the versions that speak for two years in a row, and computed again when one of them changes.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final

from archive.codebook.divisions import division, forerunners, lasting
from archive.model.portal import Portal
from archive.model.reading import Body, Check, CheckState
from archive.reading.checks_years import check_years, compared_indicators
from archive.store import Store
from archive.store.reports import ReportFact, report_facts
from archive.store.stored_parts import version_figures
from archive.store.year_checks import Pair, compared_pairs, drop_pairs, store_pair
from archive.work.speakers import figures_first, main_bodies, one_a_year, spoken

# So many comparisons a transaction: a crawl that waits for the lock waits not long.
_BATCH: Final = 100
# Offices go on under a name for so many years after it ended (reports are titled late).
_LATE: Final = 3


def check_across_years(store: Store) -> int:
    """Brings the comparisons up to date with the versions of today; how many were made anew. What
    is up to date already costs one look at the reports. CannotRunError: disk or lock.
    """
    portals = store.portals()
    with store.reading() as connection:
        wanted = dict(year_pairs(portals, report_facts(connection)))
        known = compared_pairs(connection)
    with store.writing() as connection:
        drop_pairs(connection, known - wanted.keys())
    fresh = sorted(wanted.keys() - known)
    for start in range(0, len(fresh), _BATCH):
        with store.writing() as connection:
            for pair in fresh[start : start + _BATCH]:
                earlier, later = (
                    version_figures(connection, each, only=compared_indicators()) for each in pair
                )
                checks = check_years(earlier, later)
                store_pair(connection, pair, _refused(checks, wanted[pair]))
    return len(fresh)


def year_pairs(
    portals: Iterable[Portal], facts: Sequence[ReportFact]
) -> Iterator[tuple[Pair, str | None]]:
    """(earlier, later) versions of a body's reports on two years in a row that both have tables,
    and why they cannot be compared; None where they can. A body whose place was renamed is compared
    with the one before under the old name; where a place took over others it is not.
    """
    best = one_a_year(spoken(facts, main_bodies(portals, facts)), figures_first)
    for (body, year), later in best.items():
        same = best.get((body, year - 1))
        befores = [body] if same is not None else list(_earlier_names(body, year))
        reason = _merged(body, year, after=year - 1 if same is not None else year - _LATE)
        for before in befores:
            earlier = best.get((before, year - 1))
            if earlier is not None and earlier.has_figures and later.has_figures:
                yield (earlier.version_id, later.version_id), reason


def _earlier_names(body: Body, year: int) -> Iterator[Body]:
    """The same office under each name that its place had before, ended by that year."""
    place = division(body.division) if body.division else None
    if place is None or not body.name.startswith(place.name):
        return
    for before in forerunners(place.code):
        if (
            before.valid_to is not None
            and year - _LATE < before.valid_to <= year
            and before.name != place.name
        ):
            name = before.name + body.name.removeprefix(place.name)
            yield replace(body, name=name, division=lasting(before.code))


def _merged(body: Body, year: int, *, after: int) -> str | None:
    """Why the figures of a year are of another territory than those before: the place took over
    others that ended since `after` (港闸区 went into 崇川区 in 2020).
    """
    befores = forerunners(body.division or "")
    ended = [each for each in befores if each.valid_to and after < each.valid_to <= year]
    codes = {each.code for each in ended}
    if len(codes) < 2 and not (codes and _lived_on(body, year, codes)):
        return None
    told = ", ".join(f"{each.name} ({each.valid_to})" for each in ended)
    return f"the place took over {told}"


def _lived_on(body: Body, year: int, ended: set[str]) -> bool:
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
