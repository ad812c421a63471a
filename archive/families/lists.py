"""A list page becomes links: its items, and the other pages of the list that it names."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache, cached_property
from importlib import import_module

from lxml import etree

from archive.families.cms import jpaas
from archive.families.listing.anchors import Anchor, Page, folder, prepare, structural_text
from archive.families.listing.clusters import Row, main_rows, row_title
from archive.families.listing.declared_pager import MAX_PAGES, declared_pages
from archive.families.listing.json_list import read_answer
from archive.families.listing.pager import Printed, read_printed
from archive.families.listing.roles import canonical, folder_form, role_of, same_page
from archive.families.listing.sublists import frames, in_report_section, sublists
from archive.families.listing.unnamed import without_url
from archive.families.records import Family, ListPage, Recognition
from archive.families.registry import family, recognise
from archive.families.words import first_number, words
from archive.model.outcome import Role
from archive.model.reading import Finding, Link, Severity

_CMS = "archive.families.cms"
_MAX_ITEMS = 5_000
_PROSE = 8
# Every page of a list so short names all others; in a longer one so many on either side of it,
# that one page which fails does not cut the chain.
_SHORT_LIST = 20
_NEAR = 5


def read_list(
    tree: etree._Element,
    html_text: str,
    url: str,
    family_key: str | None,
    *,
    post_body: str | None = None,
    encoding: str = "utf-8",
) -> ListPage:
    """What the list page at `url` names; an empty ListPage when it holds no list.

    family_key: the portal's family; None asks for recognition. post_body: the body of the POST that
    the page answers; None for a GET. encoding: in which browsers write the query of its links.
    """
    known = _family(tree, html_text, url, family_key)
    return _read(
        _Parts(prepare(tree, html_text, url, known, post_body=post_body, encoding=encoding))
    )


def detect_list(
    tree: etree._Element,
    html_text: str,
    url: str,
    family_key: str | None,
    *,
    post_body: str | None = None,
    encoding: str = "utf-8",
    recognised: Recognition | None = None,
) -> ListPage | None:
    """What read_list gives, for a page that looks like a list; None for every other page. What was
    found while looking is not searched for twice. recognised: what `recognise` said of the page;
    None where it was not asked.
    """
    key = (recognised or recognise(tree, html_text, url)).key
    parts = _looked(tree, html_text, url, family(key) if key else None, post_body, encoding)
    if parts is None:
        return None
    if family_key is None or family_key == key:
        return _read(parts)
    return read_list(tree, html_text, url, family_key, post_body=post_body, encoding=encoding)


def read_known_list(
    tree: etree._Element,
    html_text: str,
    url: str,
    family_key: str | None,
    *,
    post_body: str | None = None,
    encoding: str = "utf-8",
) -> ListPage | None:
    """What read_list gives, for a page that another list named as one of its own: a last page with
    one entry is a list too, and so are a shell whose script asks for the entries and an answer
    without any. None when it is a document after all.
    """
    known = _family(tree, html_text, url, family_key)
    if known and any(pattern.search(url) for pattern in known.pages):
        return None
    if _is_article(tree):
        return None
    parts = _Parts(prepare(tree, html_text, url, known, post_body=post_body, encoding=encoding))
    listing = _read(parts)
    return listing if listing.items or parts.windows or parts.is_answer else None


def looks_like_list(tree: etree._Element, html_text: str, url: str) -> bool:
    """Whether a page is a list of links rather than a document (a report, an article)."""
    known = _family(tree, html_text, url, None)
    return _looked(tree, html_text, url, known, None, "utf-8") is not None


class _Parts:
    """What a list is made of, each part looked for once and only when it is asked for."""

    def __init__(self, page: Page) -> None:
        self.page = page

    @cached_property
    def own(self) -> ListPage:
        return _own(self.page)

    @cached_property
    def is_answer(self) -> bool:
        """Whether the page is a script's answer that says how long the list is."""
        return self.own.total_items is not None

    @cached_property
    def declared(self) -> tuple[tuple[Link, ...], int]:
        known = self.page.family
        return declared_pages(known, self.page) if known else ((), 0)

    @cached_property
    def windows(self) -> bool:
        """Whether the page's script asks for the list's pages: they are no pages beside it."""
        here = folder_form(self.page.url)
        pages = (*self.own.pages, *self.declared[0])
        return any(link.body is not None or folder_form(link.url) != here for link in pages)

    @cached_property
    def printed(self) -> Printed:
        return read_printed(self.page)

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        candidates = _candidates(self.page, self.printed)
        # What a box offers to choose is a list only where nothing else is one.
        shown = [anchor for anchor in candidates if anchor.element.tag != "option"]
        return main_rows(self.page, shown) or main_rows(self.page, candidates)


