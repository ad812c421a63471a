"""Captures of which no run wrote down a row (older releases, a crash) are read again in the order
of their times, and end as a crawl would have ended them. What left no capture cannot be known.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

from archive.model.outcome import SIDE_ROLES, Outcome, Role
from archive.model.portal import Portal
from archive.model.reading import Link
from archive.model.url import canonical, host_of, key_of
from archive.store import Connection, Store
from archive.store.catalogue import portals, save_portals
from archive.store.frontier.enqueue import AD_HOC, Found
from archive.store.types import NamedRow
from archive.store.write.deriving import (
    add_capture,
    close_derived_run,
    is_past,
    lease_found,
    open_derived_run,
    page_before,
    page_of,
    run_from,
)
from archive.store.write.found import capture_ids, unnamed_by_session, unnamed_records
from archive.store.write.outcomes import record
from archive.work.ad_hoc import ad_hoc_key
from archive.work.ingest.reader_pool import Readers
from archive.work.ingest.recrawl import next_due_at
from archive.work.ingest.stored_capture import StoredRules, decide_stored
from archive.work.preservation.rebuild_scan import Session

_AT_ONCE: Final = 200
# What pages show (crawl --requisites): its media type, and its name where none came (404, 304).
_SHOWN: Final = re.compile(r"image/|font/|text/css$|application/(?:x-)?font")
_SHOWN_NAME: Final = re.compile(r"\.(?:css|png|jpe?g|gif|bmp|svg|webp|ico)$", re.IGNORECASE)
_BEGIN: Final = (datetime(1, 1, 1, tzinfo=UTC), "")


@dataclass(slots=True)
class Derived:
    """What was made of captures alone. runs: the runs that they make up, by their numbers.
    alone: captures of a time about which later rows are known: how they ended is not. halves: ids
    of archives of whose runs no row came: their merge was not finished.
    """

    captures: int = 0
    runs: list[int] = field(default_factory=list)
    alone: int = 0
    halves: set[str] = field(default_factory=set)


def derive_rest(
    store: Store,
    catalogue: Iterable[Portal],
    readers: Readers,
    sessions: Mapping[int, Session],
    on_capture: Callable[[], None],
) -> Derived:
    """Takes every capture without a row to its end. catalogue: portals that may be theirs."""
    done = Derived()
    with store.read() as connection:
        left = unnamed_by_session(connection)
    if not left:
        return done
    owners = _Owners(store, catalogue)
    for number in left:
        run = _Run(store, readers, owners, sessions[number], number, done, on_capture)
        run.may_go_on = number == max(sessions)
        run.derive()
    return done


class _Run:
    """One session's captures, in the order of their times. Of several of one page in a session the
    last one tells how the visit ended: the others were tries.

    may_go_on: the next crawl may go on with the run: it takes the rules of robots.txt from what is
    kept and not recorded.
    """

    may_go_on = False

    def __init__(
        self,
        store: Store,
        readers: Readers,
        owners: "_Owners",
        session: Session,
        number: int,
        done: Derived,
        on_capture: Callable[[], None],
    ) -> None:
        self._store = store
        self._readers = readers
        self._owners = owners
        self._session = session
        self._number = number
        self._done = done
        self._on_capture = on_capture
        self._redirects: dict[str, str] = {}
        self._run_id = 0
        self._came = False

    def derive(self) -> None:
        tries = Counter(_key(row) for row in self._rows())
        last: datetime | None = None
        for row in self._rows():
            if last is None:
                self._open(row.captured_at)
            last = row.captured_at
            key = _key(row)
            tries[key] -= 1
            self._take(row, key, is_last=not tries[key])
            self._done.captures += 1
            self._on_capture()
        if last is not None and not self._came:
            with self._store.write() as connection:
                close_derived_run(connection, self._run_id, last)

    def _open(self, at: datetime) -> None:
        job, origin = self._session.job or f"crawl of {self._session.file}", self._session.origin
        self._owners.take_job(job)
        if origin:  # nobody may go on with it here
            job = f"{job} (archive {origin[0]})"
        with self._store.write() as connection:
            known = run_from(connection, origin) if origin else None
            run_id = known or self._session.run_id
            self._run_id = open_derived_run(connection, run_id, job, at, origin)
        self._came = known is not None
        if origin and not self._came:
            self._done.halves.add(origin[0])
        self._done.runs.append(self._run_id)

    def _rows(self) -> Iterator[NamedRow]:
        after = _BEGIN
        while True:
            with self._store.read() as connection:
                rows = unnamed_records(connection, self._number, after, _AT_ONCE)
            if not rows:
                return
            yield from rows
            after = (rows[-1].captured_at, rows[-1].record_id)

    def _take(self, row: NamedRow, key: str, *, is_last: bool) -> None:
        with self._store.write() as connection:
            found = self._owners.found(connection, row, key)
            repeats = capture_ids(connection, [row.repeats]).get(row.repeats or "")
            if not is_last or is_past(connection, self._run_id, key, row.captured_at):
                page_id = page_of(connection, found, row.captured_at)
                add_capture(connection, self._run_id, page_id, row, repeats)
                self._done.alone += is_last
                return
            lease = lease_found(connection, self._run_id, found, row, repeats)
        if lease is None or lease.pending_capture is None:
            self._done.alone += 1
            return
        if self.may_go_on and lease.role is Role.ROBOTS:
            return
        decision = decide_stored(
            lease,
            lease.pending_capture,
            self._readers,
            row.captured_at,
            StoredRules(although_cut=True, redirects=self._redirects),
        )
        if decision.outcome is Outcome.REDIRECTED:
            self._redirects[lease.url] = decision.links[0].url
        due = next_due_at(lease, decision)
        with self._store.write() as connection:
            record(
                connection,
                [decision],
                next_due={} if due is None else {lease.page_id: due},
                on_versions=self._store.on_versions,
            )


class _Owners:
    """Which portal a URL belongs to: the one that names it or its host; else one of its own."""

    def __init__(self, store: Store, catalogue: Iterable[Portal]) -> None:
        with store.read() as connection:
            known = portals(connection)
        self._stored = {each.key for each in known}
        self._portals = {each.key: each for each in (*catalogue, *known)}
        self._entries = {url: each.key for each in self._portals.values() for url in each.entries}
        self._hosts = {host_of(url): key for url, key in self._entries.items()}

    def take_job(self, job: str) -> None:
        """The URLs that a job names are portals of their own, unless a row names them."""
        for word in job.split():
            url = canonical(word) if "://" in word else None
            if url is not None and url not in self._entries:
                key = ad_hoc_key(url)
                self._portals[key] = Portal(key=key, name=url, entries=(url,), source=AD_HOC)
                self._entries[url] = key
                self._hosts.setdefault(host_of(url), key)

    def found(self, connection: Connection, row: NamedRow, key: str) -> Found:
        """The page of a record, as a list would have named it."""
        known = page_before(connection, key)
        if known is not None:
            role, owner = Role(known.role), known.portal_key
        else:
            role = _role(row)
            owner = self._owner(connection, row.uri, role)
            if row.uri in self._portals[owner].entries:
                role = Role.ENTRY
        link = Link(url=row.uri, text="", role=role, method=row.method, body=row.body)
        return Found(
            link=link, portal_key=owner, depth=int(role in (Role.PAGE, Role.REQUISITE)), hops=()
        )

    def _owner(self, connection: Connection, url: str, role: Role) -> str:
        key = self._entries.get(url) or self._hosts.get(host_of(url))
        if key is None:
            key = ad_hoc_key(url)
            self._hosts[host_of(url)] = key
            self._portals[key] = Portal(key=key, name=url, entries=(), source=AD_HOC)
        portal = self._portals[key]
        if not portal.entries and role not in SIDE_ROLES:
            portal = self._portals[key] = replace(portal, name=url, entries=(url,))
            self._stored.discard(key)
        if key not in self._stored:
            self._stored.add(key)
            save_portals(connection, [portal])
        return key


def _role(row: NamedRow) -> Role:
    """Of a page that no list named before. An image that a report is made of is named by its page,
    an image that a page shows is not.
    """
    if urlsplit(row.uri).path == "/robots.txt":
        return Role.ROBOTS
    if row.status == HTTPStatus.OK and row.media_type:
        is_shown = _SHOWN.match(row.media_type)
    else:
        is_shown = _SHOWN_NAME.search(urlsplit(row.uri).path)
    return Role.REQUISITE if is_shown else Role.PAGE


def _key(row: NamedRow) -> str:
    return key_of(row.uri, row.method, row.body)
