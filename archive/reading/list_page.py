"""Is a page a list of links or a document? Told before anything is extracted; a list's reading."""

from dataclasses import replace

from archive.codebook.phrases import squeezed
from archive.families.lists import list_of, told_list
from archive.families.records import ListPage
from archive.model.content import content_hash
from archive.model.outcome import Role
from archive.model.reading import Kind, Link, Reading
from archive.reading import READER_VERSION
from archive.reading.analysis import Seen
from archive.reading.html.parse import is_answer
from archive.reading.html.shown import frames_in
from archive.reading.html.survey import weight_of
from archive.reading.links import unique
from archive.reading.metadata.fields import read_fields
from archive.reading.metadata.identity import read_identity
from archive.reading.text.container import Body
from archive.reading.text.embedded import Embedded
from archive.reading.text.frames import framed_pages
from archive.reading.text.pictures import pictures_of
from archive.reading.text.title import is_document_title

_LONG = 200
_SOON = 15
_MOST_STARTS = 10


def listing_of(seen: Seen) -> ListPage | None:
    """The page as a list; None when it is a document. Told before anything is extracted."""
    if (
        (seen.page.plain and not is_answer(seen.page.text) and not _is_asked_for(seen))
        or "articletitle" in seen.metas
        or _is_told(seen.embedded)
    ):
        return None
    running = sum(seen.survey.prose.get(e, 0) for e in seen.body.elements) if seen.body else 0
    if seen.body and seen.body.certain and running >= _LONG and seen.source.role is not Role.LIST:
        return None
    if _speaks_under_its_title(seen) or _is_drawn(seen):
        return None
    tree, text, url = seen.page.tree, seen.page.text, seen.source.url
    family_key = seen.family.key if seen.family else None
    asked, encoding = seen.source.asked, seen.decoded.link_encoding
    listing = list_of(tree, text, url, family_key, asked=asked, encoding=encoding)
    if listing is None and seen.source.role is Role.LIST:
        return told_list(tree, text, url, family_key, asked=asked, encoding=encoding)
    return listing if listing and (listing.items or listing.pages) else None


def _is_asked_for(seen: Seen) -> bool:
    """Whether a text without mark-up is what a family's list asks for (a window, a script)."""
    return seen.source.role is Role.LIST and seen.family is not None


def _speaks_under_its_title(seen: Seen) -> bool:
    """A document's title with a sentence soon behind it: long side bars make no list of it."""
    if seen.title is None or not is_document_title(seen.title.text):
        return False
    bare = squeezed(seen.title.text)
    lines = seen.survey.lines
    starts = [n for n, line in enumerate(lines) if line.text and squeezed(line.text) in bare]
    return any(
        "。" in line.text and not line.linked and weight_of(line)
        for n in starts[:_MOST_STARTS]
        for line in lines[n : n + _SOON]
    )


def _is_drawn(seen: Seen) -> bool:
    """A document's title over pictures or a framed file in a container of text: links beside them
    make no list.
    """
    if seen.source.role is Role.LIST or seen.title is None or seen.body is None:
        return False
    if seen.body.how == "descent" or not is_document_title(seen.title.text):
        return False
    drawn = pictures_of(seen.survey, seen.body, seen.page.tree, seen.title.text)
    return bool(drawn) or _frames_text(seen, seen.body)


def _frames_text(seen: Seen, body: Body) -> bool:
    """Whether a file or a page of the site stands in a frame inside the body."""
    frames = {frame for element in body.elements for frame in frames_in(element)}
    if any(attachment.element in frames for attachment in seen.attachments):
        return True
    return bool(frames) and bool(framed_pages(seen.survey, seen.page.tree, seen.base, (), None))


def _is_told(embedded: Embedded | None) -> bool:
    return embedded is not None and bool(embedded.pairs)


def list_reading(seen: Seen, listing: ListPage) -> Reading:
    """The reading of a list: one item a line, its items and its other pages as links."""
    lines = tuple(_item_line(item) for item in listing.items)
    links = unique((*listing.items, *listing.pages))
    reading = reading_of_links(seen, _list_title(seen), lines, links)
    fields = read_fields((), seen.metas, seen.source.url)
    return replace(reading, fields=fields, findings=(*reading.findings, *listing.findings))


def reading_of_links(
    seen: Seen, title: str | None, lines: tuple[str, ...], links: tuple[Link, ...]
) -> Reading:
    """The reading of a page that is there for what it names."""
    return Reading(
        reader_version=READER_VERSION,
        kind=Kind.LIST,
        family=seen.family.key if seen.family else None,
        charset_declared=seen.decoded.declared,
        charset_used=seen.decoded.used,
        title=title,
        lines=lines,
        content_hash=content_hash(title, lines),
        findings=(*seen.decoded.findings, *seen.page.findings),
        links=links,
        identity=read_identity(seen.survey.lines, seen.page.text, seen.metas),
    )


def _list_title(seen: Seen) -> str | None:
    """A list is called by its heading; by its column's name where a heading is only the site's."""
    column = seen.metas.get("columnname")
    if seen.title is not None and seen.title.origin == "heading":
        return seen.title.text
    return column or (seen.title.text if seen.title else None)


def _item_line(item: Link) -> str:
    return f"{item.text}\t{item.printed_date}" if item.printed_date else item.text
