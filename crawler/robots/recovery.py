"""Takes up the robots.txt answers that a crash left stored and not recorded."""

from collections.abc import Callable
from datetime import datetime

from archive.model.frontier import Lease
from archive.model.outcome import Role
from archive.model.url import host_of
from archive.store import Store
from archive.store.frontier import hosts, leasing
from archive.store.rows import HostState
from archive.store.write.outcomes import record
from archive.warc.folder import WarcFolder
from archive.work.ingest.outcomes import decide_robots
from crawler.robots.answer import take_up


def record_stored_robots(
    store: Store,
    warc: WarcFolder,
    run_id: int,
    states: dict[str, HostState],
    now: Callable[[], datetime],
) -> list[Lease]:
    """Records them, before anything of their hosts is fetched; `states` takes their rules. One that
    gives no rules by itself is fetched again. Returns the pages that a crash left stored.
    """
    pages = []
    with store.write() as connection:
        for lease in leasing.kept(connection, run_id):
            if lease.role is not Role.ROBOTS:
                pages.append(lease)
                continue
            name, at = host_of(lease.url), now()
            state = take_up(warc, lease, states.get(name), at)
            if state is None:
                reason = "robots.txt gave no rules"
                leasing.retry_later(
                    connection, lease.page_id, run_id, not_before_at=at, reason=reason
                )
                continue
            states[name] = state
            hosts.save_host(connection, state)
            ended = decide_robots(lease, lease.pending_capture, None, at)
            record(connection, [ended], next_due={})
        leasing.drop_waiting(connection, run_id, Role.ROBOTS)
    return pages
