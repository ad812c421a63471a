"""The page of changes, and its feed: the same filters, the same order. An entry of the feed is what
changed at one instant on one page.
"""

from dataclasses import dataclass
from datetime import UTC
from itertools import groupby
from typing import Final

from starlette.responses import Response

from archive.model.errors import UsageError
from archive.store.query.changes import PageChange
from archive.web import words
from archive.web.changes_api import AFTER, CHANGES, key_of, next_of, wanted_of
from archive.web.feeds import ENTRIES, feed, filters, urn
from archive.web.request_parameters import Asked
from archive.web.routes import PageRoute, Site
from archive.work.diff import LineChange
from archive.work.query.changes import ChangesFound
from archive.work.query.compare import Comparison, near_changes

ON_A_PAGE: Final = 200
SHOWN_OF_ONE: Final = 20
_IN_FEED: Final = 1_000
_LINES: Final = 200


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
        filters=filters(asked, CHANGES),
        further=further,
        is_first=asked.given.get("after") is None,
        kinds=list(words.WORDS["change"]),
    )


def changes_feed(site: Site, asked: Asked) -> Response:
    """The same as a feed, the comparisons inside."""
    found = site.queries.changes(wanted_of(asked), limit=_IN_FEED)
    groups = _grouped(found.changes)[:ENTRIES]
    return feed(
        site,
        asked,
        "changes.atom",
        kept=filters(asked, CHANGES),
        updated=groups[0].first.captured_at if groups else None,
        entries=[_entry(site, each) for each in groups],
    )


def _entry(site: Site, changed: Changed) -> dict[str, object]:
    """What the template needs of one entry. lines: of the texts compared; None: left out."""
    lines: list[LineChange | None] = []
    if changed.has_versions:
        first = changed.first
        compared: Comparison = site.queries.compare(first.url, first.previous, first.version)
        lines = near_changes(compared.lines)
    return {
        "id": urn(site, _name_of(changed)),
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
