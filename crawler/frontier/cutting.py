"""Ends what waits of a portal whose lists are followed no more (archive.work.ingest.list_watch)."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from archive.model.frontier import Lease
from archive.model.outcome import Outcome
from archive.store import Store
from archive.store.frontier.cutting import leave_lists, lists_ended
from archive.store.rows import PortalFacts
from archive.work.ingest.list_watch import ListWatch

if TYPE_CHECKING:
    from crawler.desk import Desk
    from crawler.options import CrawlOptions


def watch_of(store: Store, run_id: int, options: "CrawlOptions") -> ListWatch:
    """The watch over a run's lists; a resumed run's earlier lists count."""
    with store.read() as connection:
        lists = lists_ended(connection, run_id)
    budgets = {each.key: each.max_lists for each in options.portals if each.max_lists is not None}
    return ListWatch(budgets=budgets, default=options.max_lists, lists=lists)


def with_cuts(facts: Mapping[str, PortalFacts], lists: ListWatch) -> dict[str, PortalFacts]:
    """The facts of portals with the reason why their lists were cut: nothing may have waited then.
    A run of one portal visits pages of others for it.
    """
    cuts = {key: lists.cut(key) for key in facts}
    if len(facts) == 1:
        cuts = dict.fromkeys(facts, lists.any_cut())
    return {
        key: replace(each, reasons=(*each.reasons, why)) if (why := cuts[key]) else each
        for key, each in facts.items()
    }


async def leave_waiting_lists(desk: "Desk", portal_key: str) -> None:
    """Ends all lists of a portal that wait, once it was cut; nothing while it is not."""
    if desk.lists.cut(portal_key) is not None:
        waiting = desk.politeness.take_out(desk.lists.is_cut)
        await _leave(desk, {portal_key}, waiting)


async def without_cut(desk: "Desk", leases: Sequence[Lease]) -> Sequence[Lease]:
    """The leases that are visited; lists of a portal that was cut meanwhile are ended."""
    cut = [lease for lease in leases if desk.lists.is_cut(lease)]
    if not cut:
        return leases
    await _leave(desk, {lease.portal_key for lease in cut}, cut)
    return [lease for lease in leases if not desk.lists.is_cut(lease)]


async def _leave(desk: "Desk", portal_keys: Collection[str], leases: Sequence[Lease]) -> None:
    run_id, now = desk.ticket.run_id, desk.now()
    leased = [lease.page_id for lease in leases]

    def work(store: Store) -> int:
        with store.write() as connection:
            return sum(
                leave_lists(
                    connection, run_id, key,
                    leased=leased, reason=desk.lists.cut(key) or "", now=now,
                )
                for key in portal_keys
            )  # fmt: skip

    left = await asyncio.wrap_future(desk.ledger.call(work))
    desk.outcomes[Outcome.OUT_OF_SCOPE] += left
    desk.waiting -= left
