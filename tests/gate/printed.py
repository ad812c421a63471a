"""A known report printed as pictures of pages: fonts, sizes, and what scanners and phones do."""

import io
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image, ImageChops, ImageDraw, ImageEnhance, ImageFilter, ImageFont

from tests.reading.files.report import Report, Rows, placed

FONTS = {
    "hei": Path("/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc"),
    "microhei": Path("/usr/share/fonts/truetype/wqy/wqy-microhei.ttc"),
    "song": Path("/usr/share/fonts/truetype/arphic/uming.ttc"),
}
_INCH = 25.4
_WIDTHS = {4: (60, 40, 40, 40), 10: (14, 26, 55, *(12,) * 7), 15: (11.5,) * 15}
_MARGIN = 18


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """How a report is printed and what becomes of the paper. points: of its letters; skew: degrees;
    turned: quarters clockwise; jpeg: quality, None for PNG. lines: of the tables, "all", those
    around heads and tables ("head"), or "none".
    """

    font: str = "song"
    dpi: int = 150
    points: float = 10.5
    skew: float = 0.0
    turned: int = 0
    blur: float = 0.0
    noise: int = 0
    jpeg: int | None = None
    stamp: bool = False
    shaded: bool = False
    fax: bool = False
    photo: bool = False
    lines: str = field(default="all", repr=False)  # the paper is worn as that with lines


def is_here(style: Style) -> bool:
    """Whether this machine has the font."""
    return FONTS[style.font].exists()


def pictures(made: Report, style: Style, seed: int = 0) -> list[bytes]:
    """The pages of a report as files, the same each time."""
    rng = random.Random(f"{seed} {style}")
    return [_file(_worn(page, style, rng), style) for page in _Press(style).pages(made)]


