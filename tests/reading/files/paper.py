"""PDF files made by hand: Chinese text in a font of the Adobe-GB1 collection, tables with lines."""

from tests.reading.files.report import Report, Rows, placed

EM = 10
LINE = 16
LEFT, RIGHT, TOP, BOTTOM = 70, 530, 780, 60
_FONTS = (
    b"<</Type/Font/Subtype/Type0/BaseFont/STSong-Light/Encoding/UniGB-UCS2-H/DescendantFonts[4 0 R]>>",
    (
        b"<</Type/Font/Subtype/CIDFontType0/BaseFont/STSong-Light/DW 1000/CIDSystemInfo"
        b"<</Registry(Adobe)/Ordering(GB1)/Supplement 2>>/FontDescriptor 5 0 R>>"
    ),
    (
        b"<</Type/FontDescriptor/FontName/STSong-Light/Flags 4/FontBBox[0 -200 1000 900]/ItalicAngle 0"
        b"/Ascent 880/Descent -120/CapHeight 880/StemV 90>>"
    ),
)


def text_at(x: float, y: float, text: str) -> str:
    """Shows a line of text that begins at a point (y upward)."""
    return f"BT /F {EM} Tf {x} {y} Td <{text.encode('utf-16-be').hex()}> Tj ET\n"


def pdf(*pages: str, extra: str = "") -> bytes:
    """A PDF of these content streams; `extra` goes into every page's dictionary."""
    objects: list[bytes] = [b"<</Type/Catalog/Pages 2 0 R>>", b"", *_FONTS]
    kids = []
    for page in pages:
        stream = page.encode("ascii")
        objects.append(b"<</Length %d>>stream\n%s\nendstream" % (len(stream), stream))
        kids.append(f"{len(objects) + 1} 0 R")
        objects.append(
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 840]/Contents %d 0 R%s"
            b"/Resources<</Font<</F 3 0 R>>>>>>" % (len(objects), extra.encode())
        )
    objects[1] = f"<</Type/Pages/Count {len(kids)}/Kids[{' '.join(kids)}]>>".encode()
    return _file(objects)


def _file(objects: list[bytes]) -> bytes:
    made = b"%PDF-1.5\n"
    places = []
    for number, content in enumerate(objects, 1):
        places.append(len(made))
        made += b"%d 0 obj%s endobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    head = b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    tail = b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, len(made))
    return made + head + table + tail


