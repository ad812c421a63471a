"""A page of an OFD file: its characters in the file's order, and the straight lines drawn on it.

In points, as those of a PDF (archive.reading.files.pdf_page); the file's unit is the millimetre.
An object has a box on the page (Boundary), and within it coordinates of its own, which a matrix
(CTM) may turn (GB/T 33190-2016, 8.5, 9.1 and 11.3).
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from math import hypot, isfinite
from typing import Final

from lxml import etree

from archive.reading.files.markup import attribute, children
from archive.reading.files.pdf_page import (
    MAX_CHARACTERS,
    MAX_OBJECTS,
    MAX_SEGMENTS,
    Glyph,
    Point,
    Ruling,
    lines_of_path,
    whole_lines,
)

_POINTS: Final = 72 / 25.4  # to the millimetre
_FARTHEST: Final = 100_000.0
_ABOVE: Final = 0.85  # of a character above its base line
_MAX_SPELLED: Final = 2_000_000
_TOKEN: Final = re.compile(r"[A-Za-z]|[-+.0-9][-+.0-9eE]*")
_POINT_VALUES: Final = {"S": 2, "M": 2, "L": 2, "Q": 4, "B": 6, "A": 7, "C": 0}
_BREAK: Final = Glyph(text="\n", left=0.0, right=0.0, top=0.0, bottom=0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """From an object's own coordinates to the page's, in points."""

    left: float
    top: float
    width: float
    height: float
    matrix: tuple[float, ...]

    @classmethod
    def of(cls, drawn: "etree._Element") -> "_Place":
        box = _numbers(attribute(drawn, "Boundary"))
        matrix = _numbers(attribute(drawn, "CTM"))
        left, top, width, height = box if len(box) == 4 else (0.0, 0.0, 0.0, 0.0)
        own = tuple(matrix) if len(matrix) == 6 else (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
        return cls(left=left, top=top, width=width, height=height, matrix=own)

    def point(self, x: float, y: float) -> Point:
        a, b, c, d, e, f = self.matrix
        return (
            (self.left + a * x + c * y + e) * _POINTS,
            (self.top + b * x + d * y + f) * _POINTS,
        )

    @property
    def wide(self) -> float:
        """How much wider things are on the page than by the object's own numbers."""
        return hypot(self.matrix[0], self.matrix[1])

    @property
    def high(self) -> float:
        return hypot(self.matrix[2], self.matrix[3])


def printed(page: "etree._Element") -> list[Glyph]:
    """The characters of a page; objects that do not stand side by side are parted by a line break,
    those with a gap between them by a blank.
    """
    found: list[Glyph] = []
    last: Glyph | None = None
    for text in islice(page.iter("{*}TextObject"), MAX_OBJECTS):
        for run in _runs(text):
            if last is not None:
                found.extend(_between(last, run[0]))
            found.extend(run)
            last = run[-1]
        if len(found) >= MAX_CHARACTERS:
            break
    return found[:MAX_CHARACTERS]


def ruled(page: "etree._Element") -> list[Ruling]:
    """The horizontal and vertical lines of a page, as `pdf_page.rulings` has those of a PDF."""
    found: list[Ruling] = []
    segments = 0
    for path in islice(page.iter("{*}PathObject"), MAX_OBJECTS):
        stroked = attribute(path, "Stroke") != "false"
        if not stroked and attribute(path, "Fill") != "true":
            continue
        place = _Place.of(path)
        spelled = next((data.text or "" for data in children(path, "AbbreviatedData")), "")
        points = list(islice(_points(spelled, place), max(MAX_SEGMENTS - segments, 0)))
        segments += len(points)
        found.extend(lines_of_path(points, stroked=stroked))
    return whole_lines(found)


def has_pictures(page: "etree._Element") -> bool:
    """Whether a page shows a picture (as a scanned one does)."""
    return next(page.iter("{*}ImageObject"), None) is not None


def _between(last: Glyph, following: Glyph) -> tuple[Glyph, ...]:
    em = max(last.bottom - last.top, 0.1)
    middle = (following.top + following.bottom) / 2
    if not last.top <= middle <= last.bottom or following.left < last.left:
        return (_BREAK,)
    gap = following.left - last.right
    return (_blank(last, following),) if gap > em / 2 else ()


def _blank(last: Glyph, following: Glyph) -> Glyph:
    return Glyph(text=" ", left=last.right, right=following.left, top=last.top, bottom=last.bottom)


