"""A PDF page as pdfium sees it: characters in reading order, and the straight lines drawn on it.

Both come from one parser in one set of coordinates: x to the right, `top` downward, as the page is
shown (its /Rotate applied).
"""

import ctypes
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import pypdfium2
import pypdfium2.raw as pdfium

MAX_CHARACTERS: Final = 40_000
MAX_OBJECTS: Final = 20_000
MAX_RULINGS: Final = 3_000
MAX_SEGMENTS: Final = 60_000
_MAX_FORMS: Final = 3
_THIN: Final = 3.0
_NONSENSE: Final = 6.0
_SHORTEST: Final = 3.0
_DASH: Final = 0.3
_MIN_DASHES: Final = 4
_MAX_GAP: Final = 6.0
_BREAKS: Final = frozenset("\r\n")
_HYPHENS: Final = frozenset("\x02\ufffe")


@dataclass(frozen=True, slots=True, kw_only=True)
class Glyph:
    """A character and the box it takes. A line break is a glyph of text "\\n" without size."""

    text: str
    left: float
    right: float
    top: float
    bottom: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """A straight line along the page: x0 == x1 or top == bottom."""

    x0: float
    x1: float
    top: float
    bottom: float


Turn = Callable[[float, float], tuple[float, float]]


def glyphs(page: pypdfium2.PdfPage) -> list[Glyph]:
    """The characters of a page in pdfium's reading order, with its line breaks and blanks."""
    turn = _turn(page)
    text_page = page.get_textpage()
    try:
        count = min(text_page.count_chars(), MAX_CHARACTERS)
        return [g for g in (_glyph(text_page, n, turn) for n in range(count)) if g is not None]
    finally:
        text_page.close()


def rulings(page: pypdfium2.PdfPage) -> list[Ruling]:
    """The horizontal and vertical lines of a page: strokes, outlines of rectangles, and filled
    rectangles too thin to be an area; a row of dashes is one line. A filled area (shading behind
    text) is none. A program may draw all of them as one path of many segments.
    """
    turn = _turn(page)
    found: list[Ruling] = []
    segments = 0
    for number, drawn in enumerate(page.get_objects(max_depth=_MAX_FORMS)):
        if number >= MAX_OBJECTS or segments >= MAX_SEGMENTS:
            break
        if drawn.type == pdfium.FPDF_PAGEOBJ_PATH:
            count = min(pdfium.FPDFPath_CountSegments(drawn), MAX_SEGMENTS - segments)
            segments += count
            found.extend(_of_path(drawn, count, turn))
    return whole_lines(found)


def whole_lines(found: list[Ruling]) -> list[Ruling]:
    """Lines that are long enough to be one; a row of short ones is a dashed line."""
    long = [ruling for ruling in found if _length(ruling) >= _SHORTEST]
    if len(long) < len(found):
        long += _of_dashes(ruling for ruling in found if _length(ruling) < _SHORTEST)
    return long[:MAX_RULINGS]


def _length(ruling: Ruling) -> float:
    return max(ruling.x1 - ruling.x0, ruling.bottom - ruling.top)


def _of_dashes(short: Iterable[Ruling]) -> Iterator[Ruling]:
    """Lines drawn as dashes: at least four on one line, each a short gap behind the one before."""
    rows: dict[tuple[bool, int], list[tuple[float, float]]] = {}
    for dash in short:
        upright = dash.bottom - dash.top > dash.x1 - dash.x0
        across, along = (
            (dash.x0, (dash.top, dash.bottom)) if upright else (dash.top, (dash.x0, dash.x1))
        )
        rows.setdefault((upright, round(across * 2)), []).append(along)
    for (upright, place), dashes in rows.items():
        for begin, end in _runs(dashes):
            across = place / 2
            yield (
                Ruling(x0=across, x1=across, top=begin, bottom=end)
                if upright
                else Ruling(x0=begin, x1=end, top=across, bottom=across)
            )


def _runs(dashes: Iterable[tuple[float, float]]) -> Iterator[tuple[float, float]]:
    begun, end, count = 0.0, 0.0, 0
    for begin, stop in sorted(dashes):
        if count and begin - end <= _MAX_GAP:
            end, count = max(end, stop), count + 1
            continue
        if count >= _MIN_DASHES:
            yield begun, end
        begun, end, count = begin, stop, 1
    if count >= _MIN_DASHES:
        yield begun, end


def has_pictures(page: pypdfium2.PdfPage) -> bool:
    """Whether a page shows a picture (as a scanned one does)."""
    return any(True for _ in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE], max_depth=2))


def _turn(page: pypdfium2.PdfPage) -> Turn:
    """From the file's coordinates (y upward) to the page as it is shown (top downward)."""
    turns: dict[int, Turn] = {
        90: lambda x, y: (y, x),
        180: lambda x, y: (-x, y),
        270: lambda x, y: (-y, -x),
    }
    return turns.get(page.get_rotation(), lambda x, y: (x, -y))


