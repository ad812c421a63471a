"""Where requests may go: public addresses, and private ones only where the operator said so.

A public page must not lead the crawler into a private network (CWE-918): neither by a number nor by
a name of its owner's that resolves there. So the number is looked at where the connection is made:
the endpoint connects to nothing but what `GuardedReactor` let through, in the same moment, and
the connection's own peer is looked at once more. A name that answers otherwise the second time
(rebinding) gains nothing. `Reach.refusal` says the same before anything is sent, for the outcome.

Allowed is a private address whose host an entry of the portal names literally (127.0.0.1,
localhost, 10.1.2.3), and every one for a portal with ``allow_private``. A *name* in an entry is no
permission: its owner, not the operator, decides where it leads.
"""

import asyncio
from collections.abc import Iterable, Sequence
from typing import Any, Final
from urllib.parse import urlsplit

from twisted.internet.interfaces import (
    IAddress,
    IHostnameResolver,
    IHostResolution,
    IReactorPluggableNameResolver,
    IResolutionReceiver,
)
from zope.interface import implementer

from archive.model.network import is_public
from archive.model.outcome import Role
from archive.model.portal import Portal
from archive.model.url import is_private
from crawler.fetch.meta import Target

LOOK_UP_S: Final = 20.0
HOW_TO_ALLOW: Final = (
    "to visit it all the same: --allow-private, or allow_private = true in the portal's row"
)


class Reach:
    """What the portals of a run may reach."""

    def __init__(self, portals: Iterable[Portal]) -> None:
        self._portals = {portal.key: portal for portal in portals}
        self._numbers: dict[str, asyncio.Future[tuple[str, ...]]] = {}

    def may_be_private(self, target: Target) -> bool:
        """Whether a lease's host may have a private address. A page that waits for a portal which
        is not in this run is visited for one that is: what any of these may reach is allowed.
        """
        own = self._portals.get(target.portal_key)
        portals = self._portals.values() if own is None else (own,)
        if any(portal.allow_private for portal in portals):
            return True
        named = {
            _host(entry) for portal in portals for entry in portal.entries if is_private(entry)
        }
        host = _host(target.url)
        this_machine = is_this_machine(host) and any(map(is_this_machine, named))
        return this_machine or (host in named and is_private(target.url))

    async def refusal(self, target: Target) -> str | None:
        """Why the lease's URL may not be asked for; None when it may, or has no number (what
        becomes of that is found out by asking).
        """
        host = _host(target.url)
        if self.may_be_private(target):
            return None
        numbers = await self.numbers(host)
        if not numbers or any(map(is_public, numbers)):
            return None
        if target.role is Role.ENTRY and not target.hops:
            return f"{host} is at {numbers[0]}, a private address; {HOW_TO_ALLOW}"
        return f"leads into a private network: {host} is at {numbers[0]}"

    async def numbers(self, host: str) -> tuple[str, ...]:
        """The IP addresses of a host name, looked up once a run; () when it has none."""
        if host not in self._numbers:
            self._numbers[host] = asyncio.ensure_future(_looked_up(host))
        return await asyncio.shield(self._numbers[host])


def is_this_machine(host: str) -> bool:
    """True for the names of the machine itself.

    >>> is_this_machine("127.0.0.1"), is_this_machine("::1"), is_this_machine("10.0.0.1")
    (True, True, False)
    """
    return host in ("localhost", "::1") or host.startswith("127.")


def _host(url: str) -> str:
    return (urlsplit(url).hostname or "").rstrip(".")


async def _looked_up(host: str) -> tuple[str, ...]:
    from twisted.internet import reactor  # noqa: PLC0415 - only a running crawl has chosen one

    found = _Receiver()
    resolver: Any = reactor.nameResolver
    resolver.resolveHostName(found, host)
    try:
        return await asyncio.wait_for(found.numbers, LOOK_UP_S)
    except TimeoutError:
        return ()


@implementer(IResolutionReceiver)
class _Receiver:
    """Gathers the numbers of a name."""

    def __init__(self) -> None:
        self._found: list[str] = []
        self.numbers: asyncio.Future[tuple[str, ...]] = asyncio.get_running_loop().create_future()

    def resolutionBegan(self, resolutionInProgress: IHostResolution) -> None:  # noqa: N802, N803 - Twisted's names
        pass

    def addressResolved(self, address: IAddress) -> None:  # noqa: N802 - Twisted's name
        self._found.append(getattr(address, "host", ""))

    def resolutionComplete(self) -> None:  # noqa: N802 - Twisted's name
        if not self.numbers.done():
            self.numbers.set_result(tuple(dict.fromkeys(self._found)))


@implementer(IResolutionReceiver)
class _Filter:
    """Hands on the public addresses of a name; none at all reads as a name that has none."""

    def __init__(self, behind: Any, refused: list[str]) -> None:
        self._behind = behind
        self._refused = refused

    def resolutionBegan(self, resolutionInProgress: IHostResolution) -> None:  # noqa: N802, N803 - Twisted's names
        self._behind.resolutionBegan(resolutionInProgress)

    def addressResolved(self, address: IAddress) -> None:  # noqa: N802 - Twisted's name
        number: str = getattr(address, "host", "")
        if is_public(number):
            self._behind.addressResolved(address)
        else:
            self._refused.append(number)

    def resolutionComplete(self) -> None:  # noqa: N802 - Twisted's name
        self._behind.resolutionComplete()


@implementer(IHostnameResolver)
class _GuardedResolver:
    def __init__(self, resolver: Any, refused: list[str]) -> None:
        self._resolver = resolver
        self._refused = refused

    def resolveHostName(  # noqa: N802 - Twisted's name and signature
        self,
        resolutionReceiver: Any,  # noqa: N803 - Twisted's name
        hostName: str,  # noqa: N803 - Twisted's name
        portNumber: int = 0,  # noqa: N803 - Twisted's name
        addressTypes: Sequence[type[IAddress]] | None = None,  # noqa: N803 - Twisted's name
        transportSemantics: str = "TCP",  # noqa: N803 - Twisted's name
    ) -> Any:
        receiver = _Filter(resolutionReceiver, self._refused)
        return self._resolver.resolveHostName(
            receiver, hostName, portNumber, addressTypes, transportSemantics
        )


@implementer(IReactorPluggableNameResolver)
class GuardedReactor:
    """The reactor as an endpoint sees it that must not reach a private address: names have their
    public numbers alone. refused: the numbers that were kept back.
    """

    def __init__(self, reactor: Any, refused: list[str]) -> None:
        self._reactor = reactor
        self.nameResolver = _GuardedResolver(reactor.nameResolver, refused)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._reactor, name)