def _read(parts: _Parts) -> ListPage:
    page, own, printed = parts.page, parts.own, parts.printed
    declared, declared_total = parts.declared
    items = own.items or tuple(_items(page, parts.rows))
    pages = _pages(page, (*own.pages, *declared), printed)
    items = _with_sublists(page, items, pages)
    total = own.total_pages or declared_total or printed.total_pages
    return ListPage(
        items=items[:_MAX_ITEMS],
        pages=pages[:MAX_PAGES],
        total_items=own.total_items or _total_items(page, printed),
        total_pages=total,
        findings=(
            *_findings(len(items), len(pages), total),
            *(without_url(page, parts.rows) if items and not own.items else ()),
        ),
    )


def _looked(
    tree: etree._Element,
    html_text: str,
    url: str,
    known: Family | None,
    post_body: str | None,
    encoding: str,
) -> _Parts | None:
    """The parts of a page that looks like a list; None when it looks like a document."""
    if known and any(pattern.search(url) for pattern in known.pages):
        return None
    if _is_article(tree):
        return None
    parts = _Parts(prepare(tree, html_text, url, known, post_body=post_body, encoding=encoding))
    if parts.own.items or parts.windows:
        return parts
    if not parts.rows:
        return parts if sum(1 for _ in sublists(parts.page, set())) > 1 else None
    return parts if _lists_more_than_it_says(parts.page, parts.rows, parts.printed) else None


def _family(
    tree: etree._Element, html_text: str, url: str, family_key: str | None
) -> Family | None:
    key = family_key or recognise(tree, html_text, url).key
    return family(key) if key else None


def _own(page: Page) -> ListPage:
    """What a JSON answer holds, or what the family's own reader makes of the page; empty where
    there is neither.
    """
    if answered := read_answer(page, jpaas.further):
        return answered
    readers = map(_reader, page.family.readers if page.family else ())
    return next((found for reader in readers if (found := reader(page))), ListPage())


@cache
def _reader(name: str) -> Callable[[Page], ListPage | None]:
    """The reader that a family's file names: `read` of archive/families/cms/NAME.py. It gives None
    where the page is none of its own.
    """
    read: Callable[[Page], ListPage | None] = import_module(f"{_CMS}.{name}").read
    return read


def _candidates(page: Page, printed: Printed) -> list[Anchor]:
    """The links that may be entries: not the pager, not this page, not its breadcrumb."""
    steps = {anchor.element for anchor in printed.anchors}
    named = {*printed.urls, *printed.filled}
    up = folder(page.url)
    return [
        anchor
        for anchor in page.anchors
        if anchor.text
        and anchor.element not in steps
        and anchor.url not in named
        and not same_page(anchor.url, page.url)
        and not _is_above(up, anchor)
    ]


def _is_above(own_folder: str, anchor: Anchor) -> bool:
    """Breadcrumbs: a folder that holds this list."""
    above = folder(anchor.url)
    return own_folder != above and own_folder.startswith(above) and anchor.url.endswith("/")


