"""PDF files: paragraphs and tables in order, read by pdfium."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import pypdfium2
import pypdfium2.raw as pdfium

from archive.model.reading import Table
from archive.reading.files.paragraphs import Line, Margins, is_page_number, joined
from archive.reading.files.pdf_cells import Ruled, deal_out, ruled_tables
from archive.reading.files.pdf_joined import belongs_below, joined_below, laid_out
from archive.reading.files.pdf_page import Glyph, glyphs, has_pictures, rulings
from archive.reading.files.refusal import RefusedError

MAX_PAGES: Final = 400
_PASSWORD: Final = pdfium.FPDF_ERR_PASSWORD
_MIN_RULINGS: Final = 4
_APART: Final = 0.5

Part = Line | Ruled


def pdf_blocks(body: bytes) -> list[str | Table]:
    """Paragraphs and tables of a PDF. Raises RefusedError: damaged, encrypted, too many pages,
    or nothing but pictures.
    """
    try:
        document = pypdfium2.PdfDocument(body)
    except pypdfium2.PdfiumError as error:
        raise _refused(error) from None
    try:
        return _blocks(document)
    except pypdfium2.PdfiumError as error:
        raise RefusedError("file_damaged", "a page of the PDF is damaged", str(error)) from None
    finally:
        document.close()


def _refused(error: pypdfium2.PdfiumError) -> RefusedError:
    if getattr(error, "err_code", None) == _PASSWORD or "password" in str(error).lower():
        return RefusedError("file_encrypted", "the PDF is protected by a password")
    return RefusedError("file_damaged", "the PDF is damaged", str(error))


def _blocks(document: pypdfium2.PdfDocument) -> list[str | Table]:
    if len(document) > MAX_PAGES:
        raise RefusedError("file_too_large", f"the PDF has more than {MAX_PAGES} pages")
    pictures = False
    pages: list[list[Part]] = []
    for number in range(len(document)):
        page = document[number]
        parts = _parts(page, number)
        pictures = pictures or (not parts and has_pictures(page))
        pages.append(parts)
        page.close()
    if pictures and not any(pages):
        raise RefusedError("image_only", "the PDF holds pictures and no text")
    return list(_put_together(_over_pages(pages)))


def _parts(page: pypdfium2.PdfPage, number: int) -> list[Part]:
    """Lines and tables of a page in reading order, its page number left out."""
    drawn = rulings(page)
    tables = ruled_tables(drawn) if len(drawn) >= _MIN_RULINGS else []
    parts = list(_lines(deal_out(tables, glyphs(page)), number))
    lines = [part for part in parts if isinstance(part, Line)]
    if not lines:
        return parts
    edges = (min(lines, key=lambda line: line.top), max(lines, key=lambda line: line.top))
    dropped = [line for line in edges if is_page_number(line.text)]
    return [part for part in parts if not any(part is line for line in dropped)]


def _lines(stream: Iterable[Glyph | Ruled], page: int) -> Iterator[Part]:
    pending: list[Glyph] = []
    for part in stream:
        if isinstance(part, Glyph) and part.text != "\n":
            if pending and _is_apart(pending[-1], part):
                yield from _line(pending, page)
                pending = []
            pending.append(part)
            continue
        yield from _line(pending, page)
        pending = []
        if isinstance(part, Ruled):
            yield part
    yield from _line(pending, page)


def _is_apart(one: Glyph, other: Glyph) -> bool:
    """Whether a character stands clear above or below the one before (pdfium breaks the line in
    most such places, not in all).
    """
    if not (one.text.strip() and other.text.strip()):
        return False
    return max(one.top, other.top) - min(one.bottom, other.bottom) > _APART * (one.bottom - one.top)


def _line(run: Sequence[Glyph], page: int) -> Iterator[Line]:
    text = " ".join("".join(glyph.text for glyph in run).split())
    solid = [glyph for glyph in run if glyph.text.strip()]
    if text:
        yield Line(
            text=text,
            left=min(glyph.left for glyph in solid),
            right=max(glyph.right for glyph in solid),
            top=min(glyph.top for glyph in solid),
            bottom=max(glyph.bottom for glyph in solid),
            page=page,
        )


def _over_pages(pages: Sequence[Sequence[Part]]) -> Iterator[Part]:
    """All parts in order; a table at a page's head joins the one at the foot of the last page."""
    held: Ruled | None = None
    for parts in pages:
        for number, part in enumerate(parts):
            if held is not None:
                if number == 0 and isinstance(part, Ruled) and belongs_below(held, part):
                    held = joined_below(held, part)
                    continue
                yield held
                held = None
            if isinstance(part, Ruled):
                held = part
            else:
                yield part
    if held is not None:
        yield held


def _put_together(parts: Iterable[Part]) -> Iterator[str | Table]:
    everything = list(parts)
    margins = Margins.of([part for part in everything if isinstance(part, Line)])
    text = ""
    before: Line | None = None
    for part in everything:
        if isinstance(part, Line) and before is not None and margins.goes_on(before, part):
            text = joined(text, part.text)
        else:
            if text:
                yield text
            text = part.text if isinstance(part, Line) else ""
        if isinstance(part, Ruled):
            yield laid_out(part)
        before = part if isinstance(part, Line) else None
    if text:
        yield text
