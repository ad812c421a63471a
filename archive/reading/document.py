"""A page (HTML or plain text) step by step: decode, parse, recognise, classify, read it."""

from dataclasses import replace

from archive.codebook.labels import label_hits
from archive.codebook.phrases import squeezed
from archive.families.records import ListPage
from archive.model.content import content_hash
from archive.model.reading import Field, Finding, Forward, Kind, Link, PublicBody, Reading, Source
from archive.reading import READER_VERSION
from archive.reading.analysis import PageAnalysis, analyse, core_of
from archive.reading.html.blocks import Block
from archive.reading.html.parse import is_answer
from archive.reading.html.shown import shows
from archive.reading.html.survey import lies_in
from archive.reading.hub_page import hub_reading, led_nowhere, strayed, strays
from archive.reading.links import unique
from archive.reading.list_page import list_reading
from archive.reading.metadata.fields import Labelled, field_value, number_above_text, read_fields
from archive.reading.metadata.identity import read_identity
from archive.reading.metadata.label_rows import value_beside
from archive.reading.metadata.public_body import publisher_of
from archive.reading.page_kind import HubPage, classify
from archive.reading.quality.error_pages import missing, redirects, refused, visible_text
from archive.reading.quality.forwarding import forward_reading
from archive.reading.quality.left_out import left_out_findings
from archive.reading.quality.lost_characters import lost_characters
from archive.reading.quality.rehosted import (
    Claims,
    farm_marks,
    hijack_findings,
    is_farm,
    rehosted_findings,
    without_page_numbers,
)
from archive.reading.quality.section import stands_among_reports
from archive.reading.report import called_field, is_report, report_year, signature, year_of_title
from archive.reading.statistics.checked import Checked, checked
from archive.reading.text.container import Body
from archive.reading.text.frames import frame_findings, framed_pages
from archive.reading.text.lines import Text, read_text
from archive.reading.text.pictures import picture_findings, pictures_of
from archive.reading.text.trim import is_bare_day
from archive.reading.values.dates import day_below_title
from archive.reading.values.index_number import index_fields, index_findings
from archive.reading.values.pairs import Pair, bare_day, has_colon, pairs_in, words_as_pairs

_SOON = 15
_RIGHT_UNDER = 2
_MAX_LINE = 300
_MIN_TITLE = 4
_QUOTES = frozenset("“”")
_MAX_LINKS = 5_000


def read_document(source: Source) -> Reading:
    """The reading of a page that is no file; see archive.reading.read for the promises."""
    page = analyse(source)
    kind = classify(page)
    if isinstance(kind, Forward):
        return forward_reading(page, kind)
    if isinstance(kind, HubPage):
        return hub_reading(page, kind.links) if kind.links else led_nowhere(_page_reading(page))
    if isinstance(kind, ListPage):
        reading = list_reading(page, kind)
        return strayed(page, reading) if strays(page, kind) else reading
    return _page_reading(page)


def _page_reading(analysis: PageAnalysis) -> Reading:
    title = analysis.title.text if analysis.title else None
    text = _text(analysis, title)
    fields = _fields(analysis, text)
    identity = read_identity(analysis.survey.lines, analysis.page.text, analysis.metas)
    marks = farm_marks(analysis.survey.lines)
    left_out = left_out_findings(analysis.survey, text.lines, analysis.boxes, fields)
    text = replace(text, lines=without_page_numbers(text.lines)) if is_farm(marks) else text
    pictures = () if text.tables else _pictures(analysis, title)  # beside tables none is the text
    drawn = () if analysis.attachments else picture_findings(pictures, text.lines, text.tables)
    frames = _frames(analysis, text)
    text, fields = _with_seen(analysis, text, fields)
    among = stands_among_reports(analysis.survey.lines, analysis.metas, fields, analysis.source.url)
    kind = _kind(analysis, title, text, drawn=bool(drawn or frames), among_reports=among)
    fields += called_field(title, among_reports=among and kind is Kind.REPORT)
    year = report_year(title, text.lines) if kind is Kind.REPORT else year_of_title(title)
    official = not is_farm(marks)
    is_own = kind is Kind.REPORT and official
    said = visible_text(core_of(analysis), title or "")
    statistics = _statistics(analysis, text, title, year) if is_own else Checked()
    findings = (
        *_of_text(analysis, text, _still_unread(analysis, drawn)),
        *frame_findings(frames),
        *_trust(analysis, title, marks, fields, identity),
        *statistics.findings,
        *left_out,
    )
    return Reading(
        reader_version=READER_VERSION,
        kind=kind,
        family=analysis.family.key if analysis.family else None,
        charset_declared=analysis.decoded.declared,
        charset_used=analysis.decoded.used,
        title=title,
        lines=text.lines,
        content_hash=content_hash(title, text.lines),
        report_year=year if official else None,
        official=official,
        fields=fields,
        tables=text.tables,
        figures=statistics.figures,
        statements=statistics.statements,
        checks=statistics.checks,
        findings=findings,
        links=unique((*(attachment.link for attachment in analysis.attachments), *frames)),
        soft_404=_missing(analysis, said, holds=bool(text.tables or pictures or frames)),
        blocked=refused(said, analysis.page.text),
        identity=identity,
        publisher=_publisher(analysis, text, fields, identity, year) if is_own else None,
    )


