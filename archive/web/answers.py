"""How an answer is sent: JSON or CSV, with an ETag, and packed where the client takes gzip."""

import gzip
import hashlib
import io
from collections.abc import Mapping
from itertools import chain
from typing import Any, cast
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from archive.terminal import plain
from archive.web.queries import encoded
from archive.web.request_parameters import Asked
from archive.web.routes import Answered, ApiRoute
from archive.work.export.writers import CsvWriter, Heading, Shape

_PACKED_FROM = 1_000
_GZIP_LEVEL = 5
_JSON = "application/json; charset=utf-8"
_VARY = "Accept, Accept-Encoding"


def answered(route: ApiRoute, asked: Asked, request: Request, answer: Answered | bytes) -> Response:
    """An answer of the API as JSON (bytes: it is that already), or as CSV where that is asked for
    and the route has rows. The header Link names the URL of the rows that follow.
    """
    if isinstance(answer, bytes):
        return Response(answer, media_type=_JSON)
    wants_csv = asked.text("format") == "csv" if route.csv else False
    if route.csv and not asked.given.get("format"):
        wants_csv = _prefers_csv(request)
    made = _as_csv(route, asked, answer) if wants_csv else as_json(answer)
    following = answer.get("next")
    if following:
        given = [each for each in asked.given.multi_items() if each[0] != "after"]
        query = urlencode([*given, ("after", following)])
        made.headers["Link"] = f'<{asked.base_url}{asked.path}?{query}>; rel="next"'
    return made


def as_json(value: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON answer in UTF-8."""
    return Response(encoded(value), status, headers, _JSON)


def finished(request: Request, response: Response) -> Response:
    """`response` with an ETag: without its body (304) where the client has it already, else packed
    where that helps and the client takes it.
    """
    if response.status_code != 200:
        return response
    body = bytes(response.body)
    # Weak: packed and plain answers are one (RFC 9110 section 8.8.1).
    tag = f'W/"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Vary": _VARY, "Cache-Control": "no-cache"}
    if _has(request, tag):
        return Response(status_code=304, headers=headers)
    if len(body) >= _PACKED_FROM and _takes_gzip(request):
        response.body = gzip.compress(body, _GZIP_LEVEL, mtime=0)
        headers |= {"Content-Encoding": "gzip", "Content-Length": str(len(response.body))}
    response.headers.update(headers)
    return response


def _has(request: Request, tag: str) -> bool:
    """Whether the client has the answer with that tag: * stands for any, and tags are compared
    without what marks them as weak (RFC 9110 section 13.1.2).
    """
    given = {each.strip() for each in request.headers.get("if-none-match", "").split(",")}
    return "*" in given or tag.removeprefix("W/") in {each.removeprefix("W/") for each in given}


def _as_csv(route: ApiRoute, asked: Asked, answer: Answered) -> Response:
    more = (its for flag, its in route.columns_of_flags.items() if asked.flag(flag))
    columns = [*route.columns, *chain.from_iterable(more)]
    headings = [Heading(name=name, shape=Shape.JSON) for name in columns]
    stream = io.BytesIO()
    writer = CsvWriter(stream, headings)
    for each in answer[route.csv or ""]:
        row = cast("Mapping[str, Any]", plain(each))
        writer.write([row.get(name) for name in columns])
    writer.close()
    name = route.path.rpartition("/")[2]
    return Response(
        stream.getvalue(),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
    )


def _weights(header: str) -> dict[str, float]:
    """The items of Accept or Accept-Encoding with their weights (RFC 9110 section 12.4.2)."""
    found = {}
    for each in header.lower().split(",")[:50]:
        name, _, rest = each.partition(";")
        weight = rest.strip().removeprefix("q=")
        try:
            found[name.strip()] = float(weight) if weight != rest.strip() else 1.0
        except ValueError:
            found[name.strip()] = 0.0
    return found


def _prefers_csv(request: Request) -> bool:
    weights = _weights(request.headers.get("accept", ""))
    return weights.get("text/csv", 0) > weights.get("application/json", 0)


def _takes_gzip(request: Request) -> bool:
    weights = _weights(request.headers.get("accept-encoding", ""))
    return weights.get("gzip", weights.get("*", 0)) > 0
