"""What every answer is wrapped in: only loopback hosts, only reading, no foreign content."""

from collections.abc import Sequence

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
MAX_QUERY_BYTES = 4_096

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


class Guard:
    """Refuses requests that name another host (DNS rebinding), change something or are too long,
    and puts the security headers on every answer.
    """

    def __init__(self, app: ASGIApp, *, hosts: Sequence[str] = LOOPBACK) -> None:
        self._app = app
        self._hosts = frozenset(hosts)

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

    def _refusal(self, scope: Scope) -> PlainTextResponse | None:
        if not self._is_ours(Headers(scope=scope).getlist("host")):
            return PlainTextResponse("this server answers to 127.0.0.1 and localhost only\n", 421)
        if scope["method"] not in ("GET", "HEAD"):
            return PlainTextResponse("reading only\n", 405, {"Allow": "GET, HEAD"})
        if len(scope["query_string"]) > MAX_QUERY_BYTES:
            return PlainTextResponse("the query is too long\n", 414)
        return None

    def _is_ours(self, named: list[str]) -> bool:
        """Exactly one Host header, of ours, with or without a port."""
        if len(named) != 1:
            return False
        host, colon, port = named[0].strip().lower().rpartition(":")
        if not colon or not port.isdecimal():
            host = named[0].strip().lower()
        return host in self._hosts
