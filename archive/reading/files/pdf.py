"""PDF files: paragraphs and tables in order, read by pdfium."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import MappingProxyType
from typing import Final

import pypdfium2
import pypdfium2.raw as pdfium

from archive.model.reading import Table
from archive.reading.files.paragraphs import Line
from archive.reading.files.pdf_cells import Ruled, deal_out, ruled_tables
from archive.reading.files.pdf_layer import Layer, layer_of
from archive.reading.files.pdf_page import Glyph, Ruling, glyphs, has_pictures, rulings
from archive.reading.files.put_together import Part, put_together, without_page_number
from archive.reading.files.refusal import RefusedError

MAX_PAGES: Final = 400
_PASSWORD: Final = pdfium.FPDF_ERR_PASSWORD
_MIN_RULINGS: Final = 4
_APART: Final = 0.5
_NOTHING: Final[Mapping[int, list[Part]]] = MappingProxyType({})


def pdf_blocks(body: bytes, seen: Mapping[int, list[Part]] = _NOTHING) -> list[str | Table]:
    """Paragraphs and tables of a PDF. seen: by page (from 0) what stands on it instead of its text
    layer. Raises RefusedError: damaged, encrypted, too many pages, or nothing but pictures.
    """
    with opened(body) as document:
        return _blocks(document, seen)


def pages_to_look_at(body: bytes) -> list[int]:
    """The pages (from 0) whose text layer says nothing, or not what they show, or that lie as a
    picture under their text. Raises RefusedError as `pdf_blocks` does.
    """
    with opened(body) as document:
        numbers = range(min(len(document), MAX_PAGES))
        return [n for n in numbers if layer_of(document[n]) is not Layer.GOOD]


def covered_pages(body: bytes) -> list[int]:
    """The pages (from 0) that have a text layer over a picture of them. Raises RefusedError."""
    with opened(body) as document:
        numbers = range(min(len(document), MAX_PAGES))
        return [n for n in numbers if layer_of(document[n]) is Layer.COVERED]


@contextmanager
def opened(body: bytes) -> Iterator[pypdfium2.PdfDocument]:
    """A PDF, closed in the end. Raises RefusedError where it or a page of it cannot be read."""
    try:
        document = pypdfium2.PdfDocument(body)
    except pypdfium2.PdfiumError as error:
        raise _refused(error) from None
    try:
        yield document
    except pypdfium2.PdfiumError as error:
        raise RefusedError("file_damaged", "a page of the PDF is damaged", str(error)) from None
    finally:
        document.close()


def _refused(error: pypdfium2.PdfiumError) -> RefusedError:
    if getattr(error, "err_code", None) == _PASSWORD or "password" in str(error).lower():
        return RefusedError("file_encrypted", "the PDF is protected by a password")
    return RefusedError("file_damaged", "the PDF is damaged", str(error))


def _blocks(document: pypdfium2.PdfDocument, seen: Mapping[int, list[Part]]) -> list[str | Table]:
    if len(document) > MAX_PAGES:
        raise RefusedError("file_too_large", f"the PDF has more than {MAX_PAGES} pages")
    pictures = False
    pages: list[list[Part]] = []
    for number in range(len(document)):
        page = document[number]
        parts = seen[number] if number in seen else page_parts(page, number)
        pictures = pictures or (not parts and has_pictures(page))
        pages.append(parts)
        page.close()
    if pictures and not any(pages):
        raise RefusedError("image_only", "the PDF holds pictures and no text")
    return [block.content for block in put_together(pages)]


def page_parts(page: pypdfium2.PdfPage, number: int) -> list[Part]:
    """Lines and tables of a page in reading order, its page number left out."""
    return laid_out(rulings(page), glyphs(page), number)


def laid_out(drawn: Sequence[Ruling], printed: Iterable[Glyph], number: int) -> list[Part]:
    """As `page_parts`, of the straight lines and characters of a page, in points."""
    tables = ruled_tables(drawn) if len(drawn) >= _MIN_RULINGS else []
    return without_page_number(list(_lines(deal_out(tables, printed), number)))


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
