"""A page (HTML or plain text) step by step: decode, parse, recognise, tell its kind, read it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from lxml.cssselect import CSSSelector
from lxml.html import HtmlElement

from archive.codebook.phrases import squeezed
from archive.families.lists import looks_like_list, read_list
from archive.families.records import Family, ListPage
from archive.families.registry import family, recognise
from archive.model.address import resolve
from archive.model.content import content_hash
from archive.model.outcome import Role
from archive.model.reading import Field, Kind, Link, Reading, Source
from archive.reading import READER_VERSION
from archive.reading.attachments import Attachment, find_attachments
from archive.reading.blocks import Block
from archive.reading.body import Body, locate
from archive.reading.charset import Decoded, decode
from archive.reading.copies import copy_findings, farm_marks, hijack_findings, is_farm
from archive.reading.embedded import Embedded, from_config, from_writes
from archive.reading.fields import Labelled, field_value, read_fields
from archive.reading.header import Box, find_boxes
from archive.reading.identity import read_identity
from archive.reading.judged import judged
from archive.reading.metas import read_metas
from archive.reading.pairs import bare_day, pairs_in
from archive.reading.parse import Page, is_answer, parse
from archive.reading.report import is_report, report_year, signature, year_of_title
from archive.reading.survey import Survey, lies_in, survey, weight_of
from archive.reading.text import Text, read_text
from archive.reading.title import Title, find_title, is_document_title
from archive.reading.trim import is_bare_day
from archive.reading.verdicts import missing, redirects, refused

_SIMPLE = re.compile(r"(\w*)([.#][\w-]+)?")
_LONG = 200
_SOON = 15
_RIGHT_UNDER = 2
_MOST_STARTS = 10
_MOST_LINE = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """Everything the steps before the text know of a page."""

    source: Source
    decoded: Decoded
    page: Page
    family: Family | None
    metas: Mapping[str, str]
    survey: Survey
    boxes: tuple[Box, ...]
    body: Body | None
    title: Title | None
    embedded: Embedded | None
    attachments: tuple[Attachment, ...]


def read_document(source: Source) -> Reading:
    """The reading of a page that is no file; see archive.reading.read for the promises."""
    seen = _look(source)
    listing = _listing(seen)
    if listing is not None:
        return _list_reading(seen, listing)
    return _page_reading(seen)


def _look(source: Source) -> _Seen:
    decoded = decode(source.body, source.charset)
    page = parse(decoded.text, plain=source.media_type == "text/plain")
    known = _family(source, page)
    embedded = _embedded(page)
    metas = read_metas(page.tree)
    seen = survey(page.tree)
    selected = _selected(page, seen, known.body if known else ())
    if embedded:
        selected.insert(0, ("script", embedded.element))
    body = locate(seen, page.tree, selected)
    boxes = find_boxes(seen, [e for _, e in _selected(page, seen, known.box if known else ())])
    boxed = next(
        (
            p.value
            for box in boxes
            for p in box.pairs
            if p.known and p.known.field == "title" and p.value
        ),
        None,
    )
    title = find_title(
        page.tree,
        seen,
        meta=metas.get("articletitle"),
        boxed=boxed or _embedded_title(embedded),
        site=metas.get("sitename"),
        selected=[e for _, e in _selected(page, seen, known.title if known else ())],
    )
    return _Seen(
        source=source,
        decoded=decoded,
        page=page,
        family=known,
        metas=metas,
        survey=seen,
        boxes=boxes,
        body=body,
        title=title,
        embedded=embedded,
        attachments=find_attachments(page.tree, _base(page.tree, source.address), seen.furniture),
    )


def _family(source: Source, page: Page) -> Family | None:
    if page.plain and source.family is None:
        return None
    key = source.family or recognise(page.tree, page.text, source.address).key
    try:
        return family(key) if key else None
    except KeyError:
        return None


def _embedded(page: Page) -> Embedded | None:
    """Text inside scripts joins the tree at its end, where selectors and survey find it."""
    found = from_config(page.text)
    if found is None and "document.write" in page.text and _length(page.tree) < _LONG:
        found = from_writes(page.tree)
    body = page.tree.find("body")
    if found is not None and body is not None:
        body.append(found.element)
    return found


def _length(tree: HtmlElement) -> int:
    body = tree.find("body")
    texts = (tree if body is None else body).itertext("p", "div", "span", "td", "li", "body")
    return sum(len(text.strip()) for text in texts)


def _embedded_title(embedded: Embedded | None) -> str | None:
    pairs = embedded.pairs if embedded else ()
    return next((pair.value for pair in pairs if pair.label == "title" and pair.value), None)


def _selected(page: Page, seen: Survey, selectors: Sequence[str]) -> list[tuple[str, HtmlElement]]:
    """The elements that a family's selectors name, in the order of the selectors."""
    found: list[tuple[str, HtmlElement]] = []
    for css in selectors:
        simple = _SIMPLE.fullmatch(css)
        if simple is None:
            found += [(css, element) for element in _compiled(css)(page.tree)]
            continue
        tag, name = simple.groups()
        hits = seen.index.get(name, ()) if name else page.tree.iter(tag)
        found += [(css, element) for element in hits if not tag or element.tag == tag]
    return found