class Press:
    """Prints paragraphs and tables down the pages, with page numbers; cuts tables at page ends."""

    def __init__(self, *, drawn: str = "lines", shaded: bool = False) -> None:
        self.pages: list[str] = [""]
        self._y = float(TOP)
        self._drawn = drawn
        self._shaded = shaded
        self._path = ""

    def paragraph(self, text: str, *, centred: bool = False) -> None:
        width = (RIGHT - LEFT) // EM
        text = text if centred else "\u3000\u3000" + text
        for begin in range(0, len(text), width):
            line = text[begin : begin + width]
            x = (LEFT + RIGHT - len(line) * EM) / 2 if centred else LEFT
            bare = line.lstrip("\u3000")
            self._room(LINE)
            if self._shaded:
                self._put(f"1 1 1 rg {LEFT} {self._y - LINE} {RIGHT - LEFT} {LINE} re f 0 g\n")
            self._put(text_at(x + (len(line) - len(bare)) * EM, self._y - 12, bare))
            self._y -= LINE

    def table(self, rows: Rows, widths: list[int]) -> None:
        xs = [LEFT + sum(widths[:n]) for n in range(len(widths) + 1)]
        heights = [self._height(rows, n, widths) for n in range(len(rows))]
        first = 0
        while first < len(rows):
            last = first
            room = self._y - BOTTOM
            while last < len(rows) and sum(heights[first : last + 1]) <= room:
                last += 1
            if last == first:
                self._turn()
                continue
            self._part(rows, xs, heights, first, last)
            self._ink()
            first = last

    def _ink(self) -> None:
        """Draws what one path holds of the part: grids of some programs are a single path."""
        if self._path:
            self._put(self._path + ("S\n" if self._drawn == "one path" else "f\n"))
            self._path = ""

    def done(self) -> bytes:
        return pdf(*self.numbered())

    def numbered(self) -> list[str]:
        """The pages' content streams, each with its page number."""
        return [
            page + text_at(290, 30, f"- {number} -") for number, page in enumerate(self.pages, 1)
        ]

    def _part(self, rows: Rows, xs: list[int], heights: list[float], first: int, last: int) -> None:
        ys = [self._y - sum(heights[first:n]) for n in range(first, last + 1)]
        for text, row, column, height, width in placed(rows):
            begin, end = max(row, first), min(row + height, last)
            if begin >= end:
                continue
            left, right = xs[column], xs[column + width]
            top, bottom = ys[begin - first], ys[end - first]
            self._box(left, bottom, right, top)
            if begin == row:
                self._cell(text, left, right, top)
        self._y = ys[-1] - 2

    def _cell(self, text: str, left: float, right: float, top: float) -> None:
        fit = max(int((right - left - 4) // EM), 1)
        for number, begin in enumerate(range(0, len(text), fit)):
            self._put(text_at(left + 2, top - 11 - number * 12, text[begin : begin + fit]))

    def _box(self, left: float, bottom: float, right: float, top: float) -> None:
        if self._drawn == "one path":
            self._path += f"{left} {bottom} m {right} {bottom} l {right} {top} l {left} {top} l h\n"
        elif self._drawn == "dashes":
            self._dashes(left, bottom, right, top)
        elif self._drawn == "lines":
            for x0, y0, x1, y1 in (
                (left, bottom, right, bottom), (left, top, right, top),
                (left, bottom, left, top), (right, bottom, right, top),
            ):  # fmt: skip
                self._put(f"{x0} {y0} m {x1} {y1} l S\n")
        elif self._drawn == "outlines":
            self._put(f"{left} {bottom} {right - left} {top - bottom} re S\n")
        else:
            for x, y, w, h in (
                (left, bottom, right - left, 0.5), (left, top, right - left, 0.5),
                (left, bottom, 0.5, top - bottom), (right, bottom, 0.5, top - bottom),
            ):  # fmt: skip
                if self._drawn == "one thin path":
                    self._path += f"{x} {y} {w} {h} re\n"
                else:
                    self._put(f"{x} {y} {w} {h} re f\n")

    def _dashes(self, left: float, bottom: float, right: float, top: float) -> None:
        for x in (left, right):
            for y in range(int(bottom), int(top), 4):
                self._put(f"{x} {y} m {x} {min(y + 2, top)} l S\n")
        for y in (bottom, top):
            for x in range(int(left), int(right), 4):
                self._put(f"{x} {y} m {min(x + 2, right)} {y} l S\n")

    def _height(self, rows: Rows, number: int, widths: list[int]) -> float:
        lines = 1
        for text, row, column, height, width in placed(rows):
            if row == number and height == 1:
                fit = max((sum(widths[column : column + width]) - 4) // EM, 1)
                lines = max(lines, -(-len(text) // fit))
        return lines * 12 + 6

    def _put(self, operators: str) -> None:
        self.pages[-1] += operators

    def _room(self, height: float) -> None:
        if self._y - height < BOTTOM:
            self._turn()

    def _turn(self) -> None:
        self.pages.append("")
        self._y = float(TOP)


def printed(report: Report, *, drawn: str = "lines", shaded: bool = False) -> bytes:
    """A whole report as PDF; its third table runs over a page's end."""
    return pdf(*streams(report, drawn=drawn, shaded=shaded))


def streams(report: Report, *, drawn: str = "lines", shaded: bool = False) -> list[str]:
    """What `printed` shows on each page, as content streams of a PDF."""
    press = Press(drawn=drawn, shaded=shaded)
    for text in report.paragraphs[:2]:
        press.paragraph(text, centred=True)
    for text in report.paragraphs[2:]:
        press.paragraph(text)
    for rows, heading, widths in zip(
        report.tables,
        (
            "二、主动公开政府信息情况",
            "三、收到和处理政府信息公开申请情况",
            "四、行政复议、行政诉讼情况",
        ),
        ([160, 100, 100, 100], [50, 60, 70, *[40] * 7], [30] * 15),
        strict=True,
    ):
        press.paragraph(heading)
        press.table(rows, widths)
    press.paragraph(report.end)
    return press.numbered()
