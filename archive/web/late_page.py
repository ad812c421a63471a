"""The pages that say who published late: reports by days, bodies, provinces and years, and reports
that print no day. Each has the parameters and the rows of its URL of the API.
"""

from collections.abc import Sequence
from typing import Final

from starlette.responses import Response

from archive.store.query.covered import CoveredRow
from archive.web.charts import bar
from archive.web.coverage_api import (
    BY,
    LEAST,
    late_page,
    late_totals,
    newest_late,
    punctual,
    undated_page,
)
from archive.web.feeds import ENTRIES, feed, filters, urn
from archive.web.request_parameters import DIVISION, YEAR, Asked
from archive.web.routes import PageRoute, Site, after
from archive.work.query.coverage import By, Lateness

ON_A_PAGE: Final = 200
_NARROWED: Final = (DIVISION, YEAR, LEAST)


def late(site: Site, asked: Asked) -> Response:
    """Late reports, the worst first."""
    rows, following = late_page(site.queries, asked, ON_A_PAGE)
    return _shown(site, asked, "late", rows=rows, following=following)


def late_feed(site: Site, asked: Asked) -> Response:
    """The late reports that were captured last."""
    rows = newest_late(site.queries, asked, ENTRIES)
    return feed(
        site,
        asked,
        "late.atom",
        kept=filters(asked, _NARROWED),
        updated=max((row.captured_at for row in rows if row.captured_at), default=None),
        entries=[{"row": row, "id": urn(site, f"late {row.url} {row.version}")} for row in rows],
    )


def undated(site: Site, asked: Asked) -> Response:
    """Reports that print no day."""
    rows, following = undated_page(site.queries, asked, ON_A_PAGE)
    return _shown(site, asked, "undated", rows=rows, following=following)


def counts(site: Site, asked: Asked) -> Response:
    """How many reports of each body, province or year came late, and by how many days."""
    by = By(asked.text("by") or By.PROVINCE)
    return _shown(site, asked, by.value, counted=punctual(site.queries, asked, by))


def _shown(
    site: Site,
    asked: Asked,
    show: str,
    *,
    rows: Sequence[CoveredRow] = (),
    counted: Sequence[Lateness] = (),
    following: str | None = None,
) -> Response:
    """The page. show: what stands below the counts: late, undated, or body, province, year."""
    return site.render(
        "late.html",
        show=show,
        bar=bar,
        filters=filters(asked, _NARROWED),
        typed=asked.given,
        totals=late_totals(site.queries, asked),
        rows=rows,
        counted=counted[:ON_A_PAGE],
        left_out=max(0, len(counted) - ON_A_PAGE),
        following=following,
        is_first=not asked.given.get("after"),
    )


ROUTES = (
    PageRoute(path="/late", answer=late, summary="Who published late, and by how many days",
              parameters=(*_NARROWED, after(int, int, int)), slow=True),
    PageRoute(path="/late.atom", answer=late_feed,
              summary="Reports published late, the newest first, as an Atom feed",
              parameters=_NARROWED, slow=True),
    PageRoute(path="/late/counts", answer=counts,
              summary="How many reports of each body, province or year came late",
              parameters=(BY, *_NARROWED), slow=True),
    PageRoute(path="/late/undated", answer=undated, summary="Reports that print no day",
              parameters=(*_NARROWED, after(int, int)), slow=True),
)  # fmt: skip
