"""OFD files (GB/T 33190-2016): a zip of XML with a part for each page."""

from collections.abc import Iterator
from posixpath import dirname, join, normpath
from typing import Final

from lxml import etree

from archive.model.reading import Table
from archive.reading.files.markup import attribute, parsed
from archive.reading.files.ofd_page import has_pictures, printed, ruled
from archive.reading.files.packed import Packed
from archive.reading.files.pdf import laid_out
from archive.reading.files.put_together import Part, put_together
from archive.reading.files.refusal import RefusedError

_MAX_PAGES: Final = 500


def ofd_blocks(body: bytes) -> list[str | Table]:
    """Paragraphs and tables of an OFD file, all documents and pages in order. Raises RefusedError:
    damaged, too many pages, or nothing but pictures.
    """
    pictures = False
    pages: list[list[Part]] = []
    for number, page in enumerate(_pages(Packed(body))):
        if number >= _MAX_PAGES:
            raise RefusedError("file_too_large", f"more than {_MAX_PAGES} pages")
        parts = laid_out(ruled(page), printed(page), number)
        pictures = pictures or (not parts and has_pictures(page))
        pages.append(parts)
    if pictures and not any(pages):
        raise RefusedError("image_only", "the OFD holds pictures and no text")
    return [block.content for block in put_together(pages)]


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
