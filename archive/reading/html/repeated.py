"""Pages that carry their text twice, once for telephones, nearly alike: the text is read once."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from itertools import islice

from lxml.html import HtmlElement

from archive.codebook.containers import containers, words_of
from archive.codebook.phrases import squeezed
from archive.reading.html.blocks import Block

_LEAST = 12  # characters of a sentence
_PREFIX = 16
_FEWEST = 3
_ALIKE = 0.8
_COVERS = 0.5
_MAX_LEVELS = 60
_MAX_LINES = 3_000
_MAX_COPIES = 4
_PHONE = frozenset({"wap", "mobile", "phone", "m", "sj", "xs", "app", "h5", "tablet", "pad"})

_Sentences = Mapping[HtmlElement, AbstractSet[str]]


def copies_of(lines: Sequence[Block], tree: HtmlElement) -> tuple[HtmlElement, ...]:
    """The elements that repeat, nearly alike, what stands elsewhere on the page; of several copies
    all but the one for which its name and its place speak.
    """
    if not _may_repeat(lines):
        return ()
    said = _sentences(lines)
    found: list[HtmlElement] = []
    current: HtmlElement | None = tree
    for _ in range(_MAX_LEVELS):
        if current is None:
            break
        children = [child for child in current if said.get(child)]
        while len(found) < _MAX_COPIES and (copy := _copy_among(children, said)) is not None:
            found.append(copy)
            children.remove(copy)
        current = max(children, key=lambda child: len(said[child]), default=None)
    return tuple(found)


def without_copies(
    lines: Sequence[Block], copies: AbstractSet[HtmlElement]
) -> tuple[list[Block], list[Block]]:
    """The lines outside of copies; and what only a copy says, which is no copy of anything."""
    inside = [line for line in lines if _lies_in(line, copies)]
    gone = set(inside)
    kept = [line for line in lines if line not in gone]
    said = squeezed("\n".join(line.text or _words(line) for line in kept))
    sentences = {line.text for line in kept if line.text}
    others = [line for line in inside if line.text not in sentences]
    looked_up = others[:_MAX_LINES]
    alone = [line for line in looked_up if squeezed(line.text or _words(line)) not in said]
    return kept, alone + others[_MAX_LINES:]


def _lies_in(line: Block, copies: AbstractSet[HtmlElement]) -> bool:
    return line.element in copies or any(outer in copies for outer in line.element.iterancestors())


def _words(line: Block) -> str:
    return "".join(line.element.itertext())


def _may_repeat(lines: Iterable[Block]) -> bool:
    begins = Counter(
        line.text[:_PREFIX]
        for line in lines
        if len(line.text) > _PREFIX and not line.linked and "。" in line.text
    )
    return bool(begins) and max(begins.values()) > 1


def _sentences(lines: Iterable[Block]) -> dict[HtmlElement, set[str]]:
    said: dict[HtmlElement, set[str]] = {}
    for line in islice((line for line in lines if "。" in line.text), _MAX_LINES):
        if line.linked:
            continue
        sentences = {each for each in squeezed(line.text).split("。") if len(each) >= _LEAST}
        for element in (line.element, *line.element.iterancestors()) if sentences else ():
            said.setdefault(element, set()).update(sentences)
    return said


def _copy_among(children: Sequence[HtmlElement], said: _Sentences) -> HtmlElement | None:
    candidates = [child for child in children if _is_copy(child, children, said)]
    return min(candidates, key=_claim, default=None)


def _is_copy(child: HtmlElement, children: Sequence[HtmlElement], said: _Sentences) -> bool:
    own = said[child]
    if len(own) < _FEWEST:
        return False
    others: set[str] = set()
    for other in children:
        if other is not child:
            others |= said[other]
    return len(own & others) >= _ALIKE * len(own) and len(own) >= _COVERS * len(others)


def _claim(element: HtmlElement) -> tuple[bool, bool, int]:
    """How much speaks for an element as the text itself: the least is the copy."""
    names = [
        name
        for each in (element, *element.iterdescendants())
        for name in (each.get("id"), each.get("class"))
        if name
    ]
    certain = containers().certain
    named = any(not certain.isdisjoint(name.split()) for name in names)
    own = f"{element.get('id') or ''} {element.get('class') or ''}"
    place = -len(list(element.itersiblings(preceding=True)))
    return named, _PHONE.isdisjoint(words_of(own)), place
