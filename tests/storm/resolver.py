"""A resolver that knows every name: it is a loopback address where nobody listens."""

from typing import Any, Self

from twisted.internet import defer
from twisted.internet.base import ThreadedResolver
from twisted.internet.interfaces import IResolverSimple
from zope.interface import implementer

CLOSED = "127.66.66.66"


@implementer(IResolverSimple)
class ClosedResolver(ThreadedResolver):
    """In place of Scrapy's DNS_RESOLVER: no packet leaves this machine."""

    @classmethod
    def from_crawler(cls, crawler: Any, reactor: Any) -> Self:
        return cls(reactor)

    def install_on_reactor(self) -> None:
        self.reactor.installResolver(self)

    def getHostByName(self, name: str, timeout: Any = ()) -> defer.Deferred[str]:  # noqa: N802 - Twisted's name
        return defer.succeed(name if name.startswith("127.") else CLOSED)