@dataclass(slots=True)
class _Press:
    style: Style
    done: list[Image.Image] = field(default_factory=list)
    top: float = 0.0

    def pages(self, made: Report) -> list[Image.Image]:
        self._new_page()
        for number, text in enumerate(made.paragraphs):
            self._paragraph(text, middle=number < 2)
        for heading, rows in zip("二三四", made.tables, strict=True):
            self._paragraph(f"{heading}、{_HEADINGS[heading]}", middle=False)
            self._table(rows)
        self._paragraph(made.end, middle=False)
        return self.done

    def mm(self, length: float) -> int:
        return round(length / _INCH * self.style.dpi)

    def _font(self, points: float) -> ImageFont.FreeTypeFont:
        return ImageFont.truetype(str(FONTS[self.style.font]), round(points / 72 * self.style.dpi))

    def _new_page(self) -> None:
        self.done.append(Image.new("RGB", (self.mm(210), self.mm(297)), "white"))
        self.top = self.mm(_MARGIN)

    def _room(self, height: float) -> None:
        if self.top + height > self.mm(297 - _MARGIN):
            self._new_page()

    def _paragraph(self, text: str, *, middle: bool) -> None:
        font = self._font(self.style.points * (1.5 if middle else 1.15))
        lines = wrapped(text if middle else "\u3000\u3000" + text, font, self.mm(174))
        for line in lines:
            self._room(font.size * 1.6)
            left = (self.mm(210) - font.getlength(line)) / 2 if middle else self.mm(_MARGIN)
            ImageDraw.Draw(self.done[-1]).text((left, self.top), line, "black", font)
            self.top += font.size * 1.6

    def _table(self, rows: Rows) -> None:
        cells = placed(rows)
        columns = max(column + wide for _, _, column, _, wide in cells)
        widths = _WIDTHS[columns]
        edges = [self.mm(_MARGIN + sum(widths[:n])) for n in range(columns + 1)]
        font = self._font(self.style.points * (0.85 if columns > 4 else 1))
        heights = self._heights(cells, edges, font)
        first = 0
        while first < len(heights):
            last = self._fitting(heights, first)
            cells = self._rows(cells, edges, heights, font, (first, last))
            first = last
        self.top += self.mm(4)

    def _heights(self, cells: list, edges: list[int], font: ImageFont.FreeTypeFont) -> list[float]:
        heights = [font.size * 1.9] * (1 + max(row for _, row, *_ in cells))
        for text, row, column, high, wide in cells:
            if high == 1:
                lines = wrapped(text, font, edges[column + wide] - edges[column] - font.size / 2)
                heights[row] = max(heights[row], font.size * (0.6 + 1.25 * len(lines)))
        return heights

    def _fitting(self, heights: list[float], first: int) -> int:
        self._room(sum(heights[first : first + 4]))
        room = self.mm(297 - _MARGIN) - self.top
        last = first
        while last < len(heights) and sum(heights[first : last + 1]) <= room:
            last += 1
        return max(last, first + 1)

    def _rows(
        self,
        cells: list,
        edges: list[int],
        heights: list[float],
        font: ImageFont.FreeTypeFont,
        span: tuple[int, int],
    ) -> list:
        """The rows of a span. A cell that reaches over its end stands on both pages; the cells that
        come back have the text for which this page has no room.
        """
        first, last = span
        tops = [round(self.top + sum(heights[first:row])) for row in range(first, last + 1)]
        draw = ImageDraw.Draw(self.done[-1])
        thick = max(1, self.mm(0.15))
        left = []
        for text, row, column, high, wide in cells:
            begin, end = max(row, first), min(row + high, last)
            if begin >= end:
                left.append((text, row, column, high, wide))
                continue
            box = (edges[column], tops[begin - first], edges[column + wide], tops[end - first])
            fill = "#c6d9f1" if self.style.shaded and wide == 4 else None
            line = "black" if self.style.lines == "all" else None
            draw.rectangle(box, fill=fill, outline=line, width=thick)
            rest = self._cell(draw, text, box, font, ends=end == row + high)
            left.append((rest, row, column, high, wide))
        if self.style.lines == "head":
            body = next(row for _, row, _, _, _ in cells if _is_data(cells, row))
            for row in {first, min(max(body, first), last), last}:
                ends_ = (edges[0], tops[row - first], edges[-1], tops[row - first])
                draw.line(ends_, fill="black", width=thick)
        self.top = float(tops[-1])
        if last < len(heights):
            self._new_page()
        return left

    def _cell(
        self,
        draw: ImageDraw.ImageDraw,
        text: str,
        box: tuple[int, int, int, int],
        font: ImageFont.FreeTypeFont,
        *,
        ends: bool,
    ) -> str:
        """Prints the text of a cell; what comes back is for its part on the next page."""
        left, top, right, bottom = box
        if right - left < 2.2 * font.size and bottom - top > 8 * font.size:
            lines = list(text)  # down the cell, as 三、本年度办理结果 stands
        else:
            wide = right - left - font.size / 2
            lines = wrapped(text, font, wide)
        high = font.size * 1.25
        room = len(lines) if ends else int((bottom - top) / high)
        y = (top + bottom) / 2 - high * min(len(lines), room) / 2
        is_label = len(text) > 6
        for line in lines[:room]:
            x = left + font.size / 4 if is_label else (left + right - font.getlength(line)) / 2
            draw.text((x, y), line, "black", font)
            y += high
        return "".join(lines[room:])


def _is_data(cells: list, row: int) -> bool:
    return any(text.isdigit() for text, first, *_ in cells if first == row)


_HEADINGS = {
    "二": "主动公开政府信息情况",
    "三": "收到和处理政府信息公开申请情况",
    "四": "政府信息公开行政复议、行政诉讼情况",
}


def wrapped(text: str, font: ImageFont.FreeTypeFont, width: float) -> list[str]:
    """Text broken where a line is full and where it says so; a number is never broken."""
    lines = [""]
    for piece in _pieces(text):
        if piece == "\n":
            lines.append("")
            continue
        if lines[-1] and font.getlength(lines[-1] + piece) > width:
            lines.append("")
        lines[-1] += piece
    return lines