@cache
def _compiled(css: str) -> CSSSelector:
    return CSSSelector(css, translator="html")


def _base(tree: HtmlElement, address: str) -> str:
    base = tree.find(".//base")
    href = base.get("href") if base is not None else None
    return (resolve(address, href) if href else None) or address


def _listing(seen: _Seen) -> ListPage | None:
    """The page as a list; None when it is a document. Told before anything is extracted."""
    if (
        (seen.page.plain and not is_answer(seen.page.text))
        or "articletitle" in seen.metas
        or _is_told(seen.embedded)
    ):
        return None
    running = sum(seen.survey.prose.get(e, 0) for e in seen.body.elements) if seen.body else 0
    if seen.body and seen.body.certain and running >= _LONG and seen.source.role is not Role.LIST:
        return None
    if _speaks_under_its_title(seen):
        return None
    tree, text, address = seen.page.tree, seen.page.text, seen.source.address
    if not looks_like_list(tree, text, address):
        return None
    listing = read_list(tree, text, address, seen.family.key if seen.family else None)
    return listing if listing.items or listing.pages else None


def _speaks_under_its_title(seen: _Seen) -> bool:
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


def _is_told(embedded: Embedded | None) -> bool:
    return embedded is not None and bool(embedded.pairs)


def _list_reading(seen: _Seen, listing: ListPage) -> Reading:
    title = _list_title(seen)
    lines = tuple(_item_line(item) for item in listing.items)
    fields = read_fields((), seen.metas, seen.source.address)
    identity = read_identity(seen.survey.lines, seen.page.text, seen.metas)
    return Reading(
        reader_version=READER_VERSION,
        kind=Kind.LIST,
        family=seen.family.key if seen.family else None,
        charset_declared=seen.decoded.declared,
        charset_used=seen.decoded.used,
        title=title,
        lines=lines,
        content_hash=content_hash(title, lines),
        fields=fields,
        findings=(*seen.decoded.findings, *seen.page.findings, *listing.findings),
        links=_unique((*listing.items, *listing.pages)),
        identity=identity,
    )


def _list_title(seen: _Seen) -> str | None:
    """A list is called by its heading; by its column's name where a heading is only the site's."""
    column = seen.metas.get("columnname")
    if seen.title is not None and seen.title.origin == "heading":
        return seen.title.text
    return column or (seen.title.text if seen.title else None)


def _item_line(item: Link) -> str:
    return f"{item.text}\t{item.printed_date}" if item.printed_date else item.text


