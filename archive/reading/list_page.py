"""Is a page a list of links or a document? Told before anything is extracted; a list's reading."""

from dataclasses import replace

from archive.codebook.phrases import squeezed
from archive.families.lists import detect_list, read_known_list
from archive.families.records import ListPage
from archive.model.content import content_hash
from archive.model.outcome import Role
from archive.model.reading import Kind, Link, Reading
from archive.reading import READER_VERSION
from archive.reading.analysis import PageAnalysis
from archive.reading.html.parse import is_answer
from archive.reading.html.shown import frames_in
from archive.reading.html.survey import weight_of
from archive.reading.links import unique
from archive.reading.metadata.fields import read_fields
from archive.reading.metadata.identity import read_identity
from archive.reading.text.container import Body
from archive.reading.text.frames import framed_pages
from archive.reading.text.pictures import pictures_of
from archive.reading.text.title import is_document_title

_LONG = 200
_SOON = 15
_MAX_STARTS = 10


def listing_of(analysis: PageAnalysis) -> ListPage | None:
    """The page as a list; None when it is a document. Told before anything is extracted."""
    if (
        (
            analysis.page.plain
            and not is_answer(analysis.page.text)
            and not (analysis.source.role is Role.LIST and analysis.family is not None)
        )
        or "articletitle" in analysis.metas
        or (analysis.embedded is not None and analysis.embedded.pairs)
    ):
        return None
    running = (
        sum(analysis.survey.prose.get(e, 0) for e in analysis.body.elements) if analysis.body else 0
    )
    if (
        analysis.body
        and analysis.body.certain
        and running >= _LONG
        and analysis.source.role is not Role.LIST
    ):
        return None
    if _speaks_under_its_title(analysis) or _is_drawn(analysis):
        return None
    tree, text, url = analysis.page.tree, analysis.page.text, analysis.source.url
    family_key = analysis.family.key if analysis.family else None
    post_body, encoding = analysis.source.post_body, analysis.decoded.link_encoding
    listing = detect_list(
        tree,
        text,
        url,
        family_key,
        post_body=post_body,
        encoding=encoding,
        recognised=analysis.recognised,
    )
    if listing is None and analysis.source.role is Role.LIST:
        return read_known_list(tree, text, url, family_key, post_body=post_body, encoding=encoding)
    return listing if listing and (listing.items or listing.pages) else None


def _speaks_under_its_title(analysis: PageAnalysis) -> bool:
    """A document's title with a sentence soon behind it: long side bars make no list of it."""
    if analysis.title is None or not is_document_title(analysis.title.text):
        return False
    bare = squeezed(analysis.title.text)
    lines = analysis.survey.lines
    starts = [n for n, line in enumerate(lines) if line.text and squeezed(line.text) in bare]
    return any(
        "。" in line.text and not line.linked and weight_of(line)
        for n in starts[:_MAX_STARTS]
        for line in lines[n : n + _SOON]
    )


def _is_drawn(analysis: PageAnalysis) -> bool:
    """A document's title over pictures or a framed file in a container of text: links beside them
    make no list.
    """
    if analysis.source.role is Role.LIST or analysis.title is None or analysis.body is None:
        return False
    if analysis.body.how == "descent" or not is_document_title(analysis.title.text):
        return False
    drawn = pictures_of(analysis.survey, analysis.body, analysis.page.tree, analysis.title.text)
    return bool(drawn) or _frames_text(analysis, analysis.body)


def _frames_text(analysis: PageAnalysis, body: Body) -> bool:
    """Whether a file or a page of the site stands in a frame inside the body."""
    frames = {frame for element in body.elements for frame in frames_in(element)}
    if any(attachment.element in frames for attachment in analysis.attachments):
        return True
    return bool(frames) and bool(
        framed_pages(analysis.survey, analysis.page.tree, analysis.base, (), None)
    )


def list_reading(analysis: PageAnalysis, listing: ListPage) -> Reading:
    """The reading of a list: one item a line, its items and its other pages as links."""
    lines = tuple(
        f"{item.text}\t{item.printed_date}" if item.printed_date else item.text
        for item in listing.items
    )
    links = unique((*listing.items, *listing.pages))
    reading = reading_of_links(analysis, _list_title(analysis), lines, links)
    fields = read_fields((), analysis.metas, analysis.source.url)
    return replace(reading, fields=fields, findings=(*reading.findings, *listing.findings))


def reading_of_links(
    analysis: PageAnalysis, title: str | None, lines: tuple[str, ...], links: tuple[Link, ...]
) -> Reading:
    """The reading of a page that is there for what it names."""
    return Reading(
        reader_version=READER_VERSION,
        kind=Kind.LIST,
        family=analysis.family.key if analysis.family else None,
        charset_declared=analysis.decoded.declared,
        charset_used=analysis.decoded.used,
        title=title,
        lines=lines,
        content_hash=content_hash(title, lines),
        findings=(*analysis.decoded.findings, *analysis.page.findings),
        links=links,
        identity=read_identity(analysis.survey.lines, analysis.page.text, analysis.metas),
    )


def _list_title(analysis: PageAnalysis) -> str | None:
    """A list is called by its heading; by its column's name where a heading is only the site's."""
    column = analysis.metas.get("columnname")
    if analysis.title is not None and analysis.title.origin == "heading":
        return analysis.title.text
    return column or (analysis.title.text if analysis.title else None)
