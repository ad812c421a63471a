"""The title-less text of a page: the lines of its body without what stands around them.

Every visible line of the body is there to begin with; lines leave by rule (furniture, tools,
counters, links to other pages), never because an extractor overlooked them.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import chain

from lxml.html import HtmlElement

from archive.codebook.phrases import phrases, squeezed
from archive.model.reading import Finding, Severity, Table
from archive.reading.html.blocks import Block, blocks
from archive.reading.html.grid import MAX_SLOTS, read_table, rows_as_lines
from archive.reading.html.survey import Survey, is_prose, lies_in, weight_of
from archive.reading.metadata.header import Box
from archive.reading.text.container import Body
from archive.reading.text.second_opinion import SecondOpinion
from archive.reading.text.trim import trimmed

_LINK_RUN = 3
_NUMBERED = re.compile(r"[一二三四五六七八九十]{1,3}、|[（(][一二三四五六七八九十]{1,3}[)）]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """Lines (table rows with tabs), the data tables among them in order, and doubts."""

    lines: tuple[str, ...]
    tables: tuple[Table, ...]
    findings: tuple[Finding, ...]


def read_text(
    page: Survey,
    body: Body,
    *,
    boxes: Collection[Box],
    title: str | None,
    attachments: Collection[HtmlElement],
) -> Text:
    """The text in `body`. `attachments` the <a> of attached files."""
    lines = _inside(page, body, boxes)
    lines = [line for line in lines if not _is_furniture(line)]
    lines = trimmed(lines, title, certain=body.certain)
    opinion = SecondOpinion(body, lines)
    files = {outer for link in attachments for outer in (link, *link.iterancestors())}
    lines = _without_links(lines, opinion, files)
    if not body.certain:
        lines = _between_confirmed(lines, opinion, files)
    return _expanded(lines, page)


def _inside(page: Survey, body: Body, boxes: Collection[Box]) -> list[Block]:
    members = set(chain.from_iterable(element.iter() for element in body.elements))
    boxed = {line for box in boxes for line in box.lines}
    left_out = {box.element for box in boxes if box.element is not None} | page.inside
    if not body.certain:
        left_out |= page.furniture
    left_out.difference_update(body.elements)
    for element in body.elements:
        left_out.difference_update(element.iterancestors())
    return [
        line
        for line in page.lines
        if line.element in members and line not in boxed and not lies_in(line.element, left_out)
    ]


def _is_furniture(line: Block) -> bool:
    if not line.text or len(line.text) > 300:
        return False
    return phrases().line.fullmatch(squeezed(line.text)) is not None


def _without_links(
    lines: Sequence[Block], opinion: SecondOpinion, files: Collection[HtmlElement]
) -> list[Block]:
    """Drops runs of lines of links alone that the second opinion does not confirm."""
    kept: list[Block] = []
    run: list[Block] = []
    for line in (*lines, None):
        if line is not None and line.text and line.linked and line.element not in files:
            run.append(line)
            continue
        if len(run) < _LINK_RUN or all(opinion.confirms(link.text) for link in run):
            kept.extend(run)
        run.clear()
        if line is not None:
            kept.append(line)
    return kept


def _between_confirmed(
    lines: Sequence[Block], opinion: SecondOpinion, files: Collection[HtmlElement]
) -> list[Block]:
    """Where the body is uncertain: scraps before the first and behind the last line that the
    second opinion confirms are not text, unless they are prose, tables, attached files, or
    stand where those lines stand.
    """
    places = range(len(lines))
    first = next((n for n in places if _speaks(lines[n], opinion)), None)
    last = next((n for n in reversed(places) if _speaks(lines[n], opinion)), None)
    if first is None or last is None:
        return list(lines)
    kin = {_place(lines[first]), _place(lines[last])}
    return [
        line
        for n, line in enumerate(lines)
        if first <= n <= last
        or (line.linked and line.element in files)
        or is_prose(line)
        or (not line.linked and (_place(line) in kin or opinion.confirms(line.text)))
    ]


def _place(line: Block) -> tuple[HtmlElement | None, str, str | None]:
    """What a paragraph shares with its neighbours: the element around, the tag and the class."""
    element = line.element
    return element.getparent(), str(element.tag), element.get("class")


def _speaks(line: Block, opinion: SecondOpinion) -> bool:
    if not line.text:
        return True
    if not line.linked and _NUMBERED.match(line.text):
        return True
    return weight_of(line) >= 20 and ("。" in line.text or opinion.confirms(line.text))


def _expanded(lines: Sequence[Block], page: Survey) -> Text:
    texts: list[str] = []
    tables: list[Table] = []
    findings: list[Finding] = []
    for line in lines:
        if line.text:
            texts.append(line.text)
            continue
        table = read_table(line.element, page.tables.get(line.element))
        if table.cells:
            tables.append(table)
        elif table.rows and table.columns:
            findings.append(_refused(table))
        rows = rows_as_lines(table)
        printed = "".join(page.printed[line.element])
        if not table.cells or _characters("".join(rows)) < _characters(printed):
            rows, lost = _put_back(line.element, rows)
            findings.extend(lost)
        texts.extend(rows)
    return Text(lines=tuple(texts), tables=tuple(tables), findings=tuple(findings))


def _refused(table: Table) -> Finding:
    return Finding(
        rule="table_refused",
        severity=Severity.WARNING,
        message=f"a table has more than {MAX_SLOTS} places; its text is kept line by line",
        evidence=f"reading stopped at {table.rows} × {table.columns}",
    )


def _characters(text: str) -> int:
    return len("".join(text.split()))


def _put_back(
    element: HtmlElement, rows: tuple[str, ...]
) -> tuple[tuple[str, ...], tuple[Finding, ...]]:
    """Visible text of a table that its grid does not hold is put behind its rows; the finding
    says so.
    """
    present = "".join("".join(rows).split())
    seen = blocks(element)
    missing = tuple(b.text for b in seen if "".join(b.text.split()) not in present)
    if not missing:
        return rows, ()
    finding = Finding(
        rule="lost_characters",
        severity=Severity.WARNING,
        message="text of a table stands outside its grid; it is kept behind the table's rows",
        evidence=" / ".join(missing)[:300],
    )
    return rows + missing, (finding,)
