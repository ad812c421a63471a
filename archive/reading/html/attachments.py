"""Files that a page attaches."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit

from lxml import etree
from lxml.html import HtmlElement

from archive.families.listing.hrefs import hrefs_of
from archive.model.outcome import Role
from archive.model.reading import Link
from archive.model.url import resolve
from archive.reading.html.blocks import folded
from archive.reading.html.parse import SCRIPTS, Page
from archive.reading.html.visible import is_hidden

_ENDINGS = r"pdf|docx?|wps|xlsx?|et|csv|pptx?|dps|ofd|rtf|zip|rar|7z|txt|ceb|gd|tif|tiff"
_FILE = re.compile(rf"\.(?:{_ENDINGS})$", re.IGNORECASE)
_FILE_NAME = re.compile(rf"[^/\\:*?\"<>|]{{1,200}}\.(?:{_ENDINGS})\b", re.IGNORECASE)
_DOWNLOAD = re.compile(
    r"/(?:downfile\.jsp|download\.jsp|downloadfile|filedownload|download\.do|attachment/download)\b"
    r"|DownloadAttachUrl|/(?:OpennessContent/)?download/\w+|/attach(?:ment)?/\w+/\w+",
    re.IGNORECASE,
)
_MAY_BE_FILE = re.compile(rf"\.(?:{_ENDINGS})|down|attach", re.IGNORECASE)
_MAY_LEAD_TO_FILE = re.compile(rf"{_MAY_BE_FILE.pattern}|javascript", re.IGNORECASE)
_EMPTY_TEXT = re.compile(
    r"^(?:点击|点此|立即|文件|附件|在线|查看)?(?:下载|查看|打开|浏览|预览|附件)?(?:附件|文件|全文)?$"
)
_MAX_LINKS = 500
_FRAMES = frozenset({"iframe", "embed", "object"})
_NO_TEXT = _FRAMES | {"button"}  # hidden as text, and seen none the less
_CARRIERS = ("a", *_FRAMES)
_SCRIPTED = {name: etree.XPath(f"//@{name}/..") for name in SCRIPTS}


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A link to a file, and the <a> (or frame) that names it."""

    link: Link
    element: HtmlElement


def find_attachments(
    page: Page, base: str, left_out: Iterable[HtmlElement], encoding: str = "utf-8"
) -> tuple[Attachment, ...]:
    """The files a page attaches, in printed order, each URL once; `left_out` are elements
    (navigation, feet) whose files belong to the site, not to the page.
    """
    furniture = set(left_out)
    found: dict[str, Attachment] = {}
    for element in _carriers(page):
        if len(found) >= _MAX_LINKS:
            break
        url = _url(element, base, encoding)
        if url is None or not is_file(url) or _hidden(element, furniture):
            continue
        link = Link(url=url, text=_name(element, url), role=Role.ATTACHMENT)
        known = found.get(url)
        if known is None or (len(known.link.text) < 2 <= len(link.text)):
            found[url] = Attachment(link=link, element=element)
    return tuple(found.values())


def _carriers(page: Page) -> Iterator[HtmlElement]:
    """What may name a file, in document order: links, frames, elements with a script."""
    scripted = {element for name in page.scripts for element in _having(page.tree, name)}
    tags = {element.tag for element in scripted}.difference(_CARRIERS)
    every = page.tree.iter(*_CARRIERS, *tags)
    return (each for each in every if each.tag in _CARRIERS or each in scripted) if tags else every


def _having(tree: HtmlElement, name: str) -> list[HtmlElement]:
    found = _SCRIPTED[name](tree)
    return found if isinstance(found, list) else []


def is_file(url: str) -> bool:
    """True when a URL leads to a file by its ending, a name in its query, or a known
    download page.

    >>> is_file("http://x.gov.cn/module/download/downfile.jsp?filename=a.pdf")
    True
    >>> is_file("http://x.gov.cn/nb/t20250310_1.htm")
    False
    """
    parts = urlsplit(url)
    if _FILE.search(unquote(parts.path)) or _DOWNLOAD.search(url):
        return True
    return any(_FILE.search(value) for values in parse_qs(parts.query).values() for value in values)


def file_name_of(url: str) -> str | None:
    """The file name a URL carries in its path or query; None without one."""
    parts = urlsplit(url)
    values = [value for found in parse_qs(parts.query).values() for value in found]
    for candidate in (unquote(parts.path).rsplit("/", 1)[-1], *values):
        if _FILE.search(candidate):
            return candidate
    return None


def _url(element: HtmlElement, base: str, encoding: str) -> str | None:
    """The first URL that an element names and that may be a file's; None without one."""
    if element.tag == "a" and SCRIPTS.isdisjoint(element.keys()):
        href = element.get("href")
        if not href or _MAY_LEAD_TO_FILE.search(href) is None:
            return None  # as for most links
    hrefs = _sources(element) if element.tag in _FRAMES else hrefs_of(element)
    may_be = (href for href in hrefs if _MAY_BE_FILE.search(href))
    return next((found for href in may_be if (found := resolve(base, href, encoding))), None)


def _sources(frame: HtmlElement) -> Iterator[str]:
    href = frame.get("src") or frame.get("data") or ""
    if "file=" in href:  # a PDF viewer that names the file in its query
        href = parse_qs(href.partition("?")[2].partition("#")[0]).get("file", [href])[0]
    yield href


def _hidden(element: HtmlElement, furniture: set[HtmlElement]) -> bool:
    outer = list(element.iterancestors())
    if any(ancestor in furniture for ancestor in outer):
        return True
    itself = element.tag not in _NO_TEXT and is_hidden(element)
    return itself or any(is_hidden(ancestor) for ancestor in outer)


def _name(element: HtmlElement, url: str) -> str:
    text = folded("".join(element.itertext())) if element.tag not in _FRAMES else ""
    title = folded(element.get("title") or element.get("download") or "")
    if _EMPTY_TEXT.match(text.strip("[]【】()（）:： ")) or (title and text.endswith(("…", "..."))):
        text = title or text
    if _EMPTY_TEXT.match(text.strip("[]【】()（）:： ")):
        text = file_name_of(url) or text
    return text
