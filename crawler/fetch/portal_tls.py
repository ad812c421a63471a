"""Which TLS each portal speaks: today's, "legacy" or "none" (http alone)."""

import asyncio
import logging
from collections.abc import Mapping

from archive.store.catalogue import learn_tls
from archive.work.ingest.archive_writer import ArchiveWriter

logger = logging.getLogger(__name__)


class PortalTls:
    """known: what rows and earlier runs say, by portal key."""

    def __init__(self, known: Mapping[str, str], writer: ArchiveWriter) -> None:
        self._known = dict(known)
        self._writer = writer
        self._by_http: set[str] = set()

    def of(self, portal_key: str) -> str | None:
        """Either "legacy" or "none"; None where today's TLS works, or nothing is known yet."""
        return self._known.get(portal_key)

    def try_http(self, portal_key: str) -> None:
        """The portal is asked by http, because its TLS fails."""
        self._by_http.add(portal_key)

    async def http_answered(self, portal_key: str) -> None:
        """An answer came; where the portal was tried by http this is learned."""
        if portal_key in self._by_http and portal_key not in self._known:
            await self.learn(portal_key, "none")

    async def learn(self, portal_key: str, tls: str) -> None:
        """Stores the fall-back that worked for a portal."""
        logger.warning("%s answers only with tls = %r", portal_key, tls)
        self._known[portal_key] = tls
        learned = self._writer.call(learn_tls, portal_key, tls)
        await asyncio.wrap_future(learned)