def _pictures(analysis: PageAnalysis, title: str | None) -> tuple[str, ...]:
    return pictures_of(analysis.survey, analysis.body, analysis.page.tree, title)


def _with_seen(
    analysis: PageAnalysis, text: Text, fields: tuple[Field, ...]
) -> tuple[Text, tuple[Field, ...]]:
    """Text and fields with what was seen on the page's pictures, where anybody looked."""
    if analysis.source.optical is None:
        return text, fields
    from archive.reading.files import extract  # noqa: PLC0415 - as `_attachment` of read

    text = extract.with_seen(text, analysis.source.optical)
    return text, (*fields, *(each for each in signature(text.lines) if each not in fields))


def _still_unread(analysis: PageAnalysis, drawn: tuple[Finding, ...]) -> tuple[Finding, ...]:
    if analysis.source.optical is None:
        return drawn
    from archive.reading.files import extract  # noqa: PLC0415 - as `_attachment` of read

    return extract.still_unread(drawn, analysis.source.optical)


def _statistics(analysis: PageAnalysis, text: Text, title: str | None, year: int | None) -> Checked:
    pictured = analysis.source.optical is not None
    return checked(text.tables, text.lines, title=title, year=year, pictured=pictured)


def _of_text(analysis: PageAnalysis, text: Text, drawn: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Doubts about the characters, the mark-up and the text; drawn: about its pictures."""
    lost = lost_characters(text.lines)
    return (*analysis.decoded.findings, *analysis.page.findings, *text.findings, *lost, *drawn)


def _trust(
    analysis: PageAnalysis,
    title: str | None,
    marks: tuple[str, ...],
    fields: tuple[Field, ...],
    identity: tuple[Field, ...],
) -> tuple[Finding, ...]:
    """Doubts about who speaks: the codes on the page, copies, words of strangers."""
    number = field_value(fields, "index_number")
    division = analysis.source.division
    claims = Claims(identity=identity, index_number=number, portal_division=division)
    return (
        *index_findings(number or ""),
        *rehosted_findings(marks, analysis.survey.lines, analysis.source.url, claims),
        *hijack_findings(analysis.survey.lines, title, _unseen_words(analysis)),
    )


def _unseen_words(analysis: PageAnalysis) -> tuple[str, ...]:
    """What strangers write into a page for search engines: its names, and links nobody sees."""
    named = [analysis.metas.get(tag, "") for tag in ("sitename", "keywords", "description")]
    titles = (title.itertext() for title in analysis.page.tree.iter("title"))
    head = "".join(next(titles, ()))
    links = [text for link in analysis.page.tree.iter("a") if (text := link.text)]
    return (head[:_MAX_LINE], *named, *links[:_MAX_LINKS])


def _publisher(
    analysis: PageAnalysis,
    text: Text,
    fields: tuple[Field, ...],
    identity: tuple[Field, ...],
    year: int | None,
) -> PublicBody | None:
    return publisher_of(
        analysis.title.text if analysis.title else None,
        fields,
        identity,
        lines=text.lines,
        year=year,
        portal_division=analysis.source.division,
    )


def _text(analysis: PageAnalysis, title: str | None) -> Text:
    if analysis.body is None:
        return Text(lines=(), tables=(), findings=())
    return read_text(
        analysis.survey,
        analysis.body,
        boxes=analysis.boxes,
        title=title,
        attachments=[attachment.element for attachment in analysis.attachments],
    )


def _fields(analysis: PageAnalysis, text: Text) -> tuple[Field, ...]:
    labelled = [Labelled(pair=p, place="header") for box in analysis.boxes for p in box.pairs]
    if analysis.embedded:
        labelled += [Labelled(pair=pair, place="script") for pair in analysis.embedded.pairs]
    labelled += _under_heading(analysis, set(text.lines))
    fields = read_fields(labelled, analysis.metas, analysis.source.url)
    printed = next((field.printed for field in fields if field.name == "index_number"), "")
    return (
        *fields,
        *index_fields(printed),
        *number_above_text(fields, text.lines),
        *signature(text.lines),
    )


def _under_heading(analysis: PageAnalysis, said: set[str]) -> list[Labelled]:
    """Pairs in lines that are neither text, nor in a box; and a bare day right under the title."""
    boxes = {box.element for box in analysis.boxes if box.element is not None}
    boxed = {line for box in analysis.boxes for line in box.lines}
    heading = analysis.title.text if analysis.title else ""
    title = squeezed(heading) or None
    found: list[Labelled] = []
    since_title = _SOON
    for line in analysis.survey.lines:
        text = line.text
        since_title = 0 if text and squeezed(text) == title else since_title + 1
        if not text or text in said or len(text) > _MAX_LINE or line in boxed:
            continue
        pairs: tuple[Pair, ...] = ()
        if len(heading) >= _MIN_TITLE and text.startswith(heading):
            pairs = _behind_title(text[len(heading) :].strip())
        if not pairs and _may_label(text) and not lies_in(line.element, boxes):
            pairs = pairs_in(line.marked)
            if pairs and not pairs[-1].value:
                pairs = pairs_in(line.marked + value_beside(line, said))
        if not pairs and since_title <= _RIGHT_UNDER:
            pairs = _below_title(line)
        found += [Labelled(pair=pair, place="line") for pair in pairs]
    return found


def _behind_title(rest: str) -> tuple[Pair, ...]:
    """The day that a heading prints behind its title: 关于…的通知 ( 2023-09-12)."""
    return (bare_day(rest.strip("[]()（）【】 ")),) if is_bare_day(rest) else ()


def _below_title(line: Block) -> tuple[Pair, ...]:
    """What a line right under the title says without colons: words as labels, or a bare day."""
    worded = tuple(words_as_pairs(line.marked, strong=False))
    if any(pair.known and pair.known.field == "published_on" for pair in worded):
        return worded
    day = day_below_title(line.text)
    return (bare_day(day),) if day else ()


def _may_label(text: str) -> bool:
    if "。" in text or not has_colon(text):
        return False
    if _QUOTES.isdisjoint(text):
        return True
    hits = label_hits(text)  # a sentence quotes, too
    return bool(hits) and hits[0].start <= 1


def _kind(
    analysis: PageAnalysis, title: str | None, text: Text, *, drawn: bool, among_reports: bool
) -> Kind:
    if is_report(title, text.lines, among_reports=among_reports):
        return Kind.REPORT
    if is_answer(analysis.page.text):
        return Kind.OTHER
    return Kind.ARTICLE if text.lines or analysis.boxes or drawn else Kind.OTHER


def _missing(analysis: PageAnalysis, said: str, *, holds: bool) -> str | None:
    if redirects(analysis.page.text, analysis.survey.lines):
        return "only sends the reader elsewhere"
    holds = holds or bool(analysis.boxes or analysis.attachments or _shows(analysis.body))
    return missing(said, holds=holds)


def _frames(analysis: PageAnalysis, text: Text) -> tuple[Link, ...]:
    if analysis.attachments or text.tables:
        return ()
    title = analysis.title.text if analysis.title else None
    encoding = analysis.decoded.link_encoding
    return framed_pages(
        analysis.survey, analysis.page.tree, analysis.base, text.lines, title, encoding=encoding
    )


def _shows(body: Body | None) -> bool:
    elements = body.elements if body else ()
    return any(shows(element) for element in elements)
