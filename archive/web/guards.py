"""What every answer is wrapped in: only hosts that are ours, only reading, no foreign content, and
so many questions a client and no more.
"""

import ipaddress
import json
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
MAX_QUERY_BYTES = 4_096
_MAX_CLIENTS = 10_000
# So many questions at once, then at the rate that is given.
_BURST_S = 20

_HEADERS = {
    # Everything comes from here, nothing runs, nobody frames us (W3C CSP3).
    "Content-Security-Policy": "default-src 'self'; script-src 'none'; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # A link to a portal must not tell it what was searched here.
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


class Rates:
    """How many more questions each client may ask now: a bucket that `per_minute` fills, which
    holds a third of that. Clients of one IPv6 network of 64 bits are one.
    """

    def __init__(self, per_minute: int, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._each_s = 60 / per_minute
        self._holds = max(1.0, per_minute * _BURST_S / 60)
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait_s(self, client: str) -> float:
        """0 where this client may ask now, which counts as a question; else how long it must
        wait, in seconds.
        """
        now, key = self._clock(), _network(client)
        left, at = self._buckets.pop(key, (self._holds, now))
        left = min(self._holds, left + (now - at) / self._each_s)
        may_ask = left >= 1
        self._buckets[key] = (left - 1 if may_ask else left, now)
        if len(self._buckets) > _MAX_CLIENTS:  # the one that has been silent longest is forgotten
            self._buckets.popitem(last=False)
        return 0.0 if may_ask else (1 - left) * self._each_s


def _network(client: str) -> str:
    try:
        address = ipaddress.ip_address(client.partition("%")[0])
    except ValueError:
        return client[:100]
    if address.version == 4:
        return str(address)
    return str(ipaddress.ip_network((address, 64), strict=False))


class Guard:
    """Refuses requests that name another host (DNS rebinding), change something, are too long or
    come too often, and puts the security headers on every answer. rates: None sets no limit.
    """

    def __init__(
        self, app: ASGIApp, *, hosts: Sequence[str] = LOOPBACK, rates: Rates | None = None
    ) -> None:
        self._app = app
        self._hosts = frozenset(each.lower() for each in hosts)
        self._rates = rates

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(_HEADERS)
            await send(message)

        refused = self._refusal(scope)
        await (refused or self._app)(scope, receive, guarded)

    def _refusal(self, scope: Scope) -> Response | None:
        if not self._is_ours(Headers(scope=scope).getlist("host")):
            known = ("127.0.0.1", "localhost") if self._hosts == {*LOOPBACK} else ("its own names",)
            return _refused(scope, 421, f"this server answers to {' and '.join(known)} only")
        if scope["method"] not in ("GET", "HEAD"):
            return _refused(scope, 405, "reading only", {"Allow": "GET, HEAD"})
        if len(scope["query_string"]) > MAX_QUERY_BYTES or len(scope["path"]) > MAX_QUERY_BYTES:
            return _refused(scope, 400, "the query is too long")
        return self._too_often(scope)

    def _too_often(self, scope: Scope) -> Response | None:
        client = scope.get("client")
        wait_s = self._rates.wait_s(client[0]) if self._rates and client else 0.0
        if not wait_s:
            return None
        seconds = str(int(wait_s) + 1)
        return _refused(
            scope, 429, f"too many questions; ask again in {seconds} s", {"Retry-After": seconds}
        )

    def _is_ours(self, named: list[str]) -> bool:
        """Exactly one Host header, of ours, with or without a port."""
        if len(named) != 1:
            return False
        host, colon, port = named[0].strip().lower().rpartition(":")
        if not colon or not port.isdecimal():
            host = named[0].strip().lower()
        return host in self._hosts


def _refused(
    scope: Scope, status: int, message: str, headers: dict[str, str] | None = None
) -> Response:
    """An error as the API or a browser shows it, made without templates."""
    if scope["path"].startswith("/api/"):
        return Response(json.dumps({"error": message}), status, headers, "application/json")
    return Response(f"{message}\n", status, headers, "text/plain; charset=utf-8")
