"""大汉 Hanweb and its kin: list records stand in a data island, further ones come in windows.

Source: formats.md 4.1, 4.8 (truecms wraps the same XML into a script's call). The first page
embeds about three pages of records; the rest is asked for at dataproxy.jsp. Both counters
are put into one URL (page and startrecord), because some servers honour only one of them; the
URL printed in <nextgroup> is named as well. A column that gives its script ``ajaxParam`` posts
them, and so do we; and a proxy that answers a plain request with nothing is asked by POST once.
"""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from lxml import html

from archive.families.listing.anchors import Page, date_in, prepare, structural_text
from archive.families.listing.declared_pager import MAX_PAGES
from archive.families.listing.literals import literals
from archive.families.listing.posted import post, post_again
from archive.families.listing.queries import pairs_of, query_of
from archive.families.listing.roles import role_of
from archive.families.listing.scripts import cdata
from archive.families.records import ListPage
from archive.families.words import first_number, folded, words
from archive.model.outcome import Role
from archive.model.reading import Link

_COLUMN = re.compile(r"/col/col(\d+)/")
_PER_PAGE = re.compile(r"\bper[Pp]age[\"']?\s*[:=]\s*[\"']?(\d{1,3})")
_COUNTING = re.compile(r"(?:^|&)(?:page|startrecord|endrecord|perpage)=[^&]*")
_PARAMETERS = re.compile(r"\bajaxParam\s*:\s*(?:\(\s*)?(\{[^{}]{1,2000}\})")
_PROXY = re.compile(r"\bproxyUrl\s*:\s*[\"']([^\"'\s<>]{1,300})")
_HREF = re.compile(r"href\s*=\s*[\"']([^\"']{1,2000})[\"']")


def read(page: Page) -> ListPage | None:
    """The records of the page's main data island and the windows behind them; None without one."""
    text = _unwrapped(page.text).encode("utf-8", "replace").decode()
    islands = [island for island in cdata(text, "datastore") if "<record>" in island]
    if not islands:
        return _without_records(page)
    island = max(islands, key=lambda island: _rank(page.url, island))
    records = tuple(cdata(island, "record"))
    items = tuple(item for record in records for item in _item(page, record))
    total, per_page = _counts(page)
    pages = tuple(_pages(page, island, len(records), total, per_page))
    return ListPage(
        items=items,
        pages=pages,
        total_items=total,
        total_pages=-(-total // per_page) if total and per_page else None,
    )


def _without_records(page: Page) -> ListPage | None:
    """A column whose script posts for every record, or a proxy that answers nothing: the same
    window is then posted for. None for all else.
    """
    if _is_proxy(page.url):
        switched = () if page.post_body is not None else (_switched(page.url, "posted"),)
        return ListPage(pages=switched, total_items=0)
    total, per_page = _counts(page)
    pages = tuple(_posted(page, 0, total, per_page))
    return ListPage(pages=pages, total_items=total) if pages else None


def _counts(page: Page) -> tuple[int | None, int | None]:
    """How many records the list has, and how many a page shows; None where it does not say."""
    return first_number(words().total_items, page.text), first_number((_PER_PAGE,), page.text)


def _unwrapped(text: str) -> str:
    """XML out of the string literal of a JSONP answer; any other text as it is."""
    if text.lstrip()[:1] == "<" or '\\"' not in text:
        return text
    for escaped, plain in (('\\"', '"'), ("\\/", "/"), ("\\n", "\n"), ("\\t", " ")):
        text = text.replace(escaped, plain)
    return text


def _rank(url: str, island: str) -> tuple[bool, int]:
    """The island of the page's own column first, then the one with the most records."""
    column = _COLUMN.search(url)
    own = column is not None and (
        f"columnid={column.group(1)}" in island or f"art_{column.group(1)}_" in island
    )
    return own, island.count("<record>")


def _item(page: Page, record: str) -> Iterator[Link]:
    """The link of one record: the longest text of it, with the date beside."""
    if "<a" not in record.lower():
        return
    tree = html.fromstring(f"<div>{record}</div>")
    inner = prepare(tree, "", page.url, page.family, base=page.base, encoding=page.encoding)
    named = [anchor for anchor in inner.anchors if anchor.text]
    if not named:
        return
    anchor = max(named, key=lambda anchor: len(anchor.text))
    own = folded("".join(anchor.element.itertext()))
    beside = folded(structural_text(tree).replace(own, " ", 1)) if own else ""
    yield Link(
        url=anchor.url,
        text=anchor.text,
        role=role_of(anchor.url, page.family),
        printed_date=anchor.date or date_in(beside),
    )


def _pages(
    page: Page, island: str, embedded: int, total: int | None, per_page: int | None
) -> Iterator[Link]:
    """The printed next group and every window of one page behind the embedded records.

    A URL that counts records is a window of ours: its further windows are already named.
    """
    if "startrecord=" in page.url:
        return
    found = _HREF.search(next(cdata(island, "nextgroup"), ""))
    printed = page.resolve(found.group(1).replace("&amp;", "&")) if found else None
    if printed is None:
        yield from _posted(page, embedded, total, per_page)
        return
    yield _link(printed, "nextgroup") if page.post_body is None else _switched(printed, "nextgroup")
    if _is_proxy(page.url) or not total or not per_page:
        return
    last = min(-(-total // per_page), MAX_PAGES)
    for number in range(embedded // per_page + 1, last + 1):
        yield _link(_window(printed, number, per_page), f"第{number}页")


def _posted(page: Page, embedded: int, total: int | None, per_page: int | None) -> Iterator[Link]:
    """The windows that a column's script posts for (``ajaxParam``), behind the embedded records."""
    parameters, proxy = _PARAMETERS.search(page.text), _PROXY.search(page.text)
    target = page.resolve(proxy.group(1)) if proxy else None
    if parameters is None or target is None or not _is_proxy(target) or not total or not per_page:
        return
    form = literals(parameters.group(1))
    for number in range(embedded // per_page + 1, min(-(-total // per_page), MAX_PAGES) + 1):
        yield post(_window(target, number, per_page), form, f"第{number}页")


def _switched(url: str, text: str) -> Link:
    """The same window for a server that wants its parameters posted."""
    path, _, query = url.partition("?")
    counting = "&".join(found.group().strip("&") for found in _COUNTING.finditer(query))
    return post_again(f"{path}?{counting}", query_of(dict(pairs_of(query))), text)


def _is_proxy(url: str) -> bool:
    return "dataproxy.jsp" in urlsplit(url).path


def _window(printed: str, number: int, per_page: int) -> str:
    path, _, query = printed.partition("?")
    rest = _COUNTING.sub("", query).strip("&")
    first = (number - 1) * per_page + 1
    counting = f"page={number}&startrecord={first}&endrecord={number * per_page}"
    return f"{path}?{counting}&perpage={per_page}&{rest}".rstrip("&")


def _link(url: str, text: str) -> Link:
    return Link(url=url, text=text, role=Role.LIST)
