"""Which elements hold the text of a page.

A family's selectors first, then names of editors and CMS, then usual names; a name is believed
only against the measure of where running text stands. Without any name the walk descends from
<body> as long as one child holds most of it.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from lxml.html import HtmlElement

from archive.reading.html.blocks import folded
from archive.reading.html.shown import shows
from archive.reading.html.survey import Survey, is_tool

_ENOUGH_SHARE = 0.4
_SCRAPS = 60
_LIKELY_SHARE = 0.75
_SAME_SHARE = 0.92
_DESCENT_SHARE = 0.7
_NO_CONTAINERS = frozenset({"a", "img", "input", "button", "label", "li", "h1", "h2", "h3", "h4"})
_LEAVES = frozenset(
    {"p", "h1", "h2", "h3", "h4", "li", "pre", "blockquote", "tr", "dd", "ul", "ol"}
)

_Counts = Counter[HtmlElement]


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """The elements that hold the text, in document order, never one inside the other.

    certain: named by a family, an editor or a CMS: what stands in it is the text.
    how: the name that was believed, or "descent".
    """

    elements: tuple[HtmlElement, ...]
    certain: bool
    how: str


def locate(
    page: Survey, tree: HtmlElement, selected: Sequence[tuple[str, HtmlElement]]
) -> Body | None:
    """The body of a page; None when nothing on it is text. `selected` are the hits of the family's
    selectors.
    """
    ground = _descent(page, tree)
    measure = page.prose.get(ground, 0) if ground is not None else 0
    heavy = measure if measure > _SCRAPS else 0  # beside scraps a container of pictures is the text
    for hits in (selected, page.certain):
        best = _best(page, hits)
        if best is not None and _weight(page, best.elements) >= _ENOUGH_SHARE * heavy:
            return best
    likely = _best(page, page.likely)
    if likely is not None and _weight(page, likely.elements) >= _LIKELY_SHARE * measure:
        return Body(elements=likely.elements, certain=False, how=likely.how)
    if likely is not None and not heavy and _shows(likely):
        return likely  # beside scraps it holds pictures, and all that stands in it is theirs
    if ground is None or not measure:
        return None
    return Body(elements=(ground,), certain=False, how="descent")


def _best(page: Survey, hits: Iterable[tuple[str, HtmlElement]]) -> Body | None:
    """The smallest group of equally named elements that holds (nearly) the most running text."""
    groups: dict[str, list[HtmlElement]] = {}
    for name, element in hits:
        if element.tag not in _NO_CONTAINERS:
            groups.setdefault(name, []).append(element)
    bodies = [
        Body(elements=_speaking(page, _distinct(elements)), certain=True, how=name)
        for name, elements in groups.items()
    ]
    bodies = [body for body in bodies if any(_holds(element) for element in body.elements)]
    if not bodies:
        return None
    most = max(_weight(page, body.elements) for body in bodies)
    if not most:
        return max(bodies, key=lambda body: (_shows(body), -_size(body)))
    near = [body for body in bodies if _weight(page, body.elements) >= _SAME_SHARE * most]
    return near[0] if len(near) == 1 else min(near, key=_size)


def _distinct(elements: Sequence[HtmlElement]) -> tuple[HtmlElement, ...]:
    """Outermost elements, without copies of the same text (pages carry one for telephones)."""
    if len(elements) == 1:
        return (elements[0],)
    members = set(elements)
    kept: dict[str, HtmlElement] = {}
    for element in elements:
        if not any(outer in members for outer in element.iterancestors()):
            kept.setdefault(folded("".join(element.itertext()))[:4000], element)
    return tuple(kept.values())


def _speaking(page: Survey, elements: tuple[HtmlElement, ...]) -> tuple[HtmlElement, ...]:
    """The elements without those in which only tools, counters and hints stand, as a second one of
    the same id holds them; all of them where none holds more.
    """
    if len(elements) == 1:
        return elements
    silent = {element for element in elements if not page.spoken.get(element, 0)}
    tools = _tools(page, silent) if silent else frozenset()
    return tuple(element for element in elements if element not in tools) or elements


def _tools(page: Survey, elements: AbstractSet[HtmlElement]) -> AbstractSet[HtmlElement]:
    """Those of the elements of which most lines are of the page's tools."""
    lines: Counter[HtmlElement] = Counter()
    tools: Counter[HtmlElement] = Counter()
    for line in page.lines:
        around = (each for each in (line.element, *line.element.iterancestors()))
        owner = next((each for each in around if each in elements), None)
        if owner is not None and line.text:
            lines[owner] += 1
            tools[owner] += is_tool(line.text)
    return {element for element in tools if tools[element] and tools[element] * 2 >= lines[element]}


def _shows(body: Body) -> bool:
    return any(shows(element) for element in body.elements)


def _holds(element: HtmlElement) -> bool:
    return any(text.strip() for text in element.itertext()) or shows(element)


def _weight(page: Survey, elements: Iterable[HtmlElement]) -> int:
    return sum(page.prose.get(element, 0) for element in elements)


def _size(body: Body) -> int:
    return sum(1 for element in body.elements for _ in element.iter())


def _descent(page: Survey, tree: HtmlElement) -> HtmlElement | None:
    current = tree.find("body")
    current = tree if current is None else current
    weight = page.prose.get(current, 0)
    own = Counter(line.element for line in page.lines)
    while weight:
        heaviest = max(current, key=lambda child: page.prose.get(child, 0), default=None)
        if heaviest is None or heaviest.tag in _LEAVES:
            break
        share = page.prose.get(heaviest, 0)
        is_data = heaviest.tag == "table" and any(
            line.element is heaviest and not line.text for line in page.lines
        )
        if is_data or share < _DESCENT_SHARE * weight:
            break
        if page.spoken.get(heaviest, 0) < page.spoken.get(current, 0):
            break  # a sentence or a table stands beside it
        if _is_paragraph(page, heaviest, current, own):
            break
        current, weight = heaviest, share
    return current if weight else None


def _is_paragraph(page: Survey, element: HtmlElement, around: HtmlElement, own: _Counts) -> bool:
    """Whether the element is one of several paragraphs: it holds a single line, and what stands
    beside it is called as it is, or is text of the element around.
    """
    if not _holds_one_line(page, element, own):
        return False
    alike = (each for each in around if each is not element and _called(each) == _called(element))
    return own[around] > 0 or any(page.size.get(each, 0) for each in alike)


def _holds_one_line(page: Survey, element: HtmlElement, own: _Counts) -> bool:
    while True:
        inner = [child for child in element if page.size.get(child, 0)]
        if own[element] or len(inner) != 1:
            return own[element] == 1 and not inner
        element = inner[0]


def _called(element: HtmlElement) -> tuple[object, str | None, str | None]:
    return element.tag, element.get("id"), element.get("class")
