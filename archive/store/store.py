"""The ledger of one archive: opened here, and queried by functions that take a connection.

``with store.read() as connection`` and ``with store.write() as connection`` are one transaction
each; the functions stand in `frontier`, `write`, `query` and `catalogue`. One thread writes; any
number may read.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Self

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from archive.model.errors import CannotRunError, GongkaiError, HomeLockedError, LedgerGoneError
from archive.store.engine import end_reading, for_writing, locate, open_engine, shown, sqlite_path
from archive.store.frontier.advisory_lock import advisory_lock
from archive.store.frontier.worker_leases import WORKER, live_leases
from archive.store.time_limit import limit_time
from archive.store.upgrade import bring_up, check_current

if TYPE_CHECKING:  # who only asks does without all that writes versions
    from archive.store.write.versioning import OnVersions


class Store:
    """The ledger of one archive. Make it with Store.open; close it, or use it as a context.

    before_write: called within every transaction of `write`; what it raises undoes it.
    """

    def __init__(
        self, engine: Engine, on_versions: "OnVersions | None", path: Path | None = None
    ) -> None:
        self._engine, self._path = engine, path
        self.on_versions = on_versions
        self.before_write: Callable[[Connection], None] = lambda _: None

    @classmethod
    def open(
        cls,
        url_or_home: str | Path,
        *,
        read_only: bool = False,
        within_s: float | None = None,
        on_versions: "OnVersions | None" = None,
    ) -> Self:
        """Opens the ledger of a home folder or a database URL; makes or migrates it unless
        read_only (an older SQLite file is first copied to archive.sqlite.bak-REVISION).

        within_s: how long a transaction may take (archive.store.time_limit); None: as it likes.
        on_versions: what `write.outcomes.record` is to call for the versions made or replaced.
        NewerHomeError: made by newer code. CannotRunError: cannot be read, written or migrated.
        """
        url = locate(url_or_home)
        path = sqlite_path(url)
        if read_only and path is not None and not path.exists():
            raise CannotRunError(f"there is no archive at {path}; crawl first, or give --home")
        engine = open_engine(url, read_only=read_only)
        if within_s is not None:
            limit_time(engine, within_s)
        try:
            if read_only:
                with engine.connect() as connection:
                    check_current(connection)
            else:
                bring_up(engine, path)
        except DBAPIError as error:
            engine.dispose()
            where = path or shown(url)
            raise CannotRunError(f"cannot open the archive at {where}: {error.orig}") from error
        except GongkaiError:
            engine.dispose()
            raise
        return cls(engine, on_versions, path)

    def check_there(self) -> None:
        """LedgerGoneError where its file is not where it was opened: who has it open reads on."""
        if self._path is not None and not self._path.exists():
            raise LedgerGoneError(f"there is no ledger any more at {self._path}")

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
            end_reading(connection)

    @contextmanager
    def write(self, *, synced: bool = True) -> Iterator[Connection]:
        """A connection in a transaction that holds the write lock from its start; it commits at
        the end, or leaves no trace when an exception passes. CannotRunError: disk or lock.

        synced: False where a loss of power may take the transaction back (a kill never does): what
        it held can be had again. The next synced one makes it durable, too.
        """
        try:
            with (
                for_writing(self._engine.connect(), synced=synced) as connection,
                connection.begin(),
            ):
                self.before_write(connection)
                yield connection
        except DBAPIError as error:
            raise CannotRunError(f"the archive cannot be written: {error.orig}") from error

    @contextmanager
    def write_beside(self) -> Iterator[Connection]:
        """A connection in a transaction that waits for no other writer, on PostgreSQL: for rows
        that are no part of the archive. CannotRunError as in `write`.
        """
        try:
            with self._engine.begin() as connection:
                yield connection
        except DBAPIError as error:
            raise CannotRunError(f"the database cannot be written: {error.orig}") from error

    @contextmanager
    def advisory_lock(self, who: str, *, alone: bool = False) -> Iterator[None]:
        """Holds a PostgreSQL archive (a home has a lock). HomeLockedError names the holder, or a
        worker that is visiting; alone: or one that waits for work.
        """
        with advisory_lock(self._engine, who):
            with self.read() as connection:
                held = live_leases(connection)
            busy = [who for key, who in held.items() if alone or not key.startswith(WORKER)]
            if busy:
                raise HomeLockedError(f"{busy[0]} is at work on this archive; end the workers")
            yield
