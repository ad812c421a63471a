"""What machines ask a server: whether it is well (`/healthz`), and its numbers (`/metrics`)."""

import hmac
from collections.abc import Callable
from dataclasses import dataclass

from starlette import routing
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from archive.model.errors import GongkaiError, TooSlowError
from archive.store import Store
from archive.store.write.captures import archive_id
from archive.web.queries import Queries

_TEXT_FORMAT = "text/plain; version=0.0.4; charset=utf-8"
_UNAUTHORIZED = {"WWW-Authenticate": "Bearer"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Monitoring:
    """measure: the numbers in Prometheus' text format. token: what who asks for them must send, as
    `Authorization: Bearer …`; None: nothing. is_open: whether they are given without a token.
    """

    measure: Callable[[Store], str]
    token: str | None = None
    is_open: bool = True


def routes(queries: Queries, monitoring: Monitoring | None) -> list[routing.Route]:
    """The two URLs. monitoring: None leaves `/metrics` out."""

    def healthz(_request: Request) -> Response:
        try:
            queries.store.check_there()
            with queries.store.read() as connection:
                archive_id(connection)
        except GongkaiError:
            return JSONResponse({"status": "bad"}, 503)
        return JSONResponse({"status": "good"})

    def metrics(request: Request) -> Response:
        if monitoring is None or (monitoring.token is None and not monitoring.is_open):
            return PlainTextResponse("there are no metrics here\n", 404)
        if monitoring.token is not None and not _has(request, monitoring.token):
            return PlainTextResponse("say who you are\n", 401, _UNAUTHORIZED)
        try:
            found = queries.remembered("metrics", lambda _: monitoring.measure(queries.store))
        except TooSlowError:
            return PlainTextResponse("they are being counted; ask again soon\n", 503)
        return Response(found, media_type=_TEXT_FORMAT)

    return [routing.Route("/healthz", healthz), routing.Route("/metrics", metrics)]


def _has(request: Request, token: str) -> bool:
    kind, _, given = request.headers.get("authorization", "").partition(" ")
    same = hmac.compare_digest(given.strip().encode(), token.encode())
    return kind.lower() == "bearer" and same
