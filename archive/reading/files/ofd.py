"""OFD files (GB/T 33190-2016): a zip of XML; the text stands in ofd:TextCode elements."""

from collections.abc import Iterator
from itertools import pairwise
from posixpath import dirname, join, normpath
from typing import Final

from lxml import etree

from archive.model.reading import Table
from archive.reading.files.markup import attribute, children, local, parsed
from archive.reading.files.packed import Packed
from archive.reading.files.paragraphs import Line, paragraphs
from archive.reading.files.refusal import RefusedError

_MAX_PAGES: Final = 500


def ofd_blocks(body: bytes) -> list[str | Table]:
    """The paragraphs of an OFD file, all documents and pages in order. Raises RefusedError."""
    packed = Packed(body)
    lines: list[Line] = []
    for number, page in enumerate(_pages(packed)):
        if number >= _MAX_PAGES:
            raise RefusedError("file_too_large", f"more than {_MAX_PAGES} pages")
        lines.extend(_lines(page, number))
    return list(paragraphs(lines))


def _pages(packed: Packed) -> Iterator[etree._Element]:
    index = parsed(packed.read("OFD.xml"), "OFD.xml")
    for root in index.iter("{*}DocRoot"):
        name = _place("", root.text)
        document = parsed(packed.read(name), name)
        for page in document.iter("{*}Page"):
            place = _place(dirname(name), attribute(page, "BaseLoc"))
            yield parsed(packed.read(place), place)


def _place(folder: str, printed: str | None) -> str:
    """A location inside the file: absolute with a slash in front, else beside its referrer."""
    location = (printed or "").strip().replace("\\", "/")
    if location.startswith("/"):
        return normpath(location).lstrip("/")
    return normpath(join(folder, location))


def _lines(page: etree._Element, number: int) -> Iterator[Line]:
    """Text objects that stand at one height make a line."""
    pending: list[Line] = []
    for run in _runs(page, number):
        if pending and not _same_height(pending[-1], run):
            yield _joined(pending)
            pending = []
        pending.append(run)
    if pending:
        yield _joined(pending)


def _runs(page: etree._Element, number: int) -> Iterator[Line]:
    for text in page.iter("{*}TextObject"):
        left, top, width, height = _box(attribute(text, "Boundary"))
        codes = "".join((code.text or "") for code in children(text, "TextCode"))
        if codes.strip() and local(text) == "TextObject":
            yield Line(
                text=codes.strip(), left=left, right=left + width, top=top, bottom=top + height,
                page=number,
            )  # fmt: skip


def _same_height(one: Line, other: Line) -> bool:
    middle = (other.top + other.bottom) / 2
    return one.top <= middle <= one.bottom and other.left >= one.left


def _joined(runs: list[Line]) -> Line:
    text = runs[0].text
    for before, run in pairwise(runs):
        em = max(run.bottom - run.top, 0.1)
        text += (" " if run.left - before.right > em / 2 else "") + run.text
    return Line(
        text=text,
        left=runs[0].left,
        right=max(run.right for run in runs),
        top=min(run.top for run in runs),
        bottom=max(run.bottom for run in runs),
        page=runs[0].page,
    )


def _box(printed: str | None) -> tuple[float, float, float, float]:
    """ST_Box: x y width height in millimetres; zeros when it is none."""
    try:
        left, top, width, height = (float(part) for part in (printed or "")[:200].split())
    except ValueError:
        return 0.0, 0.0, 0.0, 0.0
    return left, top, width, height
