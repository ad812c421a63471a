"""The JSON API: the same answers as the pages, in the names of --json and of the exports."""

import json

from starlette.requests import Request
from starlette.responses import Response

from archive.terminal import plain
from archive.web.queries import REPORTS_A_PAGE, RUNS_A_PAGE, Queries
from archive.web.request_parameters import MAX_API_LIMIT, number, search_of, text, url
from archive.work.query.hits import hit_json
from archive.work.query.json import comparison_json, page_json, status_json
from archive.work.query.show import events

_MAX_OFFSET = 1_000_000


def as_json(value: object) -> Response:
    """A JSON answer in UTF-8."""
    return Response(
        json.dumps(plain(value), ensure_ascii=False), media_type="application/json; charset=utf-8"
    )


class Api:
    """One method a URL under /api/."""

    def __init__(self, queries: Queries) -> None:
        self._queries = queries

    def search(self, request: Request) -> Response:
        """Parameters q, portal, agency, year, from, to, limit, offset."""
        search = search_of(request)
        limit = number(request, "limit", least=1, most=MAX_API_LIMIT) or 20
        offset = number(request, "offset", least=0, most=1_000) or 0
        answer = self._queries.search(search.query, search.filters, limit=limit, offset=offset)
        return as_json(
            {
                "query": search.query,
                "more": answer.more,
                "approximate": answer.approximate,
                "hits": [hit_json(hit) for hit in answer.hits],
            }
        )

    def page(self, request: Request) -> Response:
        """Parameters url, version."""
        return as_json(page_json(self._queries.page(url(request), _version(request, "version"))))

    def history(self, request: Request) -> Response:
        """Parameter url."""
        story = self._queries.history(url(request))
        captures = [
            {
                "captured_at": each.captured_at,
                "status": each.status,
                "media_type": each.media_type,
                "record_type": each.record_type,
                "outcome": each.outcome,
                "warc_file": each.spot.file,
                "warc_offset": each.spot.offset,
                "replay": self._queries.snapshot(each.url, each.captured_at),
            }
            for each in story.captures
        ]
        return as_json({"url": story.page.key, "events": events(story), "captures": captures})

    def diff(self, request: Request) -> Response:
        """Parameters url, old, new."""
        old, new = _version(request, "old"), _version(request, "new")
        return as_json(comparison_json(self._queries.compare(url(request), old, new)))

    def reports(self, request: Request) -> Response:
        """Parameters portal, year, offset."""
        year = number(request, "year", least=1900, most=2200)
        offset = _offset(request)
        rows = self._queries.reports(text(request, "portal"), year, offset)
        return as_json({"more": len(rows) > REPORTS_A_PAGE, "reports": rows[:REPORTS_A_PAGE]})

    def runs(self, request: Request) -> Response:
        """Parameter offset."""
        rows = self._queries.runs(_offset(request))
        return as_json({"more": len(rows) > RUNS_A_PAGE, "runs": rows[:RUNS_A_PAGE]})

    def status(self, _request: Request) -> Response:
        """No parameters."""
        return as_json(status_json(self._queries.status()))


def _version(request: Request, name: str) -> int | None:
    return number(request, name, least=1, most=1_000_000)


def _offset(request: Request) -> int:
    return number(request, "offset", least=0, most=_MAX_OFFSET) or 0
