"""Takes up the robots.txt answers that a crash left stored and not recorded."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from archive.model.frontier import Lease
from archive.model.outcome import Role
from archive.model.url import host_of
from archive.store import Store
from archive.store.rows import HostState
from archive.work.ingest.outcomes import decide_robots
from crawler.robots.answer import take_up


def record_stored_robots(
    store: Store,
    warc: Path,
    run_id: int,
    states: dict[str, HostState],
    now: Callable[[], datetime],
) -> list[Lease]:
    """Records them, before anything of their hosts is fetched; `states` takes their rules. One that
    gives no rules by itself is fetched again. Returns the pages that a crash left stored.
    """
    pages = []
    for lease in store.kept(run_id):
        if lease.role is not Role.ROBOTS:
            pages.append(lease)
            continue
        name, at = host_of(lease.url), now()
        state = take_up(warc, lease, states.get(name), at)
        if state is None:
            store.retry_later(
                lease.page_id, run_id, not_before_at=at, reason="robots.txt gave no rules"
            )
            continue
        states[name] = state
        store.save_host(state)
        store.record([decide_robots(lease, lease.pending_capture, None, at)], next_due={})
    store.drop_waiting(run_id, Role.ROBOTS)
    return pages
