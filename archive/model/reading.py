"""What one version of the code understood from one capture. Everything here is frozen."""

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Final

from archive.model.bulk import bulk_record
from archive.model.finding import Finding, Severity
from archive.model.optical import OpticalDocument
from archive.model.outcome import Role

__all__ = [
    "BodyKind",
    "Cell",
    "CellState",
    "Check",
    "CheckState",
    "Field",
    "Figure",
    "Finding",
    "Forward",
    "Kind",
    "Link",
    "Period",
    "PublicBody",
    "Reading",
    "Severity",
    "Source",
    "Statement",
    "Table",
]


IMAGE_ONLY: Final = "image_only"
"""The finding of a page or a file whose text is in pictures."""


class Kind(StrEnum):
    """What a page is. Lists are kept and versioned too, but left out of search."""

    REPORT = "report"
    LIST = "list"
    ARTICLE = "article"
    ATTACHMENT = "attachment"
    OTHER = "other"


class CellState(StrEnum):
    """Blank, absent and zero are different: an absent cell has no Figure at all."""

    GIVEN = "given"
    BLANK = "blank"
    PLACEHOLDER = "placeholder"
    STATED_NONE = "stated_none"


class Period(StrEnum):
    """Which time a stated number speaks of: the report's year, or all since the beginning (as a
    rule May 2008, when the Regulation came into force).
    """

    YEAR = "year"
    CUMULATIVE = "cumulative"


class CheckState(StrEnum):
    """A rule over figures holds, is violated, or cannot be assessed (a needed cell is missing)."""

    HOLDS = "holds"
    VIOLATED = "violated"
    NOT_ASSESSABLE = "not_assessable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One labelled value of a page.

    name: the contract's name (index_number, agency, published_on …), or the printed label itself
        when no codebook knows it.
    value: normalised (dates ISO 8601); None when the label is printed with nothing behind it.
    printed: exactly as on the page (inner white space folded); "" when empty.
    origin: where it stood: "header:发布机构", "meta:PubDate", "heading", "breadcrumb", "address",
        "signature", "prose", "column".
    """

    name: str
    value: str | None
    printed: str
    origin: str


@bulk_record
class Cell:
    """A table cell at its anchor (0-based row and column of the expanded grid)."""

    text: str
    row: int
    column: int
    rowspan: int = 1
    colspan: int = 1
    header: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A data table: its cells in document order, and its size once the spans are laid out."""

    cells: tuple[Cell, ...]
    rows: int
    columns: int
    caption: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A URL that a page names and that belongs to the section, with what it was taken for.

    printed_date: the date beside it in the list, as printed; None when there is none.
    body: form body of a POST, None for a GET.
    """

    url: str
    text: str
    role: Role
    printed_date: str | None = None
    method: str = "GET"
    body: str | None = None


@bulk_record
class Figure:
    """One number of a report.

    form: f08, f14, f19 or f21.
    indicator: key of the codebook with the form in front (f21.s3.result.granted); None when no
        codebook knows the row, which is then kept under its printed label.
    applicant: natural business research charity legal other_org total; None where the form has
        no applicant columns.
    value: None unless the state is given or stated_none (then 0).
    where: "table 2 row 5 column 3", 1-based, or "line 12" for a table flattened into lines.
    """

    form: str
    indicator: str | None
    label: str
    applicant: str | None
    value: Decimal | None
    unit: str | None
    printed: str
    state: CellState
    where: str


@bulk_record
class Statement:
    """A number of a report's prose, or that there was none.

    concept: key of the codebook's indicators where a form counts it too (requests_received), else
        of prose.toml (disclosed_of_a_kind).
    value: 0 where the sentence says that there was none (state stated_none).
    unit: as printed behind the number, without 万 before what is counted, which is in the value;
        None where none is printed.
    printed: number and unit, or the words that say that there was none, exactly as in the sentence.
    line, start: where the sentence stands: its line, from 1, and its first character, from 0.
    at: where `printed` begins in the sentence, from 0.
    """

    concept: str
    value: Decimal
    unit: str | None
    state: CellState
    period: Period
    printed: str
    sentence: str
    line: int
    start: int
    at: int


@bulk_record
class Check:
    """One rule (R1 … R21) applied once: scope says to what (an applicant column, a row, …)."""

    rule: str
    scope: str
    state: CheckState
    message: str
    evidence: str


class BodyKind(StrEnum):
    """What a public body is: the deadline of its report depends on it."""

    GOVERNMENT = "government"
    DEPARTMENT = "department"
    TOWNSHIP = "township"


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicBody:
    """A public body that reports each year, in the one spelling under which it is kept.

    name: the place without those above it, then the body in full (崇川区供销合作社).
    division: code of that place, the latest under its name; None when the page does not tell.
    """

    name: str
    division: str | None
    kind: BodyKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What reading is given: one capture's body and what is known from outside the body.

    body: the entity after content coding (gzip) was taken off.
    media_type / charset: of the Content-Type header, lower case; None when not sent.
    family: the portal's CMS family when it is known; None asks for recognition.
    division: code of the portal's place when the catalogue gives it; None when it does not.
    conversion: for a file that only an outside program can read: which program converted it, or
        why none did; None when no conversion was tried.
    post_body: the body of the request, where the page was asked for by a POST; None for a GET.
    refresh: the Refresh header; None when not sent.
    converted: what the program made of the body (a .docx, or UTF-8 text: converted_is_text); None
        when it made nothing.
    optical: what recognition saw on its pictures; None where nobody looked.
    listed: what a list calls the page; None where that is not told.
    """

    url: str
    body: bytes
    media_type: str | None = None
    charset: str | None = None
    file_name: str | None = None
    role: Role = Role.PAGE
    family: str | None = None
    division: str | None = None
    post_body: str | None = None
    refresh: str | None = None
    conversion: str | None = None
    converted: bytes | None = None
    converted_is_text: bool = False
    optical: OpticalDocument | None = None
    listed: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Forward:
    """Where a page sends its reader. how: meta refresh, Refresh header, script, its only link."""

    url: str
    how: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What was understood. `lines` is the title-less body: one paragraph or table row a line,
    the cells of a row separated by a tab; for a list one item a line (text, tab, date).

    links: on a list the items and the further list pages; on any page its attachments.
    content_hash: over title and lines, see archive.model.content.
    official: False when the page is a copy on somebody else's site (figures are then refused).
    needs_browser: why list or text cannot be read without running the page's scripts (a challenge
        is named in `blocked` too); None when nothing is missing that a browser could bring.
    publisher: the public body that a report is of; None for other pages, and when none is named.
    forward: for a page that is none itself but sends its reader on; None for all others.
    statements: numbers that the lines state in prose, in their order.
    """

    reader_version: str
    kind: Kind
    family: str | None
    charset_declared: str | None
    charset_used: str | None
    title: str | None
    lines: tuple[str, ...]
    content_hash: str
    report_year: int | None = None
    official: bool = True
    fields: tuple[Field, ...] = ()
    tables: tuple[Table, ...] = ()
    figures: tuple[Figure, ...] = ()
    checks: tuple[Check, ...] = ()
    findings: tuple[Finding, ...] = ()
    links: tuple[Link, ...] = ()
    soft_404: str | None = None
    blocked: str | None = None
    identity: tuple[Field, ...] = field(default=())
    needs_browser: str | None = None
    publisher: PublicBody | None = None
    forward: Forward | None = None
    statements: tuple[Statement, ...] = ()
