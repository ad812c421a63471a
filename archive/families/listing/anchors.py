"""The links of a page with where they stand: the raw material of lists and pagers."""

import copy
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import TypeAlias
from urllib.parse import urlsplit

from lxml import etree, html

from archive.families.listing.hrefs import linking
from archive.families.listing.scripts import OPEN, written_html
from archive.families.records import Family
from archive.families.words import folded, words
from archive.model.bulk import bulk_record
from archive.model.url import resolve

_MAX_LABEL = 1_000
_MAX_SCRIPT = 500_000
# Wrappers that say nothing about structure: <li><b><a> stands where <li><a> stands.
_INLINE = frozenset(
    {"b", "strong", "font", "span", "em", "i", "u", "big", "small", "tbody", "nobr"}
)
_CHROME_TAGS = frozenset({"nav", "footer", "header", "aside"})
_DATE = (
    r"(?:19|20)\d{2}\s?[-/.年–—]\s?\d{1,2}\s?[-/.月–—]\s?\d{1,2}\s?日?"
    r"(?:\s{1,3}\d{1,2}:\d{2}(?::\d{2})?)?"
)
_ONLY_DATE = re.compile(rf"\A[\s\[（(【]*({_DATE}|\d{{1,2}}[-/月]\d{{1,2}}日?)[\s\]）)】]*")
_ANY_DATE = re.compile(rf"(?<![\d/])({_DATE})(?!\d)")
_TEXTS = etree.XPath(".//text()[not(parent::script or parent::style)]", smart_strings=False)
_CUT = re.compile(r"(?:…|(?<!\.)\.{2,}|(?<!．)．{2,}|⋯)\s*$")
_BULLET = re.compile(r"^[\s·•◆■▪►▸>»\-—*※○●★☆]+(?=\S)")

_Line: TypeAlias = tuple[tuple[etree._Element, ...], tuple[str, ...]]  # noqa: SLF001 - its only name
"""Elements, and their tags."""


@bulk_record
class Anchor:
    """A link on the page. `line` is its chain of structural ancestors, the root first, the link
    itself last; `path` their tags. `date` is a date inside the link's own text, as printed.
    """

    element: etree._Element
    line: tuple[etree._Element, ...]
    path: tuple[str, ...]
    url: str
    text: str
    date: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A list page made ready: its tree (with what scripts write), and its links.

    post_body: the body of the POST that it answers; None for a GET.
    base, encoding: what its links are resolved by, see `resolve`.
    """

    tree: etree._Element
    text: str
    url: str
    family: Family | None
    anchors: tuple[Anchor, ...]
    crowds: Counter[etree._Element]
    post_body: str | None = None
    base: str
    encoding: str

    def resolve(self, href: str) -> str | None:
        """The URL of a link that the page names; see archive.model.url.resolve."""
        return resolve(self.base, href, self.encoding)


def prepare(
    tree: etree._Element,
    html_text: str,
    url: str,
    family: Family | None,
    *,
    post_body: str | None = None,
    base: str | None = None,
    encoding: str = "utf-8",
) -> Page:
    """The page with its links in document order; the given tree stays as it was.

    base: of the page that a part was written into; None asks the tree. encoding: in which browsers
    write the query of its links.
    """
    whole = _with_written(tree) if "document.write" in html_text else tree
    base = base or base_of(whole, url)
    anchors = tuple(_anchors(whole, base, encoding))
    crowds = Counter(chain.from_iterable([anchor.line for anchor in anchors]))
    return Page(
        tree=whole,
        text=html_text,
        url=url,
        family=family,
        anchors=anchors,
        crowds=crowds,
        post_body=post_body,
        base=base,
        encoding=encoding,
    )


def is_chrome(anchor: Anchor, page: Page) -> bool:
    """Whether a link stands in navigation, header, footer and the like.

    An ancestor that holds most of the page's links is a frame around everything, whatever it is
    called.
    """
    most = 0.6 * max(len(page.anchors), 5)
    return any(
        (element.tag in _CHROME_TAGS or _is_chrome_name(element)) and page.crowds[element] < most
        for element in anchor.line[2:]
    )


def date_in(text: str) -> str | None:
    """The first printed date of a line, as printed; month and day alone count when nothing else
    stands there.

    >>> date_in("发布日期：[2017-02-22] ")
    '2017-02-22'
    >>> date_in("[02-22]")
    '02-22'
    """
    found = _ONLY_DATE.fullmatch(text) or _ANY_DATE.search(text)
    return folded(found.group(1)) if found else None


def structural_text(element: etree._Element) -> str:
    """All text of an element, scripts and styles left out, white space folded."""
    # Comments and processing instructions have no text; XPath would refuse them.
    pieces = _TEXTS(element) if isinstance(element.tag, str) else None
    return folded(" ".join(pieces)) if isinstance(pieces, list) else ""


def base_of(tree: etree._Element, url: str) -> str:
    """What the page's links are relative to: the first <base> that has a URL counts, wherever
    it stands, as for browsers; one that leads nowhere leaves the page's own.
    """
    href = next((base.get("href") for base in tree.iter("base") if "href" in base.attrib), None)
    return (resolve(url, href) if href else None) or url


def _anchors(tree: etree._Element, base: str, encoding: str) -> Iterator[Anchor]:
    # Links beside each other share their ancestors; walking up once is enough.
    lines: dict[etree._Element | None, _Line] = {None: ((), ())}
    for element, url in linking(tree, lambda href: resolve(base, href, encoding)):
        parent = element.getparent()
        if parent not in lines:
            lines[parent] = _structural_line(element)
        yield _anchor(element, *lines[parent], url)


def _anchor(
    element: etree._Element, above: tuple[etree._Element, ...], tags: tuple[str, ...], url: str
) -> Anchor:
    text, date = _label(element)
    return Anchor(
        element=element,
        line=(*above, element),
        path=(*tags, str(element.tag)),
        url=url,
        text=text,
        date=date,
    )


def _structural_line(element: etree._Element) -> _Line:
    """The ancestors that say something about structure, the root first."""
    above = [node for node in element.iterancestors() if node.tag not in _INLINE]
    above.reverse()
    return tuple(above), tuple([str(node.tag) for node in above])


def _label(element: etree._Element) -> tuple[str, str | None]:
    """A link's title and the date printed inside it."""
    date = None
    pieces: list[str] = []
    for piece in element.itertext():
        if (found := _ONLY_DATE.fullmatch(piece)) and len(folded(piece)) >= 5:
            date = folded(found.group(1))
        elif OPEN not in piece:
            pieces.append(piece)
    if element.tag == "tr":  # a row that is a link is called by its longest cell
        cells = (structural_text(cell) for cell in element.iter("td", "th"))
        pieces = [
            max((cell for cell in cells if not _ONLY_DATE.fullmatch(cell)), key=len, default="")
        ]
    # Blocks of an element that is a link stand apart; parts of a link's own text do not.
    joint = "" if element.tag in ("a", "area") else " "
    text = _BULLET.sub("", folded(joint.join(pieces))[:_MAX_LABEL])
    return _whole_title(element, text), date


