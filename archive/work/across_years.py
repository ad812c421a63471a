"""The rules between the reports of two years (R5 to R7), run over the archive.

Their results are no part of a reading (a reading depends on its capture alone): they are computed
from the versions that speak for two years in a row, and computed again when one of them changes.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from archive.model.portal import Portal
from archive.reading.checks_years import check_years
from archive.store import Store
from archive.store.reports import ReportFact, report_facts
from archive.store.stored_parts import version_figures
from archive.store.year_checks import Pair, compared_pairs, drop_pairs, store_pair
from archive.work.speakers import figures_first, main_bodies, one_a_year, spoken

# So many comparisons a transaction: a crawl that waits for the lock waits not long.
_BATCH: Final = 100


def check_across_years(store: Store) -> int:
    """Brings the comparisons up to date with the versions of today; how many were made anew. What
    is up to date already costs one look at the reports. CannotRunError: disk or lock.
    """
    portals = store.portals()
    with store.reading() as connection:
        wanted = set(year_pairs(portals, report_facts(connection)))
        known = compared_pairs(connection)
    with store.writing() as connection:
        drop_pairs(connection, known - wanted)
    fresh = sorted(wanted - known)
    for start in range(0, len(fresh), _BATCH):
        with store.writing() as connection:
            for pair in fresh[start : start + _BATCH]:
                earlier, later = (version_figures(connection, each) for each in pair)
                store_pair(connection, pair, check_years(earlier, later))
    return len(fresh)


def year_pairs(portals: Iterable[Portal], facts: Sequence[ReportFact]) -> Iterator[Pair]:
    """(earlier, later) versions of a body's reports on two years in a row that both have tables."""
    best = one_a_year(spoken(facts, main_bodies(portals, facts)), figures_first)
    for (body, year), later in best.items():
        earlier = best.get((body, year - 1))
        if earlier is not None and earlier.has_figures and later.has_figures:
            yield earlier.version_id, later.version_id
