"""大汉 Hanweb's module 信息公开: the column's page calls for rows, a form brings each page of them.

Source: formats.md 4.1; ``loadDynamic('/module/xxgk/search.jsp?…&area=…', 'div1686', 'A0010', …)``
as on portals of Zhejiang and Jilin: the rows' place and kind, two figures, and the site's number.
"""

import re
from urllib.parse import parse_qsl, urlsplit

from archive.families.listing.anchors import Page
from archive.families.listing.posted import post, posted_pages
from archive.families.records import ListPage
from archive.families.words import first_number

_CALL = re.compile(
    r"loadDynamic\(\s*(?P<url>'[^()]{0,100}?/module/xxgk/search\.jsp(?:[^,;<>]{0,400}))"
    r",\s*'(?P<divid>\w{1,40})'(?P<rest>(?:\s*,\s*'[^']{0,60}'){0,7})"
)
_LITERAL = re.compile(r"'([^']{0,200})'")
_PAGES = re.compile(
    r"共(?:\s|&nbsp;|<[^<>]{1,80}>){0,4}(\d{1,5})(?:\s|&nbsp;|<[^<>]{1,80}>){0,4}页"
)
_MAX_TEXT = 2_000_000


def read(page: Page) -> ListPage | None:
    """The first page of rows that the column calls for, or the pages behind those that came; None
    on other pages.
    """
    if page.post_body is not None and "/module/xxgk/" in page.url:
        total = first_number((_PAGES,), page.text)
        return ListPage(pages=tuple(posted_pages(page, total)), total_pages=total)
    call = _CALL.search(page.text[:_MAX_TEXT])
    if call is None:
        return None
    target = page.resolve("".join(_LITERAL.findall(call.group("url"))))
    if target is None:
        return None
    rest = _LITERAL.findall(call.group("rest"))
    kind, site = (rest[0] if rest else ""), (rest[3] if len(rest) > 3 else "1")
    form = dict(parse_qsl(urlsplit(target).query, keep_blank_values=True, encoding=page.encoding))
    form |= {
        "infotypeId": dict(parse_qsl(urlsplit(page.url).query)).get("number") or kind,
        "jdid": site,
        "divid": call.group("divid"),
    }
    return ListPage(pages=(post(target, form | {"currpage": "1"}, "第1页"),))
