"""The hosts that a visit holds while other workers visit others: one host, one IP address, one
platform is asked by one worker at a time, and whoever takes it keeps the pause of who had it.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from typing import Final
from urllib.parse import urlsplit

from archive.model.errors import GongkaiError, HomeLockedError
from archive.model.url import host_of
from archive.store import Store
from archive.store.frontier.hosts import host_state
from archive.store.frontier.worker_leases import Used
from archive.store.rows import HostState
from archive.work.ingest.leases import Leases
from crawler.fetch.meta import Target
from crawler.fetch.reach import Reach
from crawler.frontier.politeness import Politeness

# So long a host is waited for that another worker asks; then its URLs wait for the next visit.
PATIENCE_S: Final = 60.0
_TRY_AGAIN_S: Final = 1.0
BUSY: Final = "another worker asks its host"
logger = logging.getLogger(__name__)


class Claims:
    """Takes hosts before their first request. note: gets what the ledger knows of a host now."""

    def __init__(
        self,
        leases: Leases,
        store: Store,
        politeness: Politeness,
        reach: Reach,
        note: Callable[[HostState], None],
    ) -> None:
        self._leases, self._store, self._note = leases, store, note
        self._politeness, self._reach = politeness, reach
        self._keys: dict[str, list[str]] = {}
        self._under_way: dict[str, asyncio.Task[bool]] = {}

    async def held(self, target: Target) -> bool:
        """Whether the host of a URL is this visit's; it is waited for. A host that was not had is
        not asked for again in this run.
        """
        name = host_of(target.url)
        if name not in self._under_way:
            self._under_way[name] = asyncio.ensure_future(self._claimed(name, target))
        return await asyncio.shield(self._under_way[name]) and self._leases.is_sure()

    async def _claimed(self, name: str, target: Target) -> bool:
        numbers = await self._reach.numbers(urlsplit(name).hostname or "")
        keys = keys_of(name, numbers, self._politeness.group_of(target))
        until = time.monotonic() + PATIENCE_S
        while True:
            try:
                used = await asyncio.to_thread(self._leases.take, keys)
                state = await asyncio.to_thread(self._state, name)
            except HomeLockedError as error:
                if time.monotonic() > until:
                    logger.info("%s is left for the next visit: %s", name, error)
                    self._politeness.leave(name, BUSY)
                    return False
                await asyncio.sleep(_TRY_AGAIN_S)
            except GongkaiError as error:
                logger.warning("%s is left for the next visit: %s", name, error)
                self._politeness.leave(name, BUSY)
                return False
            else:
                break
        if state is not None:
            self._note(state)
        self._keys[name] = keys
        for each in used.values():
            self._politeness.used_elsewhere(name, each.used_at, each.ready_at)
        return True

    def _state(self, name: str) -> HostState | None:
        with self._store.read() as connection:
            return host_state(connection, name)

    def note_used(self) -> None:
        """Notes for who comes next when each host was asked last: the run is over."""
        for name, keys in self._keys.items():
            used = Used(*self._politeness.use_of(name))
            self._leases.used |= dict.fromkeys(keys, used)


def keys_of(name: str, numbers: Sequence[str], group: str) -> list[str]:
    """What names a host among workers: itself, its IP addresses with the port, its platform.

    >>> keys_of("http://a.cn:80", ["10.0.0.1"], "platform:p")
    ['host:http://a.cn:80', 'line:10.0.0.1:80', 'platform:p']
    """
    port = urlsplit(name).port or 0
    shared = [group] if group.startswith("platform:") else []
    return [f"host:{name}", *(f"line:{number}:{port}" for number in sorted(numbers)), *shared]
