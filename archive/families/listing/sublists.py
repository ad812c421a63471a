"""Lists inside a list: year folders, department columns, frames; what a link to one is worth."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from lxml import etree

from archive.families.listing.anchors import Anchor, Page, folder, is_chrome, same_host
from archive.families.listing.clusters import is_single
from archive.families.listing.headed import headed, stands_under_heading
from archive.families.listing.roles import role_of, same_page
from archive.families.words import folded, words
from archive.model.outcome import Role
from archive.model.reading import Link
from archive.model.url import same_site

# Slugs of annual-report columns: formats.md 4.0.
_SLUG = re.compile(
    r"/(?:\w*gknb|\w*ndbg|\w*gknd?b?g?|nb|annual_?report\w*|zfnbhz)(?:/|$)", re.IGNORECASE
)
_MIN_SIDE = 100
SURE = 3.0


def sublists(page: Page, taken: set[str]) -> Iterator[Link]:
    """Links of a report section that lead to lists below it, not yet `taken` as items or pages."""
    under = headed(page)
    beside = stands_under_heading(page, under)
    if not beside and not in_report_section(page):
        return
    for each in under:
        if beside and each.anchor.url not in taken and not is_single(page, each.anchor.url):
            taken.add(each.anchor.url)
            if not same_page(each.anchor.url, page.url):
                yield Link(url=each.anchor.url, text=each.anchor.text, role=Role.LIST)
    for anchor in page.anchors if in_report_section(page) else ():
        if anchor.url not in taken and _is_sublist(page, anchor):
            taken.add(anchor.url)
            yield Link(url=anchor.url, text=anchor.text, role=Role.LIST)


def frames(page: Page) -> Iterator[Link]:
    """Frames that may hold the list: same site, of some size, not weather or search."""
    for frame in page.tree.iter("frame", "iframe"):
        target = page.resolve(frame.get("src") or frame.get("data-src") or "")
        if target and same_site(page.url, target) and _holds_content(frame, target):
            text = folded(frame.get("title") or frame.get("name") or "")
            yield Link(url=target, text=text, role=Role.LIST)


def in_report_section(page: Page) -> bool:
    """Whether the page says that it belongs to an annual-report column: meta tags, title,
    URL.
    """
    return is_called_section(page) or bool(_SLUG.search(urlsplit(page.url).path))


def is_called_section(page: Page) -> bool:
    """The same by meta tags and title alone: whatever a portal answers at a URL, that stays
    the URL of the column.
    """
    named = [
        meta.get("content") or ""
        for meta in page.tree.iter("meta")
        if (meta.get("name") or "").lower() in ("columnname", "columntype")
    ]
    named += [title.text or "" for title in page.tree.iter("title")]
    return any(words().report.search(text) for text in named)


def worth_of(page: Page, anchor: Anchor) -> tuple[float, tuple[str, ...]]:
    """How surely a link leads to the annual reports, and the marks met; 0 when it does not.

    SURE and more is a link that names the column; sources: formats.md 4.0.
    """
    text = anchor.text.replace(" ", "")
    if not text or len(anchor.text) > 30 or words().other_reports.search(text):
        return 0.0, ()
    role = role_of(anchor.url, page.family)
    if role is Role.ATTACHMENT or (role is not Role.LIST and is_single(page, anchor.url)):
        return 0.0, ()
    slug = _SLUG.search(urlsplit(anchor.url).path)
    met = (
        (3.0, f"text:{text}", words().column.fullmatch(text)),
        (1.5, "names reports", words().report.search(text) and words().called.search(text)),
        (2.0, f"slug:{slug.group().strip('/') if slug else ''}", slug),
    )
    worth = sum(weight for weight, _, found in met if found)
    if worth < 1.5:
        return 0.0, ()
    return worth + (0.5 if role is Role.LIST else 0.0), tuple(why for _, why, found in met if found)


def _is_sublist(page: Page, anchor: Anchor) -> bool:
    url = anchor.url
    if not anchor.text or not same_host(page.url, url):
        return False
    if same_page(url, page.url):
        return False
    text = anchor.text.replace(" ", "")[:40]
    tab = words().tabs.fullmatch(text) is not None and not is_single(page, url)
    role = role_of(url, page.family)
    if role is not Role.LIST and not (tab and role is Role.PAGE):
        return False
    below = folder(url) != folder(page.url) and folder(url).startswith(folder(page.url))
    if below and folder(page.url) != "/":
        return True
    named = tab or words().year.search(anchor.text)
    return bool(named) and not is_chrome(anchor, page)


def _holds_content(frame: etree._Element, target: str) -> bool:
    sides = (frame.get("width") or "", frame.get("height") or "")
    if any(side.isdigit() and int(side) < _MIN_SIDE for side in sides):
        return False
    tokens = re.split(r"[^a-z]+", urlsplit(target).path.lower())
    return not any(word in tokens for word in words().frame_chrome)
