"""Which reports there should be, and what is known of each: body × year since 2008. Decided here
and in covered_cells alone, and kept in the table `covered`.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from typing import Final

from archive.model.portal import Portal
from archive.model.reading import PublicBody
from archive.store import Connection, Store
from archive.store.catalogue import portals as stored_portals
from archive.store.query.covered import (
    bodies_covered_by,
    covered_portals,
    mark_of_covered,
    portals_visited_since,
    runs_so_far,
)
from archive.store.query.portal_looks import PortalLook, portal_looks
from archive.store.query.reports import (
    ReportGroup,
    named_pages,
    report_facts,
    report_groups,
)
from archive.store.rows import CoveredMark
from archive.store.write.covered import (
    LookRow,
    count_covered,
    drop_covered,
    drop_looks,
    set_mark,
    store_covered,
    store_looks,
)
from archive.store.write.public_bodies import public_body_ids
from archive.work.attribution import (
    Signature,
    attributed,
    best_report_per_year,
    main_bodies,
    published_first,
)
from archive.work.codebook_rows import fill_codebook
from archive.work.ingest.covered_cells import (
    CHINA,
    CoveredTable,
    day_in_china,
    named_in_lists,
    without_report,
)
from archive.work.ingest.current_reports import counted_groups

# Raised when this module or covered_cells decides otherwise: every cell is made anew.
_DECIDING: Final = 2
# So many years ahead there are rows: an archive that nobody crawls tells passed deadlines too.
_AHEAD: Final = 1
# So many reports are held at once, or those of the portals of one body.
_REPORTS_AT_ONCE: Final = 3_000
# The cells of so many bodies are held at once, some twenty each, and written in one transaction.
_BODIES_AT_ONCE: Final = 200


def is_covered(store: Store, catalogue: Sequence[Portal], *, now: datetime) -> bool:
    """Whether the table knows this catalogue, every visit, and the years up to `now`."""
    with store.read() as connection:
        return mark_of_covered(connection) == _mark(connection, _digest(catalogue), now)


def was_covered(store: Store) -> bool:
    """Whether the table was ever made; not in an archive of an earlier release."""
    with store.read() as connection:
        return mark_of_covered(connection) is not None


def cover(
    store: Store,
    catalogue: Sequence[Portal] | None,
    *,
    now: datetime,
    anew: bool = False,
    reread: Collection[str] = (),
    on_bodies: Callable[[int, int], None] = lambda _done, _all: None,
) -> int:
    """Brings the table up to date: for the bodies of portals that were visited since,
    and that the catalogue has got or lost; anew: for all. catalogue: None takes the portals
    that the table knows. reread: portals with pages read again since. on_bodies gets how many more
    bodies are done, and of how many. How many bodies were looked at. CannotRunError: disk or lock.
    """
    fill_codebook(store)  # names of places
    with store.read() as connection:
        mark = mark_of_covered(connection)
        catalogued = _digest(catalogue) if catalogue is not None else mark.catalogue if mark else ""
        now_made = _mark(connection, catalogued, now)
        before = covered_portals(connection)
        known = {each.key: each for each in (*stored_portals(connection), *(catalogue or ()))}
        homes = _homes(known, before if catalogue is None else {}, list(report_groups(connection)))
        touched = {key for key, main in before.items() if homes.mains.get(key) != main}
        touched |= {*reread, *(homes.mains.keys() - before.keys())}
        if mark is None or anew or mark.made_by != _made_by(now):
            touched = {*homes.mains, *before}
        else:
            touched |= portals_visited_since(connection, mark)
        earlier = bodies_covered_by(connection, touched)
    wanted = [
        body for body, its in homes.of.items() if body in earlier or not touched.isdisjoint(its)
    ]
    for bodies in _some_at_once(wanted, homes):
        _cover(store, known, homes, bodies, now)
        on_bodies(len(bodies), len(wanted))
    with store.write() as connection:
        drop_covered(connection, [earlier[each] for each in earlier.keys() - homes.of.keys()])
        drop_looks(connection, before.keys() - homes.mains.keys())
        count_covered(connection, {each.division or "" for each in (*wanted, *earlier)})
        set_mark(connection, now_made)
    return len(wanted)


def cover_anew_later(store: Store) -> None:
    """Has the next `cover` look at all bodies. CannotRunError: disk or lock."""
    with store.write() as connection:
        to_cover_anew(connection)


def to_cover_anew(connection: Connection) -> None:
    """The same within a transaction, for pages that are read again."""
    if mark := mark_of_covered(connection):
        set_mark(connection, replace(mark, made_by=""))


def _mark(connection: Connection, catalogued: str, now: datetime) -> CoveredMark:
    latest, unfinished = runs_so_far(connection)
    return CoveredMark(
        made_by=_made_by(now), catalogue=catalogued, last_run=latest, unfinished=unfinished
    )


def _made_by(now: datetime) -> str:
    """What makes every cell: the rules, and the years."""
    return f"{_DECIDING} {_last_year(now)}"


def _last_year(now: datetime) -> int:
    return now.astimezone(CHINA).year + _AHEAD


def _digest(catalogue: Iterable[Portal]) -> str:
    """What of a catalogue says whose reports there should be."""
    rows = sorted(f"{each.key}\t{each.name}\t{each.division}" for each in catalogue)
    return hashlib.sha256("\n".join(rows).encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Homes:
    """Whose reports stand where. counted_for: the body for which those under a signature are
    counted. of: the portals that should have the reports of a body, its own first. reports: how
    many there are on each portal.
    """

    mains: Mapping[str, PublicBody]
    counted_for: Mapping[Signature, PublicBody]
    of: Mapping[PublicBody, Mapping[str, None]]
    reports: Mapping[str, int]


def _homes(
    known: Mapping[str, Portal], others: Mapping[str, PublicBody], groups: Sequence[ReportGroup]
) -> _Homes:
    """others: portals of a catalogue that is not at hand, with their bodies. groups: by portal."""
    signed: Counter[Signature] = Counter()
    reports: Counter[str] = Counter()
    for group in groups:
        signed[group.portal, group.body] += group.reports
        reports[group.portal] += group.reports
    mains = {**others, **main_bodies(known.values(), signed)}
    counted_for: dict[Signature, PublicBody] = {}
    of: defaultdict[PublicBody, dict[str, None]] = defaultdict(dict)  # dicts keep their order
    counted = counted_groups(known, groups)
    for group, body in counted:
        counted_for[group.portal, group.body] = body
        # An office of an unknown place is told apart by its portal, there as its own body too.
        if body.division is None and body.name.startswith(mains[group.portal].name + "（"):
            mains[group.portal] = body
    for key, body in mains.items():
        of[body][key] = None
    for group, body in sorted(counted, key=lambda each: each[0].first_page_id):
        of[body][group.portal] = None
    return _Homes(mains=mains, counted_for=counted_for, of=of, reports=reports)


def _some_at_once(wanted: Sequence[PublicBody], homes: _Homes) -> Iterator[list[PublicBody]]:
    """The bodies in parts whose portals have not too many reports; those of one portal stay
    together where they can.
    """
    some: list[PublicBody] = []
    portals: set[str] = set()
    for body in sorted(wanted, key=lambda each: next(iter(homes.of[each]))):
        more = homes.of[body].keys() - portals
        if more and some and sum(homes.reports[key] for key in portals) >= _REPORTS_AT_ONCE:
            yield some
            some, portals = [], set()
        some.append(body)
        portals.update(homes.of[body])
    if some:
        yield some


def _cover(
    store: Store,
    known: Mapping[str, Portal],
    homes: _Homes,
    bodies: Sequence[PublicBody],
    now: datetime,
) -> None:
    """Brings the cells of some bodies, and the looks at their portals, up to date."""
    keys = {key for body in bodies for key in homes.of[body]}
    with store.read() as connection:
        reports = attributed(report_facts(connection, keys), homes.counted_for)
        best = best_report_per_year(reports, published_first)
        looks = portal_looks(connection, keys)
        named_here = named_pages(connection, keys)
        pages = without_report(named_in_lists(named_here, known, homes.mains), best, bodies)
    years = {year for _, year in best}
    table = CoveredTable(homes=homes.of, best=best, years=years, looks=looks, named=pages)
    left = iter(bodies)
    while some := list(islice(left, _BODIES_AT_ONCE)):
        cells = {body: list(table.cells(body, _last_year(now))) for body in some}
        with store.write() as connection:
            ids = public_body_ids(connection, some)
            store_covered(connection, {ids[body]: its for body, its in cells.items()})
    with store.write() as connection:
        ids = public_body_ids(connection, [homes.mains[key] for key in sorted(keys)])
        store_looks(
            connection,
            [
                LookRow(
                    portal=key,
                    body_id=ids[homes.mains[key]],
                    read_on=day.isoformat() if (day := day_in_china(look)) else None,
                    refused=look.refused,
                )
                for key in sorted(keys)
                for look in (looks.get(key, PortalLook()),)
            ],
        )
