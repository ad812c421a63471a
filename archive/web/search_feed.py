"""A saved search as a feed: an entry for each version that has the words, the newest first."""

from typing import Final

from starlette.responses import Response

from archive.model.errors import UsageError
from archive.web.feeds import ENTRIES, feed, filters, urn
from archive.web.request_parameters import Asked
from archive.web.routes import PageRoute, Site
from archive.web.search_form import SEARCH, search_of

# A feed begins with the newest and has no further pages.
SAVED: Final = tuple(each for each in SEARCH if each.name not in ("sort", "after"))


def search_feed(site: Site, asked: Asked) -> Response:
    """The newest hits of a search. UsageError: it has no words, or a filter cannot be meant."""
    wanted = search_of(asked)
    if not wanted.query:
        raise UsageError("the parameter q is missing")
    hits = site.queries.search(wanted, limit=ENTRIES)[0].hits
    return feed(
        site,
        asked,
        "search.atom",
        kept=filters(asked, SAVED),
        updated=max((hit.captured_at for hit in hits), default=None),
        entries=[{"hit": hit, "id": urn(site, f"{hit.url} {hit.version}")} for hit in hits],
    )


ROUTES = (
    PageRoute(path="/search.atom", answer=search_feed, summary="A search as an Atom feed",
              parameters=SAVED, slow=True),
)  # fmt: skip