def _whole_title(element: etree._Element, text: str) -> str:
    """The title attribute where the text is cut or missing (Hanweb's xxgk rows use `mc`)."""
    title = folded(element.get("title") or element.get("mc") or "")
    if not text and element.tag == "input":
        return folded(element.get("value") or "")
    if not text:
        return title or folded(" ".join(image.get("alt") or "" for image in element.iter("img")))
    cut = _CUT.sub("", text)
    return title if title and cut != text and title.startswith(cut[:4]) else text


def _is_chrome_name(element: etree._Element) -> bool:
    names = f"{element.get('class') or ''} {element.get('id') or ''}".lower()
    return len(names) <= 500 and words().chrome.search(names) is not None


def same_host(one: str, other: str) -> bool:
    """Whether two URLs are of one host (name only: ports and schemes change on portals)."""
    return _host(one) == _host(other)


@lru_cache(maxsize=2048)
def _host(url: str) -> str | None:
    return urlsplit(url).hostname


@lru_cache(maxsize=2048)
def folder(url: str) -> str:
    """The path of a URL up to its last slash: where a list's own pages live.

    >>> folder("http://x.gov.cn/zwgk/nb/index_1.html?a=1")
    '/zwgk/nb/'
    """
    return urlsplit(url).path.rpartition("/")[0] + "/"


def _with_written(tree: etree._Element) -> etree._Element:
    """A copy of the tree in which what document.write writes stands behind its script."""
    whole = copy.deepcopy(tree)
    for script in list(whole.iter("script")):
        content = script.text or ""
        if "document.write" in content and len(content) <= _MAX_SCRIPT:
            _insert(script, written_html(content))
    return whole


def _insert(script: etree._Element, written: str) -> None:
    parent = script.getparent()
    if parent is None or "<a" not in written.lower():
        return
    # A <span> says nothing about structure: the links stand where the script stood.
    wrapped = html.fragment_fromstring(written, create_parent="span")
    parent.insert(parent.index(script) + 1, wrapped)
