"""开普 UCAP lists that a script asks for as JSON, or as JSON in a call (JSONP).

Source: formats.md 4.4; ``/common/search/{channel}?…&_isJson=true&…&page=1``, on other portals
``/searchList/`` and ``/search/``.
"""

import re
from urllib.parse import urlsplit

from archive.families.listing.anchors import Page
from archive.families.listing.queries import pairs_of, query_of
from archive.families.records import ListPage
from archive.model.outcome import Role
from archive.model.reading import Link

_CALL = re.compile(
    r"[\"'](?P<path>[^\"'\s<>?]{0,200}/(?:common/search|searchList|search)/[0-9a-f]{32})"
    r"\?(?P<query>[^\"'\s<>]{0,600}_isJson=true[^\"'\s<>]{0,600})"
)
_MAX_TEXT = 2_000_000


def read(page: Page) -> ListPage | None:
    """The first window of the list that a script asks for; None without such a script."""
    call = _CALL.search(page.text[:_MAX_TEXT])
    called = f"{call.group('path')}?{call.group('query').replace('&amp;', '&')}" if call else ""
    target = page.resolve(called)
    if target is None:
        return None
    query = dict(pairs_of(urlsplit(target).query))
    if query.get("callback") == "?":
        query["callback"] = "result"
    url = f"{target.partition('?')[0]}?{query_of(query | {'page': '1'})}"
    return ListPage(pages=(Link(url=url, text="第1页", role=Role.LIST),))
