"""The reading of a file: its text, tables and figures, as far as its bytes give them."""

import re

from archive.codebook.phrases import squeezed
from archive.model.content import content_hash
from archive.model.reading import Field, Finding, Kind, PublicBody, Reading, Severity, Source
from archive.reading import READER_VERSION
from archive.reading.files.extract import MAX_FILES, Extract, extract
from archive.reading.files.locked import locked_members
from archive.reading.files.magic import kind_of, magic_of
from archive.reading.files.refusal import refusal
from archive.reading.html.attachments import file_name_of
from archive.reading.metadata.public_body import publisher_of
from archive.reading.payload import payload_line
from archive.reading.report import is_report, report_year, signature, year_of_title
from archive.reading.statistics.checked import Checked, checked
from archive.reading.text.lines import Text
from archive.reading.text.title import REPORT_TITLE

_HEAD_LINES = 6
_MAX_HEADING = 120
_CHINESE = re.compile(r"[\u4e00-\u9fff]{2}")
_MAX_ABOVE = 8
_MAX_PIECES = 3
_DOCUMENT_NUMBER = re.compile(r"\A[^〔\[（(]{1,20}[〔\[（(]\d{4}[〕\]）)]\d{1,5}号")
_NAMES_REPORT = re.compile(rf"\A[^年]*(?:19|20)\d{{2}}年.*(?:{REPORT_TITLE.pattern})")


def read_attachment(source: Source) -> Reading:
    """The reading of a file that is no page. The title of a report is the heading it prints, which
    stays in its text, too, where the file is a PDF or its name tells nothing; its name is a field
    then. Every other file's title is its name.

    Where text was read, the content hash is over the text; else over the digest of the bytes. The
    figures are read when the text is an annual report, or holds a report's tables. What a list
    calls it (`listed`) stands in for a heading that it does not print, and is a field.
    """
    text = _text(source)
    heading = heading_of(text.lines)
    listed = source.listed
    report = is_report(heading, text.lines) or (listed is not None and is_report(listed, ()))
    year = report_year(heading, text.lines, listed=listed) if report else year_of_title(heading)
    statistics = Checked()
    if report or text.tables:
        pictured = source.optical is not None
        statistics = checked(text.tables, text.lines, title=heading, year=year, pictured=pictured)
        statistics = statistics if report or statistics.figures else Checked()
    name = source.file_name or file_name_of(source.url)
    titled = heading if report and _is_better(source, name) else None
    fields = signature(text.lines) if report else ()
    fields = (*_file_name(name), *fields) if titled else fields
    fields = (*_listed_title(listed), *fields)
    return Reading(
        reader_version=READER_VERSION,
        kind=Kind.ATTACHMENT,
        family=source.family,
        charset_declared=None,
        charset_used=None,
        title=titled or name or heading,
        lines=text.lines,
        content_hash=content_hash(None, text.lines or (payload_line(source.body),)),
        report_year=year,
        fields=fields,
        tables=text.tables,
        figures=statistics.figures,
        statements=statistics.statements,
        checks=statistics.checks,
        findings=(*text.findings, *statistics.findings),
        publisher=_publisher(heading or listed, text.lines, fields, year, source)
        if report
        else None,
    )


def _is_better(source: Source, name: str | None) -> bool:
    """Whether a heading names a report better than its file does."""
    return magic_of(source.body) == "pdf" or _CHINESE.search(name or "") is None


def _file_name(name: str | None) -> tuple[Field, ...]:
    return (Field(name="file_name", value=name, printed=name, origin="address"),) if name else ()


def _listed_title(listed: str | None) -> tuple[Field, ...]:
    if listed is None:
        return ()
    return (Field(name="listed_title", value=listed, printed=listed, origin="list"),)


def _publisher(
    heading: str | None,
    lines: tuple[str, ...],
    fields: tuple[Field, ...],
    year: int | None,
    source: Source,
) -> PublicBody | None:
    return publisher_of(
        heading, fields, (), lines=lines, year=year, portal_division=source.division
    )


def heading_of(lines: tuple[str, ...]) -> str | None:
    """The title a document prints on its first lines, which may be broken over two or three; None
    when they say none.

    >>> heading_of(("洪泽区人民政府", "2024年政府信息公开工作年度报告", "根据《条例》，……"))
    '洪泽区人民政府2024年政府信息公开工作年度报告'
    """
    printed = ""
    for line in lines[:_HEAD_LINES]:
        if "\t" in line or any(mark in line for mark in "。；：") or len(printed) > _MAX_HEADING:
            break
        bare = squeezed(line)
        if _DOCUMENT_NUMBER.fullmatch(bare):  # of the letterhead above the title
            printed = ""
            continue
        printed += bare
        if printed.endswith(("报告", "年报", "统计表", "总结", "）", ")")):
            return printed
    return _report_heading(lines)


def _report_heading(lines: tuple[str, ...]) -> str | None:
    """The title of a report below other lines: a letterhead, a number, a mark of the copy."""
    for start in range(1, min(len(lines), _MAX_ABOVE)):
        printed = ""
        for line in lines[start : start + _MAX_PIECES]:
            if "\t" in line or any(mark in line for mark in "。；：，"):
                break
            printed += squeezed(line)
            if len(printed) <= _MAX_HEADING and _NAMES_REPORT.search(printed):
                return printed
    return None


def _text(source: Source) -> Text:
    if source.conversion is None:
        return extract(source.body, source.optical).as_text()
    if source.converted is None:
        return Extract(findings=[refusal("file_not_converted", source.conversion)]).as_text()
    made = _drawn(source.converted) if source.converted_is_text else extract(source.converted)
    _tell_locked(made, source.body)
    made.findings.append(_conversion_finding(source.conversion, drawn=source.converted_is_text))
    return made.as_text()


def _tell_locked(made: Extract, body: bytes) -> None:
    """Names the members of a RAR file that no program opened, as those of a zip file are."""
    members = locked_members(body) if kind_of(body) == "rar" else ()
    for name, why in members[:MAX_FILES]:
        made.blocks.append(name)
        made.findings.append(refusal("file_encrypted", why, name))


def _conversion_finding(program: str, *, drawn: bool) -> Finding:
    loss = "; rows with joined cells may be missing" if drawn else ""
    return Finding(
        rule="file_converted",
        severity=Severity.WARNING if drawn else Severity.INFO,
        message=f"read from what {program} made of the file{loss}",
    )


def _drawn(made: bytes) -> Extract:
    """Text in which rows of tables are drawn with bars: antiword's."""
    lines = made.decode("utf-8", "replace").split("\n")
    return Extract(blocks=[_row(line) if line.startswith("|") else line for line in lines])


def _row(line: str) -> str:
    cells = line.strip().removeprefix("|").removesuffix("|").split("|")
    return "\t".join(cell.strip() for cell in cells)
