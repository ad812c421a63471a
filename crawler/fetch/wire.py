"""The bytes of the wire, tapped inside Twisted's HTTP/1.1 client.

Scrapy hands on title-cased headers, no reason phrase and a de-chunked body; an archive needs what
was sent and received. One request at a time travels on a connection, so a tee per request is exact.
This is the one file that leans on private parts of Scrapy and Twisted (hence scrapy>=2.19,<2.20);
tests/crawler/fetch/test_wire.py is its contract.
"""

from collections.abc import Hashable, Iterable
from pathlib import Path
from typing import Any

from OpenSSL.SSL import Connection
from scrapy.core.downloader.handlers.http11 import (
    _LenientHTTP11ClientFactory,
    _LenientHTTP11ClientProtocol,
    _ScrapyAgent,
)
from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectionLost
from twisted.internet.interfaces import IAddress, ISSLTransport
from twisted.internet.protocol import connectionDone
from twisted.python.failure import Failure
from twisted.web.client import Agent, HTTPConnectionPool
from twisted.web.iweb import IResponse

from archive.model.errors import MessageError
from archive.model.network import is_public
from archive.warc.coding import Limits
from archive.warc.framing import Follower
from archive.warc.spool import Spool
from crawler.errors import OutOfReachError
from crawler.fetch.reach import GuardedReactor


class Tap:
    """What passed over the wire for one request.

    sent / received: bytes as written and as read (many of them lie in a nameless file in the folder
        `spool`). answer: follows what is received.
    reused: the connection had served before, so silence may only mean that the server closed an
        idle connection.
    refused: why we ended the connection; None when we did not. is_final: another try would bring
        the same. is_broken: it ended, and nobody closed it.
    private: the peer may have a private address. kept_back: those that it had and must not have.
    connection, ip_address: None when no connection came about.
    """

    __slots__ = (
        "answer", "connection", "ip_address", "is_broken", "is_final", "kept_back", "max_bytes",
        "open", "private", "received", "refused", "reused", "sent", "too_large",
    )  # fmt: skip

    def __init__(self, *, max_bytes: int, spool: Path, private: bool) -> None:
        self.max_bytes = max_bytes
        self.private = private
        self.kept_back: list[str] = []
        self.sent = bytearray()
        self.received = Spool(spool)
        self.answer = Follower(Limits())
        self.refused: str | None = None
        self.too_large = False
        self.reused = False
        self.is_final = False
        self.is_broken = False
        self.connection: Any = None
        self.open = True
        self.ip_address: str | None = None

    def take(self, data: bytes) -> None:
        """Copies what came and follows it; `refused` says when no more of it is wanted."""
        try:
            self.received.add(data)
            self.answer.feed(data)
        except OSError as error:
            self.refused = f"the answer cannot be kept: {error.strerror}"
            return
        except MessageError as error:
            self.refused, self.is_final = str(error), True
            return
        body = self.answer.body
        promised = (body.framing.length if body else None) or 0
        if max(len(self.received), promised) > self.max_bytes:
            self.too_large = self.is_final = True
            self.refused = f"answer larger than the limit of {self.max_bytes} bytes"
        elif self.answer.over:
            self.refused = self.answer.missing()
            self.is_final = bool(body and body.framing.refused)

    @property
    def is_secured(self) -> bool:
        """Whether the TLS handshake came to its end."""
        handle = self.connection.getHandle() if self.connection is not None else None
        return isinstance(handle, Connection) and handle.get_finished() is not None


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


# What Twisted gets once an answer is over; it never sees what the server sent.
_OVER = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n"
_AND_STAYS, _AND_ENDS = b"\r\n", b"Connection: close\r\n\r\n"


class _TappedProtocol(_LenientHTTP11ClientProtocol):
    """A client connection that copies what passes into the tap it was armed with.

    Twisted refuses much that browsers read (odd names, padded chunks, two equal lengths) and holds
    whole bodies; so where an answer ends is found by archive.warc.framing, the rule by which the
    kept bytes are read later, and Twisted gets a word of one line instead.
    """

    _tap: Tap | None = None
    _served = 0

    def arm(self, tap: Tap) -> "_TappedProtocol":
        self._tap = tap
        tap.reused = self._served > 0
        self._served += 1
        if self.transport is not None:
            tap.connection = self.transport
            peer: Any = self.transport.getPeer()  # type: ignore[misc]  # zope interface
            tap.ip_address = getattr(peer, "host", None)
            self._look_at_peer(tap)
        return self

    def _look_at_peer(self, tap: Tap) -> None:
        """An idle connection that another portal was allowed to open is not for everybody."""
        if not tap.private and not is_public(tap.ip_address or ""):
            tap.kept_back.append(tap.ip_address or "nowhere")
            self.abort()  # type: ignore[no-untyped-call]  # Twisted is untyped
            raise OutOfReachError("the peer has a private address")

    def request(self, request: Any) -> Deferred[IResponse]:
        tap, write_to = self._tap, request.writeTo
        if tap is not None:
            request.writeTo = lambda transport: write_to(_TeeTransport(transport, tap))
        return super().request(request)

    def dataReceived(self, data: bytes) -> None:  # noqa: N802 - Twisted's name
        tap = self._tap
        if tap is None or not tap.open:
            self._leave()  # nobody asked for it
            return
        tap.take(data)
        if tap.refused is not None:
            tap.open = False
            self._leave()
        elif tap.answer.over:
            self._answered(tap, _AND_STAYS if tap.answer.may_reuse else _AND_ENDS)

    def connectionLost(self, reason: Failure = connectionDone) -> None:  # noqa: N802 - Twisted's name
        tap = self._tap
        # Over TLS many servers end without a word, which looks like a break.
        is_broken = isinstance(reason.value, ConnectionLost) and not ISSLTransport.providedBy(
            self.transport
        )
        if tap is not None and tap.open:
            if is_broken and not tap.answer.lacks_nothing:
                tap.is_broken = True
            elif not tap.answer.missing():
                self._answered(tap, _AND_ENDS)
        super().connectionLost(reason)  # type: ignore[no-untyped-call]  # Twisted is untyped

    def _leave(self) -> None:
        """Ends the connection at once; over TLS a polite end would wait for the other side."""
        self.abort()  # type: ignore[no-untyped-call]  # Twisted is untyped
        if self.transport is not None:
            self.transport.abortConnection()

    def _answered(self, tap: Tap, then: bytes) -> None:
        tap.open = False
        super().dataReceived(_OVER + then)  # type: ignore[no-untyped-call]  # Twisted is untyped


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
            endpoints._reactor = GuardedReactor(endpoints._reactor, self._tap.kept_back)  # noqa: SLF001
        agent._pool = _ArmingPool(agent._pool, self._tap)  # type: ignore[assignment]  # noqa: SLF001
        return agent
