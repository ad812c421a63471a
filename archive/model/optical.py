"""What optical recognition saw on pictures of pages: a claim, which the reports' rules confirm or
refute. Everything here is frozen.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from archive.model.bulk import bulk_record
from archive.model.finding import Finding


class Certainty(StrEnum):
    """What the rules say of a number that was read from a picture.

    confirmed: a rule of sums that includes it holds. contradicted: one fails. unconfirmed: none
    could be assessed.
    """

    CONFIRMED = "confirmed"
    CONTRADICTED = "contradicted"
    UNCONFIRMED = "unconfirmed"


@bulk_record
class Box:
    """Where something stands on a page: its upper left corner and size, in ten-thousandths of the
    page's width and height, on the picture as it is kept. page: from 1.
    """

    page: int
    x: int
    y: int
    width: int
    height: int


@bulk_record
class Place:
    """Where a figure or a part of a line was seen. confidence: of the model, 0 to 1."""

    box: Box
    confidence: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Where each figure and each line of a reading was seen, in its order.

    figures: None for one that is not of a picture. lines: the printed lines that a paragraph was
    put together from, the cells of a table's row; () for a line that is not of a picture.
    """

    figures: tuple[Place | None, ...]
    lines: tuple[tuple[Place, ...], ...]


@bulk_record
class OpticalLine:
    """A line of text. confidence: of the model, 0 to 1."""

    text: str
    confidence: float
    box: Box


@bulk_record
class OpticalCell:
    """A table's cell at its anchor (0-based). confidence: the lowest of its lines; 1 when blank."""

    row: int
    column: int
    text: str
    confidence: float
    box: Box
    rowspan: int = 1
    colspan: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class OpticalTable:
    """A table: its cells in document order, and its size once the spans are laid out."""

    cells: tuple[OpticalCell, ...]
    rows: int
    columns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OpticalPage:
    """One page: lines and tables in reading order.

    source: which of the pictures or files handed over it is of, from 0; page: within that, from 1.
    width, height: of the picture that was looked at, pixels.
    turned: by how many degrees it was turned before it was read, clockwise.
    """

    source: int
    page: int
    width: int
    height: int
    turned: float
    blocks: tuple[OpticalLine | OpticalTable, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpticalDocument:
    """All pages in order. engine: program, version, model and layout (`rapidocr 3.10.0 PP-OCRv6
    small, layout 3`). findings: what was not looked at, and why.
    """

    engine: str
    pages: tuple[OpticalPage, ...]
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OpticalLimits:
    """What recognition takes on: beyond it a finding says what was left out.

    bytes: of one body. pixels: of one picture as it is stored; larger ones are not decoded.
    pages: of all bodies together. dpi: at which a page of a PDF is drawn.
    seconds_a_page: of the processor; a page that takes more is left, and no other is begun.
    memory: what the process it runs in may take, in bytes of address space; whoever starts that
        holds it to it.
    """

    bytes: int = 96 * 1024**2
    pixels: int = 80_000_000
    pages: int = 60
    dpi: int = 200
    seconds_a_page: float = 120.0
    memory: int = 4 * 1024**3


STORED_CERTAINTIES: Final = tuple(Certainty)
"""How certainties are stored: by their place here, which never changes."""


@bulk_record
class OpticalFigure:
    """A figure that was read from a picture. position: among the figures of its reading, from 0."""

    position: int
    certainty: Certainty
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class OpticalReading:
    """What a reading with pictures has besides. captured_hash: the content hash of the same capture
    without them.
    """

    captured_hash: str
    figures: tuple[OpticalFigure, ...]