def _page_reading(seen: _Seen) -> Reading:
    title = seen.title.text if seen.title else None
    text = _text(seen, title)
    fields = _fields(seen, text)
    identity = read_identity(seen.survey.lines, seen.page.text, seen.metas)
    marks = farm_marks(seen.survey.lines)
    kind = _kind(seen, title, text)
    year = report_year(title, text.lines) if kind is Kind.REPORT else year_of_title(title)
    official = not is_farm(marks)
    verdict = judged(kind, text, title, year, official=official)
    findings = (
        *seen.decoded.findings,
        *seen.page.findings,
        *text.findings,
        *copy_findings(
            marks,
            seen.survey.lines,
            seen.source.address,
            identity,
            field_value(fields, "index_number"),
        ),
        *hijack_findings(seen.survey.lines, title, (seen.metas.get("sitename", ""),)),
        *verdict.findings,
    )
    return Reading(
        reader_version=READER_VERSION,
        kind=kind,
        family=seen.family.key if seen.family else None,
        charset_declared=seen.decoded.declared,
        charset_used=seen.decoded.used,
        title=title,
        lines=text.lines,
        content_hash=content_hash(title, text.lines),
        report_year=year if official else None,
        official=official,
        fields=fields,
        tables=text.tables,
        figures=verdict.figures,
        checks=verdict.checks,
        findings=findings,
        links=_unique(tuple(attachment.link for attachment in seen.attachments)),
        soft_404=_missing(seen, title, text),
        blocked=refused(_core(seen), title or "", seen.page.text),
        identity=identity,
    )


def _text(seen: _Seen, title: str | None) -> Text:
    if seen.body is None:
        return Text(lines=(), tables=(), findings=())
    return read_text(
        seen.survey,
        seen.body,
        boxes=seen.boxes,
        title=title,
        attachments=[attachment.element for attachment in seen.attachments],
    )


def _fields(seen: _Seen, text: Text) -> tuple[Field, ...]:
    labelled = [Labelled(pair=p, place="header") for box in seen.boxes for p in box.pairs]
    if seen.embedded:
        labelled += [Labelled(pair=pair, place="script") for pair in seen.embedded.pairs]
    labelled += _under_heading(seen, set(text.lines))
    return (*read_fields(labelled, seen.metas, seen.source.address), *signature(text.lines))


def _under_heading(seen: _Seen, said: set[str]) -> list[Labelled]:
    """Pairs in lines that are neither text, nor in a box; and a bare day right under the title."""
    boxes = {box.element for box in seen.boxes if box.element is not None}
    told = {line for box in seen.boxes for line in box.lines}
    title = squeezed(seen.title.text) if seen.title else None
    found: list[Labelled] = []
    since_title = _SOON
    for line in seen.survey.lines:
        since_title = 0 if line.text and squeezed(line.text) == title else since_title + 1
        if not line.text or len(line.text) > _MOST_LINE or line.text in said or line in told:
            continue
        if since_title <= _RIGHT_UNDER and is_bare_day(line.text):
            found.append(Labelled(pair=bare_day(line.text), place="line"))
        if _may_label(line.text) and not lies_in(line.element, boxes):
            found += [Labelled(pair=pair, place="line") for pair in pairs_in(line.marked)]
    return found


def _may_label(text: str) -> bool:
    return any(colon in text for colon in ":：﹕") and not any(mark in text for mark in "。“”")


def _kind(seen: _Seen, title: str | None, text: Text) -> Kind:
    if is_report(title, text.lines):
        return Kind.REPORT
    if is_answer(seen.page.text):
        return Kind.OTHER
    return Kind.ARTICLE if text.lines or seen.boxes else Kind.OTHER


def _core(seen: _Seen) -> tuple[Block, ...]:
    return tuple(
        line
        for line in seen.survey.lines
        if not line.linked and not lies_in(line.element, seen.survey.furniture)
    )


def _missing(seen: _Seen, title: str | None, text: Text) -> str | None:
    if redirects(seen.page.text, seen.survey.lines):
        return "only sends the reader elsewhere"
    holds = bool(seen.boxes or text.tables or seen.attachments or _pictures(seen.body))
    return missing(_core(seen), title or "", holds=holds)


def _pictures(body: Body | None) -> bool:
    elements = body.elements if body else ()
    return any(True for element in elements for _ in element.iter("img", "iframe", "embed"))


def _unique(links: Sequence[Link]) -> tuple[Link, ...]:
    return tuple({(link.address, link.method, link.body): link for link in links}.values())
