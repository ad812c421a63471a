"""新点 Epoint: the list is posted JSON; what to post stands in the page's URL and in a script.

Source: formats.md 4.7; the portals of Xuzhou and Yingkou count pages from 0, keep siteGuid and
projectName in ``/js/webBuilderCommon.js`` and the category in the page's URL.
"""

import re
from urllib.parse import parse_qsl, urlsplit

from archive.families.listing.anchors import Page
from archive.families.listing.posted import post
from archive.families.records import ListPage
from archive.model.outcome import Role
from archive.model.reading import Link

_SITE = re.compile(r"siteGuid[\"']?\s*[:=]\s*[\"']([0-9A-Fa-f-]{32,36})[\"']")
_PROJECT = re.compile(r"projectName[\"']?\s*[:=]\s*[\"']/?([\w./-]{1,60})[\"']")
_SCRIPT = re.compile(r"[\"']([^\"'<>\s]{0,200}/webBuilderCommon\.js)")
_PROJECT_NAME = "EWB-FRONT"
_ACTION = "rest/lightfrontaction/getgovinfolist"
_PAGE_SIZE = 20
_MAX_TEXT = 2_000_000


def read(page: Page) -> ListPage | None:
    """The list's first window, or the script that tells how to ask for it: it is asked for with the
    page's own query, so that it can be read with nothing beside it. None where neither is given.
    """
    text = page.text[:_MAX_TEXT]
    query = dict(parse_qsl(urlsplit(page.url).query))
    if "categorynum" not in query:
        return None
    site, script = _SITE.search(text), _SCRIPT.search(text)
    if site is not None:
        return _first_window(page, query, site.group(1), text)
    target = page.resolve(script.group(1)) if script else None
    if target is None:
        return None
    url = f"{target}?{urlsplit(page.url).query}"
    return ListPage(pages=(Link(url=url, text="webBuilderCommon", role=Role.LIST),))


def _first_window(page: Page, query: dict[str, str], site: str, text: str) -> ListPage | None:
    named = _PROJECT.search(text)
    project = named.group(1).strip("/") if named else _PROJECT_NAME
    target = page.resolve(f"/{project}/{_ACTION}")
    if target is None:
        return None
    body: dict[str, object] = {
        "deptcode": query.get("deptcode", ""),
        "categorynum": query["categorynum"],
        "siteGuid": site,
        "pageIndex": 0,
        "pageSize": _PAGE_SIZE,
    }
    return ListPage(pages=(post(target, body, "第1页", as_json=True),))
