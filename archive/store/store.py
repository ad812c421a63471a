"""The ledger's door: every transaction of the archive, by name.

One thread writes; any number may read. Every method is one transaction.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from archive.model.errors import CannotRunError, GongkaiError
from archive.model.frontier import Lease, NewCapture, Record, StoredCapture
from archive.model.outcome import Role, Verdict
from archive.model.portal import Portal
from archive.store import catalogue
from archive.store.engine import for_writing, locate, open_engine, sqlite_path
from archive.store.frontier import hosts, leasing, runs
from archive.store.frontier.advisory_lock import advisory_lock
from archive.store.frontier.runs import EndStatus, Mode, process_is_alive
from archive.store.query import history, rendered, verdicts
from archive.store.query.stored_parts import version_parts
from archive.store.rows import (
    CaptureRow,
    Expected,
    FieldEvent,
    HostState,
    OutcomeRow,
    PortalFacts,
    Recorded,
    RunTicket,
    VersionParts,
    VersionRow,
)
from archive.store.upgrade import bring_up, check_current
from archive.store.write import captures as keeping
from archive.store.write import outcomes as recording
from archive.store.write.versioning import OnVersion


class Store:
    """The ledger of one archive. Make it with Store.open; close it, or use it as a context."""

    def __init__(self, engine: Engine, on_version: OnVersion | None) -> None:
        self._engine = engine
        self._on_version = on_version

    @classmethod
    def open(
        cls,
        url_or_home: str | Path,
        *,
        read_only: bool = False,
        on_version: OnVersion | None = None,
    ) -> Self:
        """Opens the ledger of a home folder or a database URL; makes or migrates it unless
        read_only (an older SQLite file is first copied to archive.sqlite.bak-REVISION).

        on_version: called inside the second transaction for every version made or replaced.
        NewerHomeError: made by newer code. CannotRunError: cannot be read, written or migrated.
        """
        url = locate(url_or_home)
        path = sqlite_path(url)
        if read_only and path is not None and not path.exists():
            raise CannotRunError(f"there is no archive at {path}; crawl first, or give --home")
        engine = open_engine(url, read_only=read_only)
        try:
            if read_only:
                with engine.connect() as connection:
                    check_current(connection)
            else:
                bring_up(engine, path)
        except DBAPIError as error:
            engine.dispose()
            where = path or url.render_as_string()
            raise CannotRunError(f"cannot open the archive at {where}: {error.orig}") from error
        except GongkaiError:
            engine.dispose()
            raise
        return cls(engine, on_version)

    def close(self) -> None:
        """Closes every connection; the store cannot be used afterwards."""
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection that sees one consistent state and changes nothing."""
        with self._engine.connect() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A connection in a transaction that holds the write lock from its start; it commits at
        the end, or leaves no trace when an exception passes. CannotRunError: disk or lock.
        """
        try:
            with for_writing(self._engine.connect()) as connection, connection.begin():
                yield connection
        except DBAPIError as error:
            raise CannotRunError(f"the archive cannot be written: {error.orig}") from error

    @contextmanager
    def advisory_lock(self, who: str) -> Iterator[None]:
        """Holds a PostgreSQL archive (a home has a lock). HomeLockedError names the holder."""
        with advisory_lock(self._engine, who):
            yield

    # --- catalogue ---------------------------------------------------------------------------

    def save_portals(self, portals: Sequence[Portal]) -> None:
        """Stores catalogue rows; a known key takes the new row, learned facts stay."""
        with self.write() as connection:
            catalogue.save_portals(connection, portals)

    def portals(self) -> list[Portal]:
        """Every portal ever saved, by key."""
        with self.read() as connection:
            return catalogue.portals(connection)

    def learned_tls(self) -> dict[str, str]:
        """The TLS fall-back that worked for portals whose row names none, by key."""
        with self.read() as connection:
            return catalogue.learned_tls(connection)

    def learn_tls(self, portal_key: str, tls: str) -> None:
        """Keeps the TLS fall-back that worked for a portal."""
        with self.write() as connection:
            catalogue.learn_tls(connection, portal_key, tls)

    def rendered_portals(self, portal_keys: Collection[str]) -> frozenset[str]:
        """Those of the portals of which a list was last read from a document that a browser
        rendered: their lists need one.
        """
        with self.read() as connection:
            return rendered.rendered_portals(connection, portal_keys)

    # --- runs --------------------------------------------------------------------------------

    def begin_run(
        self,
        *,
        job: str,
        portals: Sequence[Portal],
        options: Mapping[str, Any],
        mode: Mode,
        now: datetime,
        pid: int,
        is_alive: Callable[[int], bool] = process_is_alive,
    ) -> RunTicket:
        """Goes on with the latest unfinished run of the same job: its leased URLs wait
        again, its kept ones stay kept. Otherwise makes a run that adopts what stopped runs left
        of its portals and schedules entries, known lists and the known pages that are due (mode
        full: all). Other runs that say running but whose process is gone become crashed.
        """
        with self.write() as connection:
            return runs.begin_run(
                connection,
                job=job,
                portals=portals,
                options=options,
                mode=mode,
                now=now,
                pid=pid,
                is_alive=is_alive,
            )

    def remaining(self, run_id: int) -> dict[str, int]:
        """How many URLs of a run are pending, leased and kept; every state is named."""
        with self.read() as connection:
            return runs.remaining(connection, run_id)

    def run_counts(self, run_id: int) -> dict[str, int]:
        """How many URLs of a run ended with each outcome that occurred."""
        with self.read() as connection:
            return runs.run_counts(connection, run_id)

    def known_by_portal(self) -> dict[str, Expected]:
        """How many lists, reports and other pages of each portal have a version, by key."""
        with self.read() as connection:
            return verdicts.known_by_portal(connection)

    def portal_facts(
        self, run_id: int, *, portals: Sequence[Portal] = ()
    ) -> dict[str, PortalFacts]:
        """What a run of these portals brought of each portal that it touched, by key."""
        with self.read() as connection:
            return verdicts.portal_facts(connection, run_id, portals=portals)

    def save_verdicts(
        self, run_id: int, found: Mapping[str, tuple[Verdict, str, Mapping[str, int]]]
    ) -> None:
        """Stores verdict, reason and outcome counts of each portal of a run, by portal key."""
        with self.write() as connection:
            verdicts.save_verdicts(connection, run_id, found)

    def takeable(self, run_id: int, *, by: datetime, exclude_hosts: Collection[str]) -> int:
        """How many pending URLs of a run may be fetched until `by`: what a pause of theirs
        or of their host's holds back longer is not counted.
        """
        with self.read() as connection:
            return verdicts.takeable(connection, run_id, by=by, exclude_hosts=exclude_hosts)

    def finish_run(
        self,
        run_id: int,
        *,
        status: EndStatus,
        verdict: Verdict,
        reason: str,
        counts: Mapping[str, int],
        now: datetime,
    ) -> None:
        """Closes a run as finished or interrupted. Pending URLs stay. CannotRunError when
        it would be finished with a URL leased or kept; interrupted, leased ones go back.
        """
        with self.write() as connection:
            runs.finish_run(
                connection,
                run_id,
                status=status,
                verdict=verdict,
                reason=reason,
                counts=counts,
                now=now,
            )

    # --- frontier ----------------------------------------------------------------------------

    def lease(
        self,
        run_id: int,
        *,
        limit: int,
        per_host: int,
        exclude_hosts: Collection[str],
        now: datetime,
    ) -> list[Lease]:
        """Takes up to `limit` pending URLs: of a host lists before pages before
        attachments, then in the order they were found; the hosts in turn, the longest unvisited
        first. No host gets more than `per_host` leases at the same time; a host or a URL
        whose not_before_at lies behind `now` is left out. Empty when nothing can be taken now.
        """
        with self.write() as connection:
            return leasing.lease(
                connection,
                run_id,
                limit=limit,
                per_host=per_host,
                exclude_hosts=exclude_hosts,
                now=now,
            )

    def lease_now(
        self, run_id: int, *, url: str, portal_key: str, role: Role, now: datetime
    ) -> Lease | None:
        """Schedules one URL of a portal and takes it at once (a robots.txt is needed before
        anything else of its host). None when it waits already, or has ended in this run.
        """
        with self.write() as connection:
            return leasing.lease_now(
                connection, run_id, url=url, portal_key=portal_key, role=role, now=now
            )

    def drop_waiting(self, run_id: int, role: Role) -> None:
        """Takes a run's URLs of one role off the frontier, without an outcome, unless they
        are kept: after a crash a robots.txt is asked for again when it is needed again.
        """
        with self.write() as connection:
            leasing.drop_waiting(connection, run_id, role)

    def kept(self, run_id: int) -> list[Lease]:
        """The run's URLs whose capture is stored but not yet read, with that capture."""
        with self.read() as connection:
            return leasing.kept(connection, run_id)

    def retry_later(
        self, page_id: int, run_id: int, *, not_before_at: datetime, reason: str,
        url: str | None = None,
    ) -> bool:  # fmt: skip
        """Puts a leased or kept URL back for another try (in the spelling `URL`, if that is
        given), one attempt counted; False when the run holds no such URL. The captures stay.
        """
        with self.write() as connection:
            return leasing.retry_later(
                connection, page_id, run_id,
                not_before_at=not_before_at, reason=reason, url=url,
            )  # fmt: skip

    def release(self, page_ids: Collection[int]) -> None:
        """Puts leased URLs back unchanged, at a clean stop."""
        with self.write() as connection:
            leasing.release(connection, page_ids)

    # --- the two transactions ----------------------------------------------------------------

    def keep(self, captures: Sequence[NewCapture], ends: Mapping[str, int]) -> list[StoredCapture]:
        """The first transaction, a batch in one commit: captures, the committed ends of their
        WARC files (`ends`, bytes by file name), leases to kept, hosts visited. Call it after the
        fsync. CannotRunError when the run holds no lease on one of the pages.
        """
        with self.write() as connection:
            return keeping.keep(connection, captures, ends)

    def record(
        self, records: Sequence[Record], *, next_due: Mapping[int, datetime]
    ) -> list[Recorded]:
        """The second transaction, a batch of one run in one commit: outcomes, versions with all
        their parts, discovered URLs, and the acknowledgement of the leases. A record sent
        again (after a crash) changes nothing and answers as before. CannotRunError for a page
        that is not on the run's frontier.

        next_due: when each page is to be visited again, by page id; a page that misses keeps
        its date.
        """
        with self.write() as connection:
            return recording.record(
                connection, records, next_due=next_due, on_version=self._on_version
            )

    # --- hosts and WARC files ----------------------------------------------------------------

    def host_states(self) -> dict[str, HostState]:
        """Every host that was ever visited or paused, by name."""
        with self.read() as connection:
            return hosts.host_states(connection)

    def save_host(self, state: HostState) -> None:
        """Stores what is known of a host; the last visit never moves back."""
        with self.write() as connection:
            hosts.save_host(connection, state)

    def payload_digests(self, page_id: int, run_id: int) -> list[str | None]:
        """Of a page's exchanges in one run, oldest first; None where no body came."""
        with self.read() as connection:
            return keeping.payload_digests(connection, page_id, run_id)

    def committed_ends(self) -> dict[str, int]:
        """How far every WARC file is committed, in bytes, by name."""
        with self.read() as connection:
            return keeping.committed_ends(connection)

    # --- history -----------------------------------------------------------------------------

    def latest_version(self, url: str) -> VersionRow | None:
        """The latest version of the page with that key; None when there is none."""
        with self.read() as connection:
            return history.latest_version(connection, url)

    def versions(self, url: str) -> list[VersionRow]:
        """Every version of the page with that key, oldest first."""
        with self.read() as connection:
            return history.versions(connection, url)

    def version_parts(self, version_id: int) -> VersionParts:
        """Fields, tables, figures and findings of a version."""
        with self.read() as connection:
            return version_parts(connection, version_id)

    def outcomes(self, url: str) -> list[OutcomeRow]:
        """How every visit of the page with that key ended, oldest first."""
        with self.read() as connection:
            return history.outcomes(connection, url)

    def field_events(self, url: str) -> list[FieldEvent]:
        """Header fields of the page that changed while its content stayed, oldest first."""
        with self.read() as connection:
            return history.field_events(connection, url)

    def captures_at(self, url: str) -> list[CaptureRow]:
        """Every capture of the page with that key, oldest first."""
        with self.read() as connection:
            return history.captures_at(connection, url)

    def captures_under(self, prefix: str, *, limit: int = 10_000) -> list[CaptureRow]:
        """Captures of the pages whose key begins with `prefix`, by key, `limit` at most."""
        with self.read() as connection:
            return history.captures_under(connection, prefix, limit=limit)

    def committed_captures(self) -> Iterator[CaptureRow]:
        """Every capture, by WARC file and offset, read in portions."""
        with self.read() as connection:
            yield from history.committed_captures(connection)
