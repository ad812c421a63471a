"""What leads somewhere on a page, and where to: links, and what scripts make one of.

A row or a button that opens a page when it is clicked is a link with the text of its element. Only
what is spelled out counts (see archive.families.listing.targets); what code sends elsewhere for
counting is none.
"""

import re
from collections.abc import Callable, Iterator
from urllib.parse import unquote

from lxml import etree

from archive.families.listing.scripts import OPEN
from archive.families.listing.targets import looks_like_url, targets_of

_MAX_LINKING = 5_000
_MAX_CODE = 4_000
_MAX_ROW = 300
_LINKS = frozenset({"a", "area"})
# What a page may make a link of: no picture, no form, no whole page.
_MADE = frozenset(
    "button input option tr td th li dl dt dd div p span h1 h2 h3 h4 h5 h6 b strong em i u font"
    " label section article".split()
)
_CHOOSES = re.compile(r"location|open|jump|goto|href", re.IGNORECASE)
_SCRIPT_HREF = re.compile(r"\s{0,8}javascript\s{0,8}:", re.IGNORECASE)
_LINKING = etree.XPath(
    "//a | //area | //@onclick/.. | //@data-href/.. | //@data-url/.."
    " | //select[@onchange]//option[@value]"
)
_NOTHING = frozenset({"", "#", "/#", "0"})


def linking(
    tree: etree._Element, resolve: Callable[[str], str | None]
) -> Iterator[tuple[etree._Element, str]]:
    """The elements that lead somewhere, in document order, and the URL of each.

    Of two inside each other one is the link: the <a>, else the inner one.
    """
    found: list[tuple[etree._Element, str]] = []
    elements = _LINKING(tree)
    for element in elements[:_MAX_LINKING] if isinstance(elements, list) else []:
        url = next((a for href in _hrefs(element) if (a := resolve(href))), None)
        if url is not None:
            found.append((element, url))
    made = [element for element, _ in found if element.tag not in _LINKS]
    inside = _within(found, set(made)) if made else frozenset()
    return (each for each in found if each[0] not in inside)


def hrefs_of(element: etree._Element) -> tuple[str, ...]:
    """What one element names as its target, best first; nothing where it leads nowhere."""
    return tuple(_hrefs(element))


def _hrefs(element: etree._Element) -> Iterator[str]:
    is_link = element.tag in _LINKS
    if not is_link and (element.tag not in _MADE or not _is_short(element)):
        return
    href = element.get("href") or ""
    if is_link and href and OPEN not in href:
        if _SCRIPT_HREF.match(href):
            yield from targets_of(unquote(href[:_MAX_CODE].partition(":")[2]), calls=True)
        else:
            yield href
    if element.tag == "option":
        yield from _chosen(element)
    if code := element.get("onclick"):
        yield from targets_of(code[:_MAX_CODE], calls=True)
    for name in ("data-href", "data-url"):
        value = (element.get(name) or "").strip()
        if looks_like_url(value) and OPEN not in value:
            yield value


def _chosen(option: etree._Element) -> Iterator[str]:
    """The value of an option whose list goes to what is chosen."""
    select = next(option.iterancestors("select"), None)
    code = select.get("onchange") or "" if select is not None else ""
    value = (option.get("value") or "").strip()
    is_url = any(mark in value for mark in "/.?")
    if value not in _NOTHING and is_url and _CHOOSES.search(code[:_MAX_CODE]):
        yield value


def _is_short(element: etree._Element) -> bool:
    """Whether an element's text is that of one link, not of a whole part of the page."""
    length = 0
    for piece in element.itertext():
        length += len(piece.strip())
        if length > _MAX_ROW:
            return False
    return True


def _within(
    found: list[tuple[etree._Element, str]], made: set[etree._Element]
) -> frozenset[etree._Element]:
    """The elements that stand inside a link, or have one inside, and are none therefore."""
    leading = {element for element, _ in found}
    dropped: set[etree._Element] = set()
    for element in leading:
        for outer in element.iterancestors():
            if outer not in leading:
                continue
            dropped.add(outer if outer in made else element)
    return frozenset(dropped)
