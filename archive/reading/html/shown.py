"""What shows something in the place of text: pictures in every form, and frames."""

import re
from collections.abc import Iterator

from lxml import etree
from lxml.html import HtmlElement

from archive.reading.html.visible import inside_hidden

_PICTURES = frozenset({"img", "image", "canvas"})  # <image> stands in <svg>
_NO_TEXT = frozenset({"canvas", "image", "input", "svg"})  # hidden as text, and seen none the less
_FRAMES = frozenset({"iframe", "embed", "object"})
_BACKGROUND = re.compile(r"background(?:-image)?\s*:[^;]{0,200}url\(\s*['\"]?([^'\")\s]{1,500})")
_DRAWN_OVER = etree.XPath("descendant-or-self::*/@style[contains(., 'url(')]/..")
_REPEATED = re.compile(r"repeat-[xy]")
_HIDING = re.compile(r"display\s*:\s*none", re.IGNORECASE)
_MAX_STYLE = 1000
_SOURCES = ("data-original", "data-src", "data-lazy-src", "original", "src")
_LINKS = ("href", "xlink:href", "{http://www.w3.org/1999/xlink}href")


def pictures_in(element: HtmlElement) -> Iterator[HtmlElement]:
    """The element and those inside it that are pictures: <img>, <canvas>, an image of <svg>, a
    button that is a picture, an element without text over a background.
    """
    drawn = _DRAWN_OVER(element)
    tags = element.iter("input", *_PICTURES)
    every = element.iter(etree.Element) if drawn else tags  # in document order, or fast
    return (each for each in every if _is_picture(each))


def frames_in(element: HtmlElement) -> Iterator[HtmlElement]:
    """The frames inside an element that show another page or a file."""
    return element.iter(*_FRAMES)


def shows(element: HtmlElement) -> bool:
    """Whether a picture or a frame stands in the element."""
    return any(True for _ in frames_in(element)) or any(True for _ in pictures_in(element))


def source_of(picture: HtmlElement) -> str:
    """Where a picture comes from, as printed; pages that load late name it beside a picture of a
    pixel. A canvas has no source and is called by its tag.
    """
    if picture.tag == "canvas":
        return "canvas"
    names = _LINKS if picture.tag == "image" else _SOURCES
    return next((source for name in names if (source := picture.get(name))), "") or _drawn(picture)


def is_seen(picture: HtmlElement) -> bool:
    """Whether nothing around a picture, nor the picture itself, is hidden."""
    seen: HtmlElement | None = picture
    while seen is not None and seen.tag in _NO_TEXT and not _HIDING.search(seen.get("style") or ""):
        seen = seen.getparent()
    return seen is None or not inside_hidden(seen)


def _is_picture(element: HtmlElement) -> bool:
    if element.tag in _PICTURES:
        return True
    if element.tag == "input":
        return (element.get("type") or "").lower() == "image"
    return bool(_drawn(element)) and not any(text.strip() for text in element.itertext())


def _drawn(element: HtmlElement) -> str:
    """The picture behind an element; empty without one, and for a pattern that repeats."""
    style = (element.get("style") or "")[:_MAX_STYLE]
    found = _BACKGROUND.search(style) if "url(" in style else None
    return found[1] if found and not _REPEATED.search(style) else ""
