"""What a reader of the page can see: hidden elements, and those that hold no text for people."""

import re
from functools import lru_cache

from lxml.html import HtmlElement

_HIDING_STYLE = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?:px|pt|em)?\s*(?:;|!|$)"
    r"|text-indent\s*:\s*-\d{3,}|(?:left|top|margin-left)\s*:\s*-\d{3,}px"
    r"|opacity\s*:\s*0\s*(?:;|$)",
    re.IGNORECASE,
)
_HIDING_CLASSES = frozenset(
    {"ng-hide", "sr-only", "visually-hidden", "d-none", "layui-hide", "hidden", "hide"}
)
_MAX_STYLE = 5_000
_MAX_REMEMBERED = 200

UNSEEN = frozenset(
    "script style noscript template head title meta link select option optgroup datalist button"
    " input textarea object applet iframe frame frameset noframes svg canvas audio video map"
    " area param base datastore xml rp".split()
)
"""Elements whose inner text is not text of the page. <wbr>, <embed> and <command> are not among
them: they are void, and what libxml2 takes for their inside stands behind them in a browser.
"""


def is_hidden(element: HtmlElement) -> bool:
    """True when the element says by attribute, style or class that it is not shown."""
    return element.tag in UNSEEN or says_hidden(element)


def says_hidden(element: HtmlElement) -> bool:
    """True when an attribute, a style or a class of the element hides it, whatever its tag."""
    names = element.keys()
    if not names:
        return False
    if "style" in names and (style := element.get("style")) and _hides(style):
        return True
    if "hidden" in names:
        return True
    return "class" in names and not _HIDING_CLASSES.isdisjoint(element.get("class", "").split())


def _hides(style: str) -> bool:
    if len(style) <= _MAX_REMEMBERED:
        return _hides_short(style)
    return len(style) < _MAX_STYLE and _HIDING_STYLE.search(style) is not None


@lru_cache(maxsize=2048)
def _hides_short(style: str) -> bool:
    # A Word paste repeats a few styles a thousand times.
    return _HIDING_STYLE.search(style) is not None


def inside_hidden(element: HtmlElement) -> bool:
    """True when the element or an element around it is hidden."""
    return is_hidden(element) or any(is_hidden(outer) for outer in element.iterancestors())
