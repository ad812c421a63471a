"""The pages about reports that say the same: pairs of them, and the passages that two have."""

from dataclasses import dataclass, field
from typing import Final

from starlette.responses import Response

from archive.model.errors import UsageError
from archive.web.request_parameters import URL, Asked
from archive.web.routes import PageRoute, Site
from archive.web.similar_api import AFTER, OTHER, PAIRS, pairs_page
from archive.work.query.similarity import ACROSS, WITHIN, PairsFound, reports_compared

ON_A_PAGE: Final = 100
_MOST_PASSAGES: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shown:
    found: PairsFound = field(default_factory=lambda: PairsFound(pairs=(), more=False))
    following: str | None = None
    problem: str | None = None


def similar(site: Site, asked: Asked) -> Response:
    """Pairs of reports, the most similar first."""
    shown = _Shown()
    try:
        asked.check()
        found, following = pairs_page(site.queries, asked, ON_A_PAGE)
        shown = _Shown(found=found, following=following)
    except UsageError as error:
        shown = _Shown(problem=str(error))
    given = {each.name: (asked.given.get(each.name) or "").strip() for each in PAIRS}
    return site.render(
        "similar.html",
        status_code=400 if shown.problem else 200,
        shown=shown,
        compared=reports_compared(site.queries.store),
        filters={name: value for name, value in given.items() if value},
        typed=asked.given,
        scopes=(WITHIN, ACROSS),
        is_first=not asked.given.get("after"),
    )


def passages(site: Site, asked: Asked) -> Response:
    """What two pages have in common."""
    found = site.queries.likeness(asked.need("url"), asked.need("other"))
    both = ((found.url, found.version), (found.other_url, found.other_version))
    return site.render(
        "passages.html",
        found=found,
        pages=[site.queries.cite(*each) for each in both],
        passages=found.passages[:_MOST_PASSAGES],
        left_out=max(0, len(found.passages) - _MOST_PASSAGES),
    )


ROUTES = (
    PageRoute(path="/similar", answer=similar, summary="Reports that say the same",
              parameters=(*PAIRS, AFTER), tells_problems=True, slow=True),
    PageRoute(path="/similar/passages", answer=passages, summary="What two pages have in common",
              parameters=(URL, OTHER), slow=True),
)  # fmt: skip