def _items(page: Page, rows: Iterable[Row]) -> Iterator[Link]:
    """The main list's entries, each page once, with the longest text of its links."""
    chosen: dict[str, Row] = {}
    for row in rows:
        url = canonical(row.anchor.url, page.family)
        known = chosen.get(url)
        if known is None or len(row.anchor.text) > len(known.anchor.text):
            chosen[url] = row
    for url, row in chosen.items():
        yield Link(
            url=url,
            text=row_title(row),
            role=role_of(url, page.family),
            printed_date=row.date,
        )


def _pages(page: Page, named: Sequence[Link], printed: Printed) -> tuple[Link, ...]:
    """Declared and printed pages together, this page left out, each once."""
    steps = [Link(url=a, text="", role=Role.LIST) for a in printed.urls]
    filled = [Link(url=a, text="", role=Role.LIST) for a in printed.filled]
    chosen: dict[tuple[str, str | None], Link] = {}
    for link in (*_near(page, filled), *steps, *_near(page, named)):
        if not _is_this(link, page):
            chosen.setdefault((folder_form(link.url), link.body), link)
    return tuple(chosen.values())


def _near(page: Page, pages: Sequence[Link]) -> Sequence[Link]:
    """In a long list only the first page names all others, a further one its neighbours: 600 pages
    that name 600 each would be 360,000 links to the same URLs. pages: in the list's order.
    """
    own = next((place for place, link in enumerate(pages) if _is_this(link, page)), 0)
    if own == 0 or len(pages) <= _SHORT_LIST:
        return pages
    return [pages[0], *pages[max(1, own - _NEAR) : own + _NEAR + 1]]


def _is_this(link: Link, page: Page) -> bool:
    return link.body == page.post_body and same_page(link.url, page.url)


def _with_sublists(
    page: Page, items: tuple[Link, ...], pages: tuple[Link, ...]
) -> tuple[Link, ...]:
    taken = {link.url for link in (*items, *pages)}
    below = tuple(sublists(page, taken))
    reports = any(words().report.search(item.text) for item in items)
    # Beside a list of something else the section's own may stand in a frame.
    framed = () if reports or (items and not in_report_section(page)) else tuple(frames(page))
    return (*items, *below, *framed)


def _total_items(page: Page, printed: Printed) -> int | None:
    return first_number(words().total_items, page.text) or first_number(
        words().total_items_text, printed.text
    )


def _findings(items: int, pages: int, total: int | None) -> Iterator[Finding]:
    if not items and not pages:
        yield Finding(
            rule="empty_list", severity=Severity.WARNING, message="the list names no entries"
        )
    if pages > MAX_PAGES or items > _MAX_ITEMS or (total or 0) > MAX_PAGES:
        yield Finding(
            rule="list_too_long",
            severity=Severity.WARNING,
            message=f"more than {MAX_PAGES} pages or {_MAX_ITEMS} entries: the rest is left out",
            evidence=f"{items} entries, {pages} pages, {total} pages stated",
        )


def _is_article(tree: etree._Element) -> bool:
    """The meta tags of an article page (formats.md 3.1) with something in them."""
    return any(
        (meta.get("name") or "").lower() in ("articletitle", "pubdate") and meta.get("content")
        for meta in tree.iter("meta")
    )


def _lists_more_than_it_says(page: Page, rows: tuple[Row, ...], printed: Printed) -> bool:
    """Whether the entries outweigh the prose around them."""
    listed = sum(len(row.anchor.text) for row in rows)
    entries = {row.element for row in rows}
    prose = sum(_prose(element, entries) for element in page.tree.iter("p", "td", "dd", "div"))
    if prose > 300 and prose > listed:
        return False
    dated = sum(row.date is not None for row in rows)
    return bool(printed.anchors) or len(rows) >= 3 or (dated > 0 and prose < 100)


def _prose(element: etree._Element, entries: set[etree._Element]) -> int:
    """The length of an element's own text when it is a paragraph or cell without links and no
    part of an entry.
    """
    if next(element.iterdescendants("a", "p", "div", "table"), None) is not None:
        return 0
    if element in entries or any(node in entries for node in element.iterancestors()):
        return 0
    length = len(structural_text(element))
    return length if length >= _PROSE else 0
