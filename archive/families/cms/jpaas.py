"""大汉 JPAAS (the new generation of Hanweb): a unit of the page is asked for and comes as JSON.

Source: formats.md 4.1; ``<script url="…/build/unit" queryData="{'webId':'…','pageId':'…'}">`` as
seen on mohurd.gov.cn and miit.gov.cn. Further pages come only through ``paramJson``.
"""

import json
import re
from collections.abc import Iterator
from urllib.parse import urlencode, urlsplit

from archive.families.listing.anchors import Page
from archive.families.listing.declared_pager import MAX_PAGES
from archive.families.listing.literals import literals
from archive.families.listing.queries import pairs_of, query_of
from archive.families.records import ListPage
from archive.families.words import first_number
from archive.model.outcome import Role
from archive.model.reading import Link

_UNIT = "/api-gateway/jpaas-publish-server/front/page/build/unit"
# A page's other units are its head, foot and side.
_LISTS = re.compile(r"列表|分页|内容|栏目|信息|list", re.IGNORECASE)
_COUNT = re.compile(r"\bcount[\"']?\s*[=:]\s*[\"']?(\d{1,6})")
_ROWS = re.compile(r"\brows[\"']?\s*[=:]\s*[\"']?(\d{1,4})")
_MAX_UNITS = 4
_MAX_DATA = 4_000


def read(page: Page) -> ListPage | None:
    """The first window of the page's list units; None without one."""
    units = list(_units(page))
    listing = [link for tag, link in units if _LISTS.search(tag)] or [link for _, link in units]
    return ListPage(pages=tuple(listing[:_MAX_UNITS])) if listing else None


def further(url: str, written: str, size: int) -> tuple[Link, ...]:
    """The windows behind the first one, as its pager counts (``rows="24" count="48"``); nothing
    for a later window and for other URLs.
    """
    parts = urlsplit(url)
    query = pairs_of(parts.query)
    total, rows = first_number((_COUNT,), written), first_number((_ROWS,), written) or size
    if not parts.path.endswith(_UNIT) or "paramJson" in dict(query) or not total or not rows:
        return ()
    return tuple(
        Link(
            url=parts._replace(query=query_of([*query, ("paramJson", data)])).geturl(),
            text=f"第{number}页",
            role=Role.LIST,
        )
        for number in range(2, min(-(-total // rows), MAX_PAGES) + 1)
        for data in [json.dumps({"pageNo": number, "pageSize": rows}, separators=(",", ":"))]
    )


def _units(page: Page) -> Iterator[tuple[str, Link]]:
    """Every unit the page asks for, with the name of its place on the page."""
    for script in page.tree.iter("script"):
        data = script.get("querydata") or ""
        parameters = literals(data) if len(data) <= _MAX_DATA else {}
        target = page.resolve(script.get("url") or _UNIT)
        if target and target.endswith(_UNIT) and "pageId" in parameters:
            link = Link(url=f"{target}?{urlencode(parameters)}", text="第1页", role=Role.LIST)
            yield parameters.get("tagId", ""), link
