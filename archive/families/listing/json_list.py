"""List answers in JSON (gkmlpt, JPAAS, Epoint, igs …): the entries, found by their keys.

Such answers come from the windows that a list page names. Keys differ from family to family, but
an entry always has a title and a URL; the longest list of such entries is the list. HTML
inside the JSON (JPAAS ``data.html``) is read as a page.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from urllib.parse import urlsplit

from lxml import html

from archive.families.listing.anchors import Page, date_in, prepare
from archive.families.listing.clusters import main_rows
from archive.families.listing.declared_pager import MAX_PAGES
from archive.families.listing.posted import posted_pages
from archive.families.listing.queries import pairs_of, query_of
from archive.families.listing.roles import canonical, role_of
from archive.families.records import ListPage
from archive.families.words import folded, words
from archive.model.outcome import Role
from archive.model.reading import Link

_MAX_TEXT = 5_000_000
_MAX_NODES = 100_000
_JSONP = re.compile(r"\A\s*[\w.$]{1,80}\s*\(")


def read_answer(
    page: Page, further: Callable[[str, str, int], tuple[Link, ...]]
) -> ListPage | None:
    """The entries of a JSON (or JSONP) answer and the pages beside it; None when it is none.

    further: what a family's reader names behind an answer: by its URL, the HTML inside it, and how
    many entries it has.
    """
    answer = _parsed(page.text)
    if answer is None:
        return None
    nodes = list(_nodes(answer))
    written = max((n for n in nodes if isinstance(n, str) and "<a" in n), key=len, default="")
    items = _entries(page, nodes) or _written(page, written)
    total = _total(nodes)
    last = -(-total // len(items)) if total and items else None
    windows = (*_pages(page.url, len(items), total), *posted_pages(page, last))
    return ListPage(
        items=items,
        pages=(*windows, *further(page.url, written, len(items))),
        total_items=total,
        total_pages=last,
    )


def _parsed(text: str) -> object:
    if len(text) > _MAX_TEXT:
        return None
    text = text.strip().lstrip("\ufeff")
    if _JSONP.match(text):
        text = text.partition("(")[2].rpartition(")")[0]
    if text[:1] not in ("{", "["):
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _nodes(answer: object) -> Iterator[object]:
    """Every value of a JSON answer, outer ones first."""
    waiting: list[object] = [answer]
    for place in range(_MAX_NODES):
        if place >= len(waiting):
            return
        node = waiting[place]
        yield node
        if isinstance(node, dict):
            waiting.extend(node.values())
        elif isinstance(node, list):
            waiting.extend(node)


def _entries(page: Page, nodes: Sequence[object]) -> tuple[Link, ...]:
    longest: list[Link] = []
    for node in nodes:
        entries = node if isinstance(node, list) else []
        links = [
            link for entry in entries if isinstance(entry, dict) for link in _entry(page, entry)
        ]
        longest = max(longest, links, key=len)
    return tuple(longest)


def _entry(page: Page, entry: Mapping[str, object]) -> Iterator[Link]:
    title, href = _first(entry, words().json_title), _first(entry, words().json_url)
    url = page.resolve(href) if href else None
    if title and url:
        url = canonical(url, page.family)
        yield Link(
            url=url,
            text=folded(re.sub(r"<[^<>]{0,200}>", "", _whole(title))),
            role=role_of(url, page.family),
            printed_date=date_in(_first(entry, words().json_date) or ""),
        )


def _whole(text: str) -> str:
    """Text without halves of characters, which JSON can spell and UTF-8 cannot."""
    return text.encode("utf-8", "replace").decode()


def _first(entry: Mapping[str, object], keys: Sequence[str]) -> str | None:
    values = (entry.get(key) for key in keys)
    return next((value for value in values if isinstance(value, str) and value.strip()), None)


def _written(page: Page, written: str) -> tuple[Link, ...]:
    """The entries of HTML inside the JSON."""
    if not written:
        return ()
    tree = html.fromstring(f"<div>{_whole(written)}</div>")
    inner = prepare(tree, "", page.url, page.family, base=page.base, encoding=page.encoding)
    named = [anchor for anchor in inner.anchors if anchor.text]
    return tuple(
        Link(
            url=canonical(row.anchor.url, page.family),
            text=row.anchor.text,
            role=role_of(row.anchor.url, page.family),
            printed_date=row.date,
        )
        for row in main_rows(inner, named)
    )


def _total(nodes: Sequence[object]) -> int | None:
    for node in nodes:
        if isinstance(node, dict):
            for key in words().json_total:
                value = node.get(key)
                if str(value).isdecimal() and len(str(value)) <= 7:
                    return int(str(value))
    return None


def _pages(url: str, size: int, total: int | None) -> Iterator[Link]:
    """The other windows of the same URL, when a query name counts them from 1."""
    parts = urlsplit(url)
    query = pairs_of(parts.query)
    counting = [name for name, value in query if words().counts_pages(name) and value.isdecimal()]
    if not counting or not total or not size or int(dict(query)[counting[0]]) != 1:
        return
    for number in range(2, min(-(-total // size), MAX_PAGES) + 1):
        numbered = [(name, str(number) if name == counting[0] else value) for name, value in query]
        target = parts._replace(query=query_of(numbered)).geturl()
        yield Link(url=target, text=f"第{number}页", role=Role.LIST)
