"""Lists of a portal that are followed no more (archive.work.ingest.list_watch), in the ledger."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from archive.store import Connection, Store
from archive.store.frontier.cutting import leave_lists, lists_ended
from archive.store.rows import PortalFacts
from archive.work.ingest.list_watch import ListWatch
from crawler.options import CrawlOptions


def watch_of(store: Store, run_id: int, options: CrawlOptions) -> ListWatch:
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


def end_lists(
    connection: Connection,
    run_id: int,
    reasons: Mapping[str, str],
    leased: Sequence[int],
    now: datetime,
) -> int:
    """Ends all lists of portals that wait, and these leased pages; how many ended. reasons: why,
    by portal key.
    """
    return sum(
        leave_lists(connection, run_id, key, leased=leased, reason=reason, now=now)
        for key, reason in reasons.items()
    )
