"""OFD files (GB/T 33190-2016): a zip of XML with a part for each page."""

from collections.abc import Iterable, Iterator
from itertools import islice
from posixpath import dirname, join, normpath
from typing import Final

from lxml import etree

from archive.model.reading import Table
from archive.reading.files.markup import attribute, child, parsed
from archive.reading.files.ofd_page import has_pictures, printed, ruled
from archive.reading.files.packed import Packed
from archive.reading.files.pdf import laid_out
from archive.reading.files.put_together import Part, put_together
from archive.reading.files.refusal import RefusedError

_MAX_PAGES: Final = 500
_MAX_RESOURCES: Final = 20  # of a document, or of a page
_RESOURCES: Final = ("{*}PublicRes", "{*}DocumentRes", "{*}PageRes")


def ofd_blocks(body: bytes) -> list[str | Table]:
    """Paragraphs and tables of an OFD file, all documents and pages in order. Raises RefusedError:
    damaged, too many pages, or nothing but pictures.
    """
    pictures = False
    pages: list[list[Part]] = []
    packed = Packed(body)
    for number, (_, page) in enumerate(_pages(packed, _documents(packed))):
        if number >= _MAX_PAGES:
            raise RefusedError("file_too_large", f"more than {_MAX_PAGES} pages")
        parts = laid_out(ruled(page), printed(page), number)
        pictures = pictures or (not parts and has_pictures(page))
        pages.append(parts)
    if pictures and not any(pages):
        raise RefusedError("image_only", "the OFD holds pictures and no text")
    return [block.content for block in put_together(pages)]


def ofd_pictures(body: bytes) -> Iterator[bytes]:
    """The pictures that the pages of an OFD file show, in their order, each once. Raises
    RefusedError.
    """
    packed = Packed(body)
    known = set(packed.names)
    given: set[str] = set()
    for name, document in _documents(packed):
        shared = _media(packed, name, document)
        for place, page in islice(_pages(packed, [(name, document)]), _MAX_PAGES):
            media = shared | _media(packed, place, page)
            shown = (attribute(each, "ResourceID") for each in page.iter("{*}ImageObject"))
            for file in dict.fromkeys(media[each] for each in shown if each in media):
                if file in known and file not in given:
                    given.add(file)
                    yield packed.read(file)


def _documents(packed: Packed) -> Iterator[tuple[str, "etree._Element"]]:
    """Each document: where it lies, and what it says; so with pages."""
    index = parsed(packed.read("OFD.xml"), "OFD.xml")
    for root in index.iter("{*}DocRoot"):
        name = _place("", root.text)
        yield name, parsed(packed.read(name), name)


def _pages(
    packed: Packed, documents: Iterable[tuple[str, "etree._Element"]]
) -> Iterator[tuple[str, "etree._Element"]]:
    for name, document in documents:
        for page in document.iter("{*}Page"):
            place = _place(dirname(name), attribute(page, "BaseLoc"))
            yield place, parsed(packed.read(place), place)


def _media(packed: Packed, name: str, part: "etree._Element") -> dict[str | None, str]:
    """Where the files lie that a document, or a page, names as its resources, by their ids."""
    known, found = set(packed.names), {}
    for each in islice(part.iter(*_RESOURCES), _MAX_RESOURCES):
        place = _place(dirname(name), each.text)
        if place not in known:
            continue
        resources = parsed(packed.read(place), place)
        folder = _place(dirname(place), attribute(resources, "BaseLoc"))
        for media in resources.iter("{*}MultiMedia"):
            file = child(media, "MediaFile")
            if file is not None:
                found[attribute(media, "ID")] = _place(folder, file.text)
    return found


def _place(folder: str, printed: str | None) -> str:
    """A location inside the file: absolute with a slash in front, else beside its referrer."""
    location = (printed or "").strip().replace("\\", "/")
    if location.startswith("/"):
        return normpath(location).lstrip("/")
    return normpath(join(folder, location))