def _glyph(text_page: pypdfium2.PdfTextPage, number: int, turn: Turn) -> Glyph | None:
    code = pdfium.FPDFText_GetUnicode(text_page, number)
    text = chr(code) if 0 < code < 0x110000 and not 0xD800 <= code < 0xE000 else ""
    if text in _BREAKS:
        return Glyph(text="\n", left=0.0, right=0.0, top=0.0, bottom=0.0) if text == "\n" else None
    if text in _HYPHENS:
        text = "-"
    if not text or (text < " " and text != "\t"):
        return None
    left, bottom, right, top = _char_box(text_page, number)
    (x0, y0), (x1, y1) = turn(left, bottom), turn(right, top)
    return Glyph(
        text=text, left=min(x0, x1), right=max(x0, x1), top=min(y0, y1), bottom=max(y0, y1)
    )


def _char_box(text_page: pypdfium2.PdfTextPage, number: int) -> tuple[float, float, float, float]:
    """The em box, even for a comma; the ink's box where the em box is nonsense (pdfium makes it
    ten times too large for fonts of vertical writing).
    """
    ink: tuple[float, float, float, float] = text_page.get_charbox(number)
    em: tuple[float, float, float, float] = text_page.get_charbox(number, loose=True)
    size = max(ink[2] - ink[0], ink[3] - ink[1], 0.0)
    return ink if em[2] - em[0] > _NONSENSE * size > 0 else em


def _of_path(drawn: pypdfium2.PdfObject, count: int, turn: Turn) -> Iterator[Ruling]:
    stroked, filled = _drawing(drawn)
    if not stroked and not filled:
        return
    yield from lines_of_path(list(_points(drawn, count, turn)), stroked=stroked)


def _drawing(drawn: pypdfium2.PdfObject) -> tuple[bool, bool]:
    fill, stroke = ctypes.c_int(0), ctypes.c_int(0)
    pdfium.FPDFPath_GetDrawMode(drawn, fill, stroke)
    return bool(stroke.value), fill.value != pdfium.FPDF_FILLMODE_NONE


Point = tuple[float, float]


def lines_of_path(points: list[tuple[Point, bool, bool]], *, stroked: bool) -> Iterator[Ruling]:
    """The straight lines along the page that a path draws. points: each with whether a new outline
    begins there, and whether one closes. Not stroked: it is filled, a line where it is thin.
    """
    for outline in _outlines(points):
        yield from _thin_area(outline) if not stroked else _edges(outline)


def _points(
    drawn: pypdfium2.PdfObject, count: int, turn: Turn
) -> Iterator[tuple[Point, bool, bool]]:
    """The path's points as shown: the point, whether a new outline begins, whether one closes."""
    matrix = drawn.get_matrix()
    if drawn.container is not None:
        matrix = matrix.multiply(drawn.container.get_matrix())
    x, y = ctypes.c_float(), ctypes.c_float()
    for number in range(count):
        segment = pdfium.FPDFPath_GetPathSegment(drawn, number)
        pdfium.FPDFPathSegment_GetPoint(segment, x, y)
        begins = pdfium.FPDFPathSegment_GetType(segment) == pdfium.FPDF_SEGMENT_MOVETO
        closes = bool(pdfium.FPDFPathSegment_GetClose(segment))
        yield turn(*matrix.on_point(x.value, y.value)), begins, closes


def _outlines(points: list[tuple[Point, bool, bool]]) -> Iterator[list[Point]]:
    outline: list[Point] = []
    for point, begins, closes in points:
        if begins and outline:
            yield outline
            outline = []
        outline.append(point)
        if closes:
            outline.append(outline[0])
    if outline:
        yield outline


def _edges(outline: list[Point]) -> Iterator[Ruling]:
    for (x0, y0), (x1, y1) in pairwise(outline):
        if abs(x0 - x1) <= 1 and abs(y0 - y1) >= max(_DASH, abs(x0 - x1)):
            middle = (x0 + x1) / 2
            yield Ruling(x0=middle, x1=middle, top=min(y0, y1), bottom=max(y0, y1))
        elif abs(y0 - y1) <= 1 and abs(x0 - x1) >= max(_DASH, abs(y0 - y1)):
            middle = (y0 + y1) / 2
            yield Ruling(x0=min(x0, x1), x1=max(x0, x1), top=middle, bottom=middle)


def _thin_area(outline: list[Point]) -> Iterator[Ruling]:
    """Word draws borders as rectangles half a point thick, filled and not stroked."""
    xs, ys = [x for x, _ in outline], [y for _, y in outline]
    width, height = max(xs) - min(xs), max(ys) - min(ys)
    if min(width, height) > _THIN:
        return
    yield from _edges(_middle_line(xs, ys, lies=width >= height))


def _middle_line(xs: list[float], ys: list[float], *, lies: bool) -> list[Point]:
    if lies:
        middle = (min(ys) + max(ys)) / 2
        return [(min(xs), middle), (max(xs), middle)]
    middle = (min(xs) + max(xs)) / 2
    return [(middle, min(ys)), (middle, max(ys))]
