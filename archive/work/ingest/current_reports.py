"""Keeps up to date which report speaks for each body and year (table `current_report`): at the
end of each run, import, reread and rebuild.

A report that names nobody is counted for its portal's body, one whose place is not told for the
body of that name on the same portal (archive.work.attribution). Offices whose place nobody tells
are told apart by their portal, because four districts are called 鼓楼区.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import groupby
from typing import Final

from archive.model.portal import Portal
from archive.model.reading import PublicBody
from archive.store import Store
from archive.store.catalogue import portals
from archive.store.query.current_reports import counted_bodies, differences
from archive.store.query.reports import ReportGroup, report_groups
from archive.store.write.current_reports import (
    Named,
    add_current_reports,
    drop_current_reports,
    store_counted_for,
)
from archive.work.attribution import Signature, attribution, main_bodies
from archive.work.codebook_rows import fill_codebook

# So many reports a transaction: a crawl that waits for the lock waits not long.
_BATCH: Final = 1_000


def choose_current_reports(store: Store) -> int:
    """Brings the table up to date with the versions of today; for how many bodies and years another
    report speaks now. The codebook's tables, which give figures their meaning, come with it.
    CannotRunError: disk or lock.
    """
    fill_codebook(store)
    with store.read() as connection:
        known = {each.key: each for each in portals(connection)}
        wanted = _counted_for(known, report_groups(connection))
        stored = counted_bodies(connection)
    if stored != {named: (body.name, body.division or "") for named, body in wanted.items()}:
        with store.write() as connection:
            store_counted_for(connection, wanted)
    with store.read() as connection:
        found = differences(connection)
    for start in range(0, max(len(found.missing), len(found.outdated) and 1), _BATCH):
        with store.write(synced=False) as connection:
            if start == 0:
                drop_current_reports(connection, found.outdated)
            add_current_reports(connection, found.missing[start : start + _BATCH])
    return len(found.missing)


def _counted_for(
    known: Mapping[str, Portal], groups: Iterable[ReportGroup]
) -> dict[Named, PublicBody]:
    """The bodies of reports that are not counted for the one that they name. groups: by portal."""
    return {
        (group.portal, group.public_body_id or 0): body
        for group, body in counted_groups(known, groups)
        if group.body is None
        or (body.name, body.division) != (group.body.name, group.body.division)
    }


def counted_groups(
    known: Mapping[str, Portal], groups: Iterable[ReportGroup]
) -> list[tuple[ReportGroup, PublicBody]]:
    """Each group with the body that it is counted for, offices of unknown places told apart.
    groups: ordered by portal.
    """
    counted = list(_attributed(known, groups))
    first: dict[str, tuple[int, str]] = {}
    for group, body in counted:
        if body.division is None:
            own = (group.first_page_id, group.portal)
            first[body.name] = min(own, first.get(body.name, own))
    return [
        (
            group,
            replace(body, name=f"{body.name}（{group.portal}）")
            if body.division is None and first[body.name][1] != group.portal
            else body,
        )
        for group, body in counted
    ]


def _attributed(
    known: Mapping[str, Portal], groups: Iterable[ReportGroup]
) -> Iterator[tuple[ReportGroup, PublicBody]]:
    """Each group with the body that it is counted for. groups: ordered by portal."""
    for key, its in groupby(groups, key=lambda each: each.portal):
        of_portal = list(its)
        signed: Counter[Signature] = Counter()
        for group in of_portal:
            signed[key, group.body] += group.reports
        counted = attribution(signed, main_bodies([known[key]], signed))
        for group in of_portal:
            yield group, counted[key, group.body]
