"""大汉 Hanweb and its kin: list records stand in a data island, further ones come in windows.

Source: formats.md 4.1, 4.8 (truecms wraps the same XML into a script's call). The first page
embeds about three pages of records; the rest is asked for at dataproxy.jsp. Both ways of counting
are put into one address (page and startrecord), because some servers honour only one of them; the
address printed in <nextgroup> is named as well.
"""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from lxml import html

from archive.families.anchors import Page, date_in, prepare, structural_text
from archive.families.declared import MAX_PAGES
from archive.families.records import ListPage
from archive.families.roles import role_of
from archive.families.scripts import cdata
from archive.families.words import first_number, folded, words
from archive.model.address import resolve
from archive.model.outcome import Role
from archive.model.reading import Link

_COLUMN = re.compile(r"/col/col(\d+)/")
_PER_PAGE = re.compile(r"\bper[Pp]age[\"']?\s*[:=]\s*[\"']?(\d{1,3})")
_COUNTING = re.compile(r"(?:^|&)(?:page|startrecord|endrecord|perpage)=[^&]*")
_HREF = re.compile(r"href\s*=\s*[\"']([^\"']{1,2000})[\"']")


def read(page: Page) -> ListPage | None:
    """The records of the page's main data island and the windows behind them; None without one."""
    text = _unwrapped(page.text).encode("utf-8", "replace").decode()
    islands = [island for island in cdata(text, "datastore") if "<record>" in island]
    if not islands:
        return None
    island = max(islands, key=lambda island: _rank(page.address, island))
    records = tuple(cdata(island, "record"))
    items = tuple(item for record in records for item in _item(page, record))
    total = first_number(words().total_items, page.text)
    per_page = first_number((_PER_PAGE,), page.text)
    pages = tuple(_pages(page, island, len(records), total, per_page))
    return ListPage(
        items=items,
        pages=pages,
        total_items=total,
        total_pages=-(-total // per_page) if total and per_page else None,
    )


def _unwrapped(text: str) -> str:
    """XML out of the string literal of a JSONP answer; any other text as it is."""
    if text.lstrip()[:1] == "<" or '\\"' not in text:
        return text
    for escaped, plain in (('\\"', '"'), ("\\/", "/"), ("\\n", "\n"), ("\\t", " ")):
        text = text.replace(escaped, plain)
    return text


def _rank(address: str, island: str) -> tuple[bool, int]:
    """The island of the page's own column first, then the one with the most records."""
    column = _COLUMN.search(address)
    own = column is not None and (
        f"columnid={column.group(1)}" in island or f"art_{column.group(1)}_" in island
    )
    return own, island.count("<record>")


def _item(page: Page, record: str) -> Iterator[Link]:
    """The link of one record: the longest text of it, with the date beside."""
    if "<a" not in record.lower():
        return
    tree = html.fromstring(f"<div>{record}</div>")
    anchors = prepare(tree, "", page.address, page.family).anchors
    named = [anchor for anchor in anchors if anchor.text]
    if not named:
        return
    anchor = max(named, key=lambda anchor: len(anchor.text))
    own = folded("".join(anchor.element.itertext()))
    beside = folded(structural_text(tree).replace(own, " ", 1)) if own else ""
    yield Link(
        address=anchor.address,
        text=anchor.text,
        role=role_of(anchor.address, page.family),
        printed_date=anchor.date or date_in(beside),
    )


def _pages(
    page: Page, island: str, embedded: int, total: int | None, per_page: int | None
) -> Iterator[Link]:
    """The printed next group and every window of one page behind the embedded records.

    An address that counts records is a window of ours: its further windows are already named.
    """
    if "startrecord=" in page.address:
        return
    found = _HREF.search(next(cdata(island, "nextgroup"), ""))
    printed = resolve(page.address, found.group(1).replace("&amp;", "&")) if found else None
    if printed is None:
        return
    yield _link(printed, "nextgroup")
    if "dataproxy.jsp" in urlsplit(page.address).path or not total or not per_page:
        return
    last = min(-(-total // per_page), MAX_PAGES)
    for number in range(embedded // per_page + 1, last + 1):
        yield _link(_window(printed, number, per_page), f"第{number}页")


def _window(printed: str, number: int, per_page: int) -> str:
    path, _, query = printed.partition("?")
    rest = _COUNTING.sub("", query).strip("&")
    first = (number - 1) * per_page + 1
    counting = f"page={number}&startrecord={first}&endrecord={number * per_page}"
    return f"{path}?{counting}&perpage={per_page}&{rest}".rstrip("&")


def _link(address: str, text: str) -> Link:
    return Link(address=address, text=text, role=Role.LIST)
