"""The pages about reports that say the same: pairs of them, and the passages that two have."""

from dataclasses import dataclass, field
from typing import Final

from starlette.responses import Response

from archive.model.errors import UsageError
from archive.web.feeds import ENTRIES, feed, filters, urn
from archive.web.request_parameters import URL, Asked
from archive.web.routes import PageRoute, Site
from archive.web.similar_api import AFTER, OTHER, PAIRS, pairs_page, wanted_of
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
    return site.render(
        "similar.html",
        status_code=400 if shown.problem else 200,
        shown=shown,
        compared=reports_compared(site.queries.store),
        filters=filters(asked, PAIRS),
        typed=asked.given,
        scopes=(WITHIN, ACROSS),
        is_first=not asked.given.get("after"),
    )


def similar_feed(site: Site, asked: Asked) -> Response:
    """The pairs of the reports that were captured last."""
    pairs = site.queries.similar(wanted_of(asked), limit=ENTRIES, newest=True).pairs
    captured = [site.queries.cite(each.url, each.version).captured_at for each in pairs]
    entries = [
        {
            "pair": each,
            "id": urn(site, f"{each.url} {each.version} {each.other_url} {each.other_version}"),
            "captured_at": captured_at,
        }
        for each, captured_at in zip(pairs, captured, strict=True)
    ]
    return feed(
        site,
        asked,
        "similar.atom",
        kept=filters(asked, PAIRS),
        updated=max(captured, default=None),
        entries=entries,
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
    PageRoute(path="/similar.atom", answer=similar_feed,
              summary="Reports that say the same, the newest first, as an Atom feed",
              parameters=PAIRS, slow=True),
    PageRoute(path="/similar/passages", answer=passages, summary="What two pages have in common",
              parameters=(URL, OTHER), slow=True),
)  # fmt: skip
