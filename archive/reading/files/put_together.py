"""Lines and ruled tables of pages put together to paragraphs and whole tables."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from archive.model.reading import Cell, Table
from archive.reading.files.paragraphs import Line, Margins, is_page_number, joined
from archive.reading.files.pdf_cells import Box, Ruled
from archive.reading.files.pdf_joined import as_table, belongs_below, joined_below, placed

Part = Line | Ruled


@dataclass(slots=True, kw_only=True)
class Block:
    """A paragraph or a table, and what it was put together from.

    cells: of a table, each with the box it was made from.
    """

    content: str | Table
    lines: list[Line] = field(default_factory=list)
    cells: list[tuple[Box, Cell]] = field(default_factory=list)


def put_together(pages: Sequence[Sequence[Part]]) -> Iterator[Block]:
    """Paragraphs and tables of all pages in order; what a page's end cut is whole again."""
    parts = list(_over_pages(pages))
    margins = Margins.of([part for part in parts if isinstance(part, Line)])
    open_: Block | None = None
    for part in parts:
        if isinstance(part, Ruled):
            if open_ is not None:
                yield open_
            cells = placed(part)
            yield Block(content=as_table([cell for _, cell in cells]), cells=cells)
            open_ = None
        elif open_ is not None and margins.goes_on(open_.lines[-1], part):
            open_.content = joined(str(open_.content), part.text)
            open_.lines.append(part)
        else:
            if open_ is not None:
                yield open_
            open_ = Block(content=part.text, lines=[part])
    if open_ is not None:
        yield open_


def without_page_number(parts: list[Part]) -> list[Part]:
    """A page's parts but for its number, where that stands first or last of its lines."""
    lines = [part for part in parts if isinstance(part, Line)]
    if not lines:
        return parts
    edges = (min(lines, key=lambda line: line.top), max(lines, key=lambda line: line.top))
    dropped = [line for line in edges if is_page_number(line.text)]
    return [part for part in parts if not any(part is line for line in dropped)]


def _over_pages(pages: Iterable[Sequence[Part]]) -> Iterator[Part]:
    """All parts in order; a table at a page's head joins the one at the foot of the last page."""
    held: Ruled | None = None
    for parts in pages:
        for number, part in enumerate(parts):
            if held is not None:
                if number == 0 and isinstance(part, Ruled) and belongs_below(held, part):
                    held = joined_below(held, part)
                    continue
                yield held
                held = None
            if isinstance(part, Ruled):
                held = part
            else:
                yield part
    if held is not None:
        yield held
