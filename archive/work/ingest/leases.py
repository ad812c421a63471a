"""What one job holds of an archive that several workers share: the visit of its portal, and the
hosts that it asks. Threads of their own keep hold of it. A process that cannot say in time that it
is still there has lost everything it held, and must end before anybody else takes that.
"""

import logging
import os
import sys
import threading
import time
import uuid
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import Final

from archive.model.errors import GongkaiError
from archive.store import Store
from archive.store.frontier.worker_leases import (
    Used,
    free_leases,
    refuse_lost,
    renew_leases,
    take_leases,
)

# Of the time that a lease lasts: how often it is renewed, and when its holder gives up. The rest is
# for the process to end in.
_RENEWED_AFTER: Final = 1 / 6
_SURE_FOR: Final = 3 / 4
_LOOK_S: Final = 0.25
_LOST: Final = 4
logger = logging.getLogger(__name__)


def _end(why: str) -> None:
    """Ends the process at once, its connections with it: what was not stored is fetched again."""
    logger.error("%s", why)
    sys.stderr.write(f"{why}; what was stored stays, the rest goes on later\n")
    sys.stderr.flush()
    os._exit(_LOST)


class Leases:
    """who: as others are told. lasts: after how long a holder that says nothing has lost what it
    held. on_lost: gets the reason; it must let nothing go out to a host any more. used: how what is
    held was used, for who takes it next; noted before `close`.
    """

    def __init__(
        self, store: Store, who: str, lasts: timedelta, on_lost: Callable[[str], None] = _end
    ) -> None:
        self._store, self._who, self._lasts, self._on_lost = store, who, lasts, on_lost
        self._holder = str(uuid.uuid4())
        self._keys: set[str] = set()
        self.used: dict[str, Used] = {}
        self._sure_until = time.monotonic() + lasts.total_seconds() * _SURE_FOR
        self._closed = threading.Event()
        self._threads = [
            threading.Thread(target=work, name=name, daemon=True)
            for name, work in (("leases", self._renew), ("leases' watch", self._watch))
        ]
        for thread in self._threads:
            thread.start()

    def take(self, keys: Collection[str]) -> Mapping[str, Used]:
        """Takes all of the keys or none; how each was used before. HomeLockedError: somebody else
        has one of them. CannotRunError: the database does not answer.
        """
        with self._store.write_beside() as connection:
            found = take_leases(
                connection, keys, holder=self._holder, who=self._who, lasts=self._lasts
            )
        self._keys |= found.keys()
        return found

    def guard(self, key: str) -> None:
        """From now on the ledger is only written while this key is held."""
        self._store.before_write = partial(refuse_lost, key=key, holder=self._holder)

    def close(self) -> None:
        """Gives everything back."""
        self._closed.set()
        self._threads[0].join(timeout=1)
        # What cannot be given back ends by itself.
        with suppress(GongkaiError), self._store.write_beside() as connection:
            free_leases(connection, self._holder, self.used)

    def _renew(self) -> None:
        while not self._closed.wait(self._lasts.total_seconds() * _RENEWED_AFTER):
            began, known = time.monotonic(), frozenset(self._keys)
            try:
                with self._store.write_beside() as connection:
                    held = renew_leases(connection, self._holder, self._lasts)
            except GongkaiError as error:
                logger.warning("what this job holds could not be renewed: %s", error)
                continue
            if known - held and not self._closed.is_set():
                self._on_lost(f"{' and '.join(sorted(known - held))} went to another worker")
                return
            self._sure_until = began + self._lasts.total_seconds() * _SURE_FOR

    def _watch(self) -> None:
        while not self._closed.wait(_LOOK_S):
            if not self.is_sure():
                self._on_lost(
                    "the database did not answer for"
                    f" {self._lasts.total_seconds() * _SURE_FOR:.0f} s: what this job held may"
                    " go to another worker"
                )
                return

    def is_sure(self) -> bool:
        """Whether nobody else can have taken what is held."""
        return time.monotonic() < self._sure_until
