"""What a file says: its paragraphs and tables in order, or the finding why not."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from archive.model.optical import OpticalDocument
from archive.model.reading import IMAGE_ONLY, Finding, Severity, Table
from archive.reading.files.docx import docx_blocks
from archive.reading.files.locked import is_locked, why_locked
from archive.reading.files.magic import CONVERTED_KINDS, REPACKED_KINDS, kind_of
from archive.reading.files.ofd import ofd_blocks
from archive.reading.files.packed import Packed
from archive.reading.files.pdf import pdf_blocks
from archive.reading.files.pdf_pictures import pdf_with_pictures
from archive.reading.files.refusal import (
    MAX_BODY_BYTES,
    MAX_LINES,
    RefusedError,
    Rule,
    refusal,
)
from archive.reading.files.seen import seen_pages
from archive.reading.files.sheets import xls_blocks, xlsx_blocks
from archive.reading.html.celltext import one_line
from archive.reading.html.grid import rows_as_lines
from archive.reading.text.lines import Text

Block = str | Table

MAX_FILES = 50
"""So many files of an archive are read; the others are named."""

_READERS: Mapping[str, Callable[[bytes], "list[Block]"]] = MappingProxyType(
    {
        "docx": docx_blocks,
        "ofd": ofd_blocks,
        "pdf": pdf_blocks,
        "xls": xls_blocks,
        "xlsx": xlsx_blocks,
    }
)
_REFUSED: Mapping[str, tuple[Rule, str]] = MappingProxyType(
    {
        "encrypted": ("file_encrypted", "the document is protected by a password"),
        "gzip": ("file_unreadable", "gzip archives are kept, not read"),
        "ppt": ("file_unreadable", "slides are kept, not read"),
        "pptx": ("file_unreadable", "slides are kept, not read"),
        "xlsb": ("file_unreadable", "binary workbooks (.xlsb) are kept, not read"),
        "ole": ("file_unreadable", "the kind of the compound file is not known"),
        "png": ("image_only", "the file is a picture"),
        "jpeg": ("image_only", "the file is a picture"),
        "gif": ("image_only", "the file is a picture"),
        "tiff": ("image_only", "the file is a picture"),
        "bmp": ("image_only", "the file is a picture"),
    }
)


@dataclass(slots=True, kw_only=True)
class Extract:
    """Paragraphs (strings) and tables in reading order, and doubts."""

    blocks: list[Block] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def as_text(self) -> Text:
        """Lines as a page has them: one paragraph or table row a line."""
        lines: list[str] = []
        for block in self.blocks:
            if isinstance(block, Table):
                lines.extend(rows_as_lines(block))
            else:
                lines.extend(line for line in map(_spelled, block.split("\n")) if line.strip())
        findings = list(self.findings)
        if len(lines) > MAX_LINES:
            findings.append(refusal("file_too_large", f"only {MAX_LINES} lines are read"))
        tables = tuple(block for block in self.blocks if isinstance(block, Table))
        return Text(lines=tuple(lines[:MAX_LINES]), tables=tables, findings=tuple(findings))


def extract(body: bytes, optical: OpticalDocument | None = None) -> Extract:
    """Text and tables of a file of any kind. Never raises: what is not read is a finding.

    optical: what was seen on its pictures, or on pages of a PDF whose text layer says nothing.
    """
    found = Extract()
    if optical is None:
        _take(found, body, inside=None)
        return found
    if kind_of(body) == "pdf":
        _take(found, body, inside=None, seen=optical)
    else:
        _take(found, body, inside=None)
        found.blocks += _seen_blocks(optical)
    found.findings = [*still_unread(found.findings, optical), *_optical_findings(optical)]
    return found


def with_seen(text: Text, optical: OpticalDocument) -> Text:
    """The text of a page, and behind it what was seen on its pictures."""
    seen = Extract(blocks=_seen_blocks(optical), findings=[*_optical_findings(optical)]).as_text()
    return Text(
        lines=(*text.lines, *seen.lines),
        tables=(*text.tables, *seen.tables),
        findings=(*text.findings, *seen.findings),
    )


def still_unread(
    findings: Iterable[Finding], optical: OpticalDocument | None
) -> tuple[Finding, ...]:
    """Findings of a reading without pictures that hold with them, too: where any was read, the text
    is in the pictures no more.
    """
    read = optical is not None and bool(optical.pages)
    return tuple(each for each in findings if not read or each.rule != IMAGE_ONLY)


def _seen_blocks(optical: OpticalDocument) -> "list[Block]":
    return [block.content for block in seen_pages(optical.pages).blocks()]


def _optical_findings(optical: OpticalDocument) -> tuple[Finding, ...]:
    """Which program read how many pages, if any, and what was left out."""
    if not optical.pages:
        return optical.findings
    told = Finding(
        rule="read_from_pictures",
        severity=Severity.INFO,
        message=f"{len(optical.pages)} pages were read from pictures by {optical.engine}",
    )
    return (told, *optical.findings)


def _take(
    found: Extract, body: bytes, *, inside: str | None, seen: OpticalDocument | None = None
) -> None:
    """Adds what one file says. inside: its name in an archive; None for the file itself."""
    try:
        if seen is None:
            found.blocks.extend(_blocks(found, body, inside))
        else:
            read = pdf_with_pictures(body, seen)
            found.blocks.extend(read.blocks)
            found.findings.extend(read.findings)
    except RefusedError as error:
        found.findings.append(_named(error.finding, inside))
    except Exception as error:  # noqa: BLE001  libraries raise what they like on hostile bytes
        finding = refusal(
            "file_damaged", "the file cannot be read", f"{type(error).__name__}: {error}"
        )
        found.findings.append(_named(finding, inside))


def _blocks(found: Extract, body: bytes, inside: str | None) -> "list[Block]":
    if len(body) > MAX_BODY_BYTES:
        raise RefusedError("file_too_large", f"files over {MAX_BODY_BYTES} bytes are not read")
    kind = kind_of(body) or "unknown"
    if kind in _READERS:
        return _READERS[kind](body)
    if kind in _REFUSED:
        raise RefusedError(*_REFUSED[kind])
    if is_locked(body, kind):
        raise RefusedError("file_encrypted", why_locked(body, kind))
    if inside is not None and kind in (*REPACKED_KINDS, "zip"):
        raise RefusedError("file_unreadable", "an archive inside an archive is not read")
    if kind in CONVERTED_KINDS | REPACKED_KINDS:
        raise RefusedError("file_not_converted", f"no program was asked to convert the {kind} file")
    if kind != "zip":
        raise RefusedError("file_unreadable", "the kind of the file is not known")
    _take_members(found, Packed(body))
    return []


def _take_members(found: Extract, packed: Packed) -> None:
    """Every file of an archive: its name as a line, then what it says."""
    for number, name in enumerate(packed.names):
        found.blocks.append(name)
        if number >= MAX_FILES:
            continue
        try:
            body = packed.read(name)
        except RefusedError as error:
            found.findings.append(_named(error.finding, name))
            continue
        _take(found, body, inside=name)
    if len(packed.names) > MAX_FILES:
        found.findings.append(refusal("file_too_large", f"only {MAX_FILES} files are read"))


def _spelled(line: str) -> str:
    """A line with its tabs: they part the cells of a row."""
    return "\t".join(map(one_line, line.split("\t")))


def _named(finding: Finding, inside: str | None) -> Finding:
    if inside is None:
        return finding
    rule: Rule = finding.rule  # type: ignore[assignment]  # it was made by `refusal`
    return refusal(rule, finding.message, f"{inside}: {finding.evidence}".rstrip(": "))