def _runs(text: "etree._Element") -> Iterator[list[Glyph]]:
    """The characters of each TextCode of an object; by the object's box where they say no place."""
    place = _Place.of(text)
    size = _number(attribute(text, "Size"))
    codes = list(islice(children(text, "TextCode"), MAX_CHARACTERS))
    if size is None or any(_number(attribute(code, "X")) is None for code in codes[:1]):
        whole = "".join(code.text or "" for code in codes).strip()
        if whole:
            yield _spread(whole, place)
        return
    x, y = 0.0, 0.0
    for code in codes:
        said = attribute(code, "X"), attribute(code, "Y")
        x, y = (
            each if each is not None else before
            for each, before in zip(map(_number, said), (x, y), strict=True)
        )
        run = _set(code, place, size, (x, y))
        if run:
            yield run


def _spread(whole: str, place: _Place) -> list[Glyph]:
    """Characters side by side that fill the object's box."""
    whole = whole[:MAX_CHARACTERS]
    width = place.width / len(whole)
    return [
        Glyph(
            text=character,
            left=(place.left + width * number) * _POINTS,
            right=(place.left + width * (number + 1)) * _POINTS,
            top=place.top * _POINTS,
            bottom=(place.top + place.height) * _POINTS,
        )
        for number, character in enumerate(whole)
    ]


def _set(
    code: "etree._Element", place: _Place, size: float, start: tuple[float, float]
) -> list[Glyph]:
    """Characters at the steps that their TextCode says; where it says none, over the rest of the
    object's box.
    """
    characters = (code.text or "")[:MAX_CHARACTERS]
    x, y = start
    rest = max(place.width / (place.wide or 1.0) - x, size) / max(len(characters), 1)
    steps = _steps(attribute(code, "DeltaX"), len(characters)) or [min(rest, size)] * len(
        characters
    )
    falls = _steps(attribute(code, "DeltaY"), len(characters))
    high, wide = size * place.high * _POINTS, size * place.wide * _POINTS
    made: list[Glyph] = []
    for number, character in enumerate(characters):
        left, base = place.point(x, y)
        step = steps[number] if number < len(steps) else size / (2 if character.isascii() else 1)
        made.append(
            Glyph(
                text=character,
                left=left,
                right=left + (min(step * place.wide * _POINTS, wide) if step > 0 else wide),
                top=base - _ABOVE * high,
                bottom=base + (1 - _ABOVE) * high,
            )
        )
        x += step
        y += falls[number] if number < len(falls) else 0.0
    return _trimmed(made)


def _trimmed(made: list[Glyph]) -> list[Glyph]:
    solid = [number for number, glyph in enumerate(made) if glyph.text.strip()]
    return made[solid[0] : solid[-1] + 1] if solid else []


def _steps(spelled: str | None, count: int) -> list[float]:
    """The numbers of a DeltaX or DeltaY, in which `g n v` stands for n times v; at most `count`."""
    words = iter((spelled or "")[:_MAX_SPELLED].split())
    steps: list[float] = []
    for word in words:
        if len(steps) >= count:
            break
        if word != "g":
            steps.append(_number(word) or 0.0)
            continue
        times, value = _number(next(words, None)) or 0.0, _number(next(words, None)) or 0.0
        steps += [value] * int(min(max(times, 0.0), count))
    return steps[:count]


def _points(spelled: str, place: _Place) -> Iterator[tuple[Point, bool, bool]]:
    """The path's points: each, whether a new outline begins there, whether one closes. A curve ends
    an outline; the next begins where it leads to.
    """
    tokens = [token.group() for token in _TOKEN.finditer(spelled[:_MAX_SPELLED])]
    at, here, begun = 0, (0.0, 0.0), False
    while at < len(tokens):
        operator = tokens[at]
        count = _POINT_VALUES.get(operator)
        values = [_number(token) for token in tokens[at + 1 : at + 1 + (count or 0)]]
        if count is None or len(values) < count or any(value is None for value in values):
            at += 1
            continue
        at += 1 + count
        if operator == "C":
            if begun:
                yield place.point(*here), False, True
            continue
        here = (values[-2] or 0.0, values[-1] or 0.0)
        begins = operator != "L"
        yield place.point(*here), begins, False
        begun = True


def _numbers(spelled: str | None) -> Sequence[float]:
    """The numbers of an ST_Box or ST_Array; none where one of them is none."""
    values = [_number(part) for part in (spelled or "")[:200].split()]
    return [value for value in values if value is not None] if None not in values else ()


def _number(spelled: str | None) -> float | None:
    try:
        value = float(spelled or "")
    except ValueError:
        return None
    return value if isfinite(value) and abs(value) <= _FARTHEST else None