def _pieces(text: str) -> Iterator[str]:
    number = ""
    for character in text:
        if character.isascii() and character.isdigit():
            number += character
            continue
        if number:
            yield number
            number = ""
        yield character
    if number:
        yield number


def _worn(page: Image.Image, style: Style, rng: random.Random) -> Image.Image:
    if style.stamp:
        page = _stamped(page, rng)
    if style.photo:
        page = _photographed(page, rng)
    if style.skew:
        page = page.rotate(-style.skew, Image.Resampling.BICUBIC, fillcolor="white")
    if style.blur:
        page = page.filter(ImageFilter.GaussianBlur(style.blur))
    if style.noise:
        page = _noisy(page, style.noise, rng)
    if style.fax:
        page = page.convert("L").point(lambda grey: 255 * (grey > 150)).convert("1")
    if style.turned:
        page = page.rotate(-90 * style.turned, expand=True)
    return page


def _noisy(page: Image.Image, spread: int, rng: random.Random) -> Image.Image:
    """Every pixel a little brighter or darker."""
    bytes_ = rng.randbytes(page.width * page.height)
    grain = Image.frombytes("L", page.size, bytes_).point(lambda byte: byte * spread // 128)
    grain = Image.merge("RGB", (grain,) * 3)
    return ImageChops.subtract(
        ImageChops.add(page, grain), Image.new("RGB", page.size, (spread,) * 3)
    )


def _stamped(page: Image.Image, rng: random.Random) -> Image.Image:
    """A red seal over the text, as ink that lets it through."""
    wide = page.width
    across = round(wide * 0.19)
    left, top = (
        rng.randrange(wide // 3, wide * 3 // 4),
        rng.randrange(page.height // 4, page.height // 2),
    )
    layer = Image.new("RGB", page.size, "white")
    draw = ImageDraw.Draw(layer)
    box = (left, top, left + across, top + across)
    draw.ellipse(box, outline=(220, 40, 40), width=max(3, across // 28))
    middle, high = left + across / 2, top + across / 2
    draw.regular_polygon((middle, high, across / 6), 5, fill=(220, 40, 40))
    return ImageChops.multiply(page, layer)


def _photographed(page: Image.Image, rng: random.Random) -> Image.Image:
    """From a little aside, on a table, with light from one side."""
    wide, high = page.size
    depth = [rng.uniform(0.0, 0.025) for _ in range(8)]
    corners = [
        (-depth[0] * wide, -depth[1] * high),
        (-depth[2] * wide, high * (1 + depth[3])),
        (wide * (1 + depth[4]), high * (1 + depth[5])),
        (wide * (1 + depth[6]), -depth[7] * high),
    ]
    flat = [side for corner in corners for side in corner]
    page = page.transform(
        page.size, Image.Transform.PERSPECTIVE, _coefficients(corners, wide, high),
        Image.Resampling.BICUBIC, fillcolor=(70, 60, 50),
    ) if flat else page  # fmt: skip
    light = Image.linear_gradient("L").resize(page.size).point(lambda grey: 175 + grey * 80 // 255)
    return ImageEnhance.Contrast(ImageChops.multiply(page, light.convert("RGB"))).enhance(0.9)


def _coefficients(corners: list[tuple[float, float]], wide: int, high: int) -> list[float]:
    """Of the transformation that brings the picture's corners to those places of the page."""
    import numpy as np

    shown = [(0, 0), (0, high), (wide, high), (wide, 0)]
    rows, values = [], []
    for (x, y), (u, v) in zip(shown, corners, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        values += [u, v]
    return list(np.linalg.solve(np.array(rows, float), np.array(values, float)))


def _file(page: Image.Image, style: Style) -> bytes:
    made = io.BytesIO()
    if style.jpeg is not None:
        page.convert("RGB").save(made, "JPEG", quality=style.jpeg, dpi=(style.dpi, style.dpi))
    else:
        page.save(made, "PNG", dpi=(style.dpi, style.dpi))
    return made.getvalue()
