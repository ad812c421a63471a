"""The style sheets and images that a page shows: without them a snapshot does not look as it did.

Named by <link rel=stylesheet>, <img>, backgrounds, and CSS (in the page, or a style sheet's own).
Fonts and scripts are left out: text and place of a report do not hang on them.
"""

import re
from collections.abc import Iterator
from itertools import islice
from typing import Final
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from archive.families.listing.anchors import base_of
from archive.model.outcome import Role
from archive.model.reading import Source
from archive.model.url import resolve, why_not_visited
from archive.reading.analysis import analyse
from archive.reading.files.magic import magic_of
from archive.reading.html.charset import decode
from archive.reading.html.parse import parse
from archive.reading.text.pictures import pictures_of

MAX_REQUISITES: Final = 200  # of one page or style sheet
_MAX_LOOKED_AT: Final = 5_000
_MAX_SHEET: Final = 2_000_000  # characters
_UNTOLD_TYPES: Final = frozenset({None, "text/plain", "application/octet-stream"})
_PAGE_TYPES: Final = frozenset({None, "text/html", "application/xhtml+xml"})
_CSS: Final = re.compile(
    r"""url\(\s{0,20}(?:"([^"\n]{1,2000})"|'([^'\n]{1,2000})'|([^\s"'()]{1,2000}))\s{0,20}\)"""
    r"""|@import\s{0,20}(?:"([^"\n]{1,2000})"|'([^'\n]{1,2000})')""",
    re.IGNORECASE,
)
_LEFT_OUT: Final = re.compile(r"\.(?:woff2?|ttf|eot|otf|js|htc|swf)$", re.IGNORECASE)


def requisites_of(source: Source) -> tuple[str, ...]:
    """URLs of what a page shows, style sheets first, or of what a style sheet names (its role is
    that of a requisite), each once; () for a file, and for an image. Pure.
    """
    if source.role is Role.REQUISITE:
        hrefs, base, encoding = _of_sheet(source), source.url, "utf-8"
    elif source.media_type in _PAGE_TYPES and magic_of(source.body) is None:
        decoded = decode(source.body, source.charset)
        tree = parse(decoded.text).tree
        hrefs, base, encoding = _of_page(tree), base_of(tree, source.url), decoded.link_encoding
    else:
        return ()
    found: dict[str, None] = {}
    for href in islice(hrefs, _MAX_LOOKED_AT):
        url = resolve(base, href, encoding)
        if url is not None and url != source.url and _may_be_shown(url):
            found[url] = None
        if len(found) >= MAX_REQUISITES:
            break
    return tuple(found)


def pictures_for_text(source: Source) -> tuple[str, ...]:
    """URLs of the pictures that stand for a page's text, each once, in their order; of a file its
    own, because its body holds them. Pure.
    """
    if magic_of(source.body) is not None:
        return (source.url,)
    page = analyse(source)
    title = page.title.text if page.title else None
    printed = pictures_of(page.survey, page.body, page.page.tree, title)
    encoding = page.decoded.link_encoding
    urls = (resolve(page.base, each, encoding) for each in printed[:MAX_REQUISITES])
    return tuple(dict.fromkeys(url for url in urls if url and why_not_visited(url) is None))


def _may_be_shown(url: str) -> bool:
    return why_not_visited(url) is None and not _LEFT_OUT.search(urlsplit(url).path)


def _of_sheet(source: Source) -> Iterator[str]:
    is_named_so = urlsplit(source.url).path.lower().endswith(".css")
    if source.media_type == "text/css" or (is_named_so and source.media_type in _UNTOLD_TYPES):
        yield from _of_css(decode(source.body[: 4 * _MAX_SHEET], source.charset).text)


def _of_page(tree: HtmlElement) -> Iterator[str]:
    for element in tree.iter("link"):
        if "stylesheet" in (element.get("rel") or "").lower().split():
            yield element.get("href") or ""
    for element in tree.iter("style"):
        yield from _of_css(element.text or "")
    for element in tree.iter():
        if element.tag == "img" or (element.tag == "input" and element.get("type") == "image"):
            yield element.get("src") or ""
        yield element.get("background") or ""
        yield from _of_css(element.get("style") or "")


def _of_css(text: str) -> Iterator[str]:
    """What CSS names outside of its comments, in its order."""
    first, *others = text[:_MAX_SHEET].split("/*")
    bare = "".join([first, *(each.partition("*/")[2] for each in others)])
    for match in _CSS.finditer(bare):
        yield next(each for each in match.groups() if each is not None)
