"""The page of changes, and its feed (Atom, RFC 4287): the same filters, the same order.

An entry of the feed is what changed at one instant on one page. Its id is a name-based UUID (RFC
9562) below the archive's own id: it stays when the server moves and when the ledger is made again.
A tag: URI would need a domain that is ours.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from typing import Final
from urllib.parse import urlencode
from uuid import NAMESPACE_URL, uuid5

from starlette.responses import Response

from archive.model.errors import UsageError
from archive.store.query.changes import PageChange
from archive.web import words
from archive.web.changes_api import AFTER, CHANGES, key_of, next_of, wanted_of
from archive.web.request_parameters import Asked
from archive.web.routes import PageRoute, Site
from archive.work.diff import LineChange
from archive.work.query.changes import ChangesFound
from archive.work.query.compare import Comparison, near_changes

ON_A_PAGE: Final = 200
SHOWN_OF_ONE: Final = 20
ENTRIES: Final = 50
_IN_FEED: Final = 1_000
_LINES: Final = 200
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
# What XML 1.0 cannot hold (section 2.2), and what turns the direction of the words around it.
_NOT_XML: Final = re.compile(
    "[^\t\n\r\x20-\x7e\x85\xa0-\u2029\u202f-\u2065\u206a-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """What changed at one instant on one page."""

    changes: tuple[PageChange, ...]

    @property
    def first(self) -> PageChange:
        """One that stands for all in what they share: page, version, instant, body."""
        return self.changes[0]

    @property
    def has_versions(self) -> bool:
        """Whether there are two versions to be compared."""
        return self.first.previous != self.first.version


def changes_page(site: Site, asked: Asked) -> Response:
    """Changes, newest first."""
    found, problem, further = ChangesFound(changes=(), more=False), None, None
    try:
        found = site.queries.changes(wanted_of(asked), limit=ON_A_PAGE, after=key_of(asked))
    except UsageError as error:
        problem = str(error)
    groups, whole = _whole(_grouped(found.changes), more=found.more)
    further = next_of(whole, more=found.more)
    return site.render(
        "changes.html",
        status_code=400 if problem else 200,
        groups=groups,
        shown=SHOWN_OF_ONE,
        problem=problem,
        typed=asked.given,
        filters=_filters(asked),
        further=further,
        is_first=asked.given.get("after") is None,
        kinds=list(words.WORDS["change"]),
    )


def changes_feed(site: Site, asked: Asked) -> Response:
    """The same as a feed, the comparisons inside."""
    found = site.queries.changes(wanted_of(asked), limit=_IN_FEED)
    groups = _grouped(found.changes)[:ENTRIES]
    query = urlencode(_filters(asked))
    archive = uuid5(NAMESPACE_URL, site.queries.archive_id())
    feed = site.templates.get_template("changes.atom").render(
        id=uuid5(archive, f"changes?{query}").urn,
        here=asked.base_url,
        query=query,
        updated=groups[0].first.captured_at if groups else _EPOCH,
        entries=[_entry(site, each, uuid5(archive, _name_of(each)).urn) for each in groups],
    )
    return Response(_NOT_XML.sub(" ", feed), media_type="application/atom+xml; charset=utf-8")


def _entry(site: Site, changed: Changed, urn: str) -> dict[str, object]:
    """What the template needs of one entry. lines: of the texts compared; None: left out."""
    lines: list[LineChange | None] = []
    if changed.has_versions:
        first = changed.first
        compared: Comparison = site.queries.compare(first.url, first.previous, first.version)
        lines = near_changes(compared.lines)
    return {
        "id": urn,
        "changed": changed,
        "lines": lines[:_LINES],
        "cut": max(0, len(lines) - _LINES),
    }


def _name_of(changed: Changed) -> str:
    first = changed.first
    return f"{first.url} {first.version} {first.captured_at.astimezone(UTC).isoformat()}"


def _grouped(changes: tuple[PageChange, ...]) -> list[Changed]:
    by_page = groupby(changes, key=lambda each: (each.captured_at, each.url))
    return [Changed(changes=tuple(some)) for _, some in by_page]


def _whole(
    groups: list[Changed], *, more: bool
) -> tuple[list[Changed], tuple[PageChange, ...]]:  # fmt: skip
    """The groups that surely have all their changes, and these: the last one may go on."""
    shown = groups[:-1] if more and len(groups) > 1 else groups
    return shown, tuple(change for group in shown for change in group.changes)


def _filters(asked: Asked) -> dict[str, str]:
    """The filters that are set, in the order of the form: one question has one address."""
    given = {each.name: (asked.given.get(each.name) or "").strip() for each in CHANGES}
    return {name: value for name, value in given.items() if value}


ROUTES = (
    PageRoute(
        path="/changes",
        answer=changes_page,
        summary="What changed on pages, newest first",
        parameters=(*CHANGES, AFTER),
        tells_problems=True,
        slow=True,
    ),
    PageRoute(
        path="/changes.atom",
        answer=changes_feed,
        summary="The same as an Atom feed",
        parameters=CHANGES,
        slow=True,
    ),
)
