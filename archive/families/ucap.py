"""开普 UCAP lists that a script asks for as JSON, or as JSON in a call (JSONP).

Source: formats.md 4.4; ``/common/search/{channel}?…&_isJson=true&…&page=1``, on other portals
``/searchList/`` and ``/search/``.
"""

import re
from urllib.parse import parse_qsl, urlencode

from archive.families.anchors import Page
from archive.families.records import ListPage
from archive.model.address import resolve
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
    target = resolve(page.address, call.group("path")) if call else None
    if call is None or target is None:
        return None
    query = dict(parse_qsl(call.group("query").replace("&amp;", "&"), keep_blank_values=True))
    if query.get("callback") == "?":
        query["callback"] = "result"
    address = f"{target}?{urlencode(query | {'page': '1'})}"
    return ListPage(pages=(Link(address=address, text="第1页", role=Role.LIST),))
