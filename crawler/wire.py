"""The bytes of the wire, tapped inside Twisted's HTTP/1.1 client.

Scrapy hands on title-cased headers, no reason phrase and a de-chunked body; an archive needs what
was sent and received. One request at a time travels on a connection, so a tee per request is exact.
This is the one file that leans on private parts of Scrapy and Twisted (hence scrapy>=2.19,<2.20);
tests/crawler/test_wire.py is its contract.
"""

from collections.abc import Hashable, Iterable
from typing import Any

from scrapy.core.downloader.handlers.http11 import (
    _LenientHTTP11ClientFactory,
    _LenientHTTP11ClientProtocol,
    _ScrapyAgent,
)
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IAddress
from twisted.web.client import Agent, HTTPConnectionPool
from twisted.web.iweb import IResponse

from archive.model.network import is_public
from crawler.reach import GuardedReactor, OutOfReachError


class Tap:
    """What passed over the wire for one request.

    sent / received: bytes as written and as read; reused: the connection had served before, so
    silence may only mean that the server closed an idle connection. overflown: more than
    `most_bytes` came, and the connection was ended (Twisted reads heads without end). private: the
    peer may have a private address; refused: those that it had and must not have.
    """

    __slots__ = (
        "ip_address", "most_bytes", "open", "overflown", "private", "received", "refused",
        "reused", "sent",
    )  # fmt: skip

    def __init__(self, *, most_bytes: int, private: bool) -> None:
        self.most_bytes = most_bytes
        self.private = private
        self.refused: list[str] = []
        self.overflown = False
        self.sent = bytearray()
        self.received = bytearray()
        self.reused = False
        self.open = True
        self.ip_address: str | None = None


class _TeeTransport:
    """Stands before the transport while a request is written."""

    def __init__(self, transport: Any, tap: Tap) -> None:
        self._transport = transport
        self._tap = tap

    def write(self, data: bytes) -> None:
        self._tap.sent += data
        self._transport.write(data)

    def writeSequence(self, pieces: Iterable[bytes]) -> None:  # noqa: N802 - Twisted's name
        self.write(b"".join(pieces))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


class _TappedProtocol(_LenientHTTP11ClientProtocol):
    """A client connection that copies what passes into the tap it was armed with."""

    _tap: Tap | None = None
    _served = 0

    def arm(self, tap: Tap) -> "_TappedProtocol":
        self._tap = tap
        tap.reused = self._served > 0
        self._served += 1
        if self.transport is not None:
            peer: Any = self.transport.getPeer()  # type: ignore[misc]  # zope interface
            tap.ip_address = getattr(peer, "host", None)
            self._look_at_peer(tap)
        return self

    def _look_at_peer(self, tap: Tap) -> None:
        """An idle connection that another portal was allowed to open is not for everybody."""
        if not tap.private and not is_public(tap.ip_address or ""):
            tap.refused.append(tap.ip_address or "nowhere")
            self.abort()  # type: ignore[no-untyped-call]  # Twisted is untyped
            raise OutOfReachError("the peer has a private address")

    def request(self, request: Any) -> Deferred[IResponse]:
        tap, write_to = self._tap, request.writeTo
        if tap is not None:
            request.writeTo = lambda transport: write_to(_TeeTransport(transport, tap))
        return super().request(request)

    def dataReceived(self, data: bytes) -> None:  # noqa: N802 - Twisted's name
        tap = self._tap
        if tap is not None and tap.open:
            tap.received += data
            if len(tap.received) > tap.most_bytes:
                tap.open, tap.overflown = False, True
                self.abort()  # type: ignore[no-untyped-call]  # Twisted is untyped
                return
        super().dataReceived(data)  # type: ignore[no-untyped-call]  # Twisted is untyped


class TappedFactory(_LenientHTTP11ClientFactory):
    """Builds tapped connections for the pool."""

    noisy = False

    def buildProtocol(self, addr: IAddress | None) -> _TappedProtocol:  # noqa: N802, ARG002 - Twisted names it
        """A fresh tapped connection (Twisted's name and signature)."""
        return _TappedProtocol(self._quiescentCallback)  # type: ignore[no-untyped-call]  # Twisted is untyped


class _ArmingPool:
    """The connection pool as one request sees it: every connection it hands out is armed."""

    def __init__(self, pool: HTTPConnectionPool, tap: Tap) -> None:
        self._pool = pool
        self._tap = tap
        self.persistent = pool.persistent

    def getConnection(self, key: Hashable, endpoint: Any) -> Deferred[Any]:  # noqa: N802 - Twisted names it
        ready: Deferred[Any] = self._pool.getConnection(key, endpoint)
        return ready.addCallback(lambda protocol: protocol.arm(self._tap))


class TappedAgent(_ScrapyAgent):
    """Scrapy's agent for one request, with a tap on the connection it gets."""

    def __init__(self, *, tap: Tap, **options: Any) -> None:
        super().__init__(**options)
        self._tap = tap

    def _get_agent(self, request: Any, timeout: float) -> Agent:
        agent = super()._get_agent(request, timeout)
        if not self._tap.private and not request.meta.get("proxy"):  # that is the operator's own
            endpoints = agent._endpointFactory  # noqa: SLF001 - there is no public way
            endpoints._reactor = GuardedReactor(endpoints._reactor, self._tap.refused)  # noqa: SLF001
        agent._pool = _ArmingPool(agent._pool, self._tap)  # type: ignore[assignment]  # noqa: SLF001
        return agent
