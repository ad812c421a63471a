"""Reports that are pictures: drawn from tables, with what an engine would see on them."""

import io
import json
from collections.abc import Callable, Sequence
from functools import cache

from PIL import Image, ImageDraw, ImageFont
from PIL.PngImagePlugin import PngInfo
from sqlalchemy import select

from archive.model.optical import (
    Box,
    Certainty,
    OpticalCell,
    OpticalDocument,
    OpticalFigure,
    OpticalLine,
    OpticalPage,
    OpticalReading,
    OpticalTable,
    Place,
)
from archive.model.reading import Cell, Table
from archive.store import Store
from archive.store.query.questions import page_at
from archive.store.query.stored_parts import version_parts
from archive.store.schema import page, version
from archive.store.write.optical import OpticalPart, write_optical
from archive.store.write.optical_documents import keep_document
from archive.web.doubts import place_of
from tests.store.making import NOW

ENGINE = "double 1.0"
WIDTH, HEIGHT = 1_240, 1_754
FULL = 10_000
_FONTS = (
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc",
)


@cache
def font(size: int) -> ImageFont.ImageFont | ImageFont.FreeTypeFont:
    for path in _FONTS:
        try:
            return ImageFont.truetype(path, size)
        except OSError:
            continue
    return ImageFont.load_default(size)


def box_of(table: Table, row: int, column: int, rowspan: int, colspan: int) -> Box:
    """Where a cell is drawn: the table fills the middle of the page."""
    wide, high = 9_000 // table.columns, 6_000 // table.rows
    return Box(
        page=1, x=500 + column * wide, y=2_000 + row * high, width=colspan * wide,
        height=rowspan * high,
    )  # fmt: skip


def seen(title: str, table: Table, engine: str = ENGINE) -> OpticalDocument:
    """What is seen on `drawn`."""
    heading = OpticalLine(
        text=title, confidence=0.99, box=Box(page=1, x=1_000, y=700, width=8_000, height=300)
    )
    blocks = (heading, _seen_table(table, 1))
    sheet = OpticalPage(source=0, page=1, width=WIDTH, height=HEIGHT, turned=0.0, blocks=blocks)
    return OpticalDocument(engine=engine, pages=(sheet,))


def drawn(title: str, table: Table) -> bytes:
    """A page with a heading and a ruled table, as PNG."""
    picture = Image.new("RGB", (WIDTH, HEIGHT), "white")
    pen = ImageDraw.Draw(picture)
    pen.text((WIDTH // 10, HEIGHT * 7 // 100), title, fill="black", font=font(34))
    for each in table.cells:
        box = box_of(table, each.row, each.column, each.rowspan, each.colspan)
        left, top = box.x * WIDTH // FULL, box.y * HEIGHT // FULL
        wide, high = box.width * WIDTH // FULL, box.height * HEIGHT // FULL
        pen.rectangle((left, top, left + wide, top + high), outline="black", width=2)
        pen.text((left + 8, top + high // 3), each.text[:12], fill="black", font=font(18))
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def scan(lines: Sequence[str], cells: Sequence[tuple[str, int, int, int, int]] = ()) -> bytes:
    """A page of lines and a table (text, row, column, rows, columns of each cell) as PNG; what it
    shows stands in the file, too, so that `recognised` need not look.
    """
    picture = Image.new("RGB", (WIDTH, HEIGHT), "white")
    pen = ImageDraw.Draw(picture)
    for number, line in enumerate(lines):
        pen.text((100, 60 + 40 * number), line, fill="black", font=font(24))
    for each in _table(cells).cells if cells else ():
        box = box_of(_table(cells), each.row, each.column, each.rowspan, each.colspan)
        at = (box.x * WIDTH // FULL + 4, box.y * HEIGHT // FULL + 4)
        pen.text(at, each.text[:8], fill="black", font=font(14))
    told = PngInfo()
    told.add_text("shows", json.dumps({"lines": [*lines], "cells": [*cells]}))
    out = io.BytesIO()
    picture.save(out, "PNG", pnginfo=told)
    return out.getvalue()


def recognised(bodies: Sequence[bytes], engine: str = ENGINE) -> OpticalDocument:
    """What stands on pictures made by `scan`; of others nothing."""
    pages = []
    for source, body in enumerate(bodies):
        told = json.loads(Image.open(io.BytesIO(body)).text["shows"])  # type: ignore[attr-defined] # of PNG
        number = len(pages) + 1
        blocks: list[OpticalLine | OpticalTable] = [
            OpticalLine(
                text=line, confidence=0.99,
                box=Box(page=number, x=800, y=340 + 228 * place, width=8_400, height=200),
            )
            for place, line in enumerate(told["lines"])
        ]  # fmt: skip
        if told["cells"]:
            blocks.append(_seen_table(_table(told["cells"]), number))
        pages.append(
            OpticalPage(
                source=source, page=1, width=WIDTH, height=HEIGHT, turned=0.0, blocks=tuple(blocks)
            )
        )
    return OpticalDocument(engine=engine, pages=tuple(pages))


def _table(cells: Sequence[Sequence[object]]) -> Table:
    made = tuple(
        Cell(text=str(text), row=int(str(row)), column=int(str(column)), rowspan=int(str(high)),
             colspan=int(str(wide)))
        for text, row, column, high, wide in cells
    )  # fmt: skip
    return Table(
        cells=made, rows=max(each.row + each.rowspan for each in made),
        columns=max(each.column + each.colspan for each in made),
    )  # fmt: skip


def _seen_table(table: Table, page_number: int) -> OpticalTable:
    cells = []
    for each in table.cells:
        box = box_of(table, each.row, each.column, each.rowspan, each.colspan)
        box = Box(page=page_number, x=box.x, y=box.y, width=box.width, height=box.height)
        cells.append(
            OpticalCell(
                row=each.row, column=each.column, text=each.text, confidence=0.9876, box=box,
                rowspan=each.rowspan, colspan=each.colspan,
            )
        )  # fmt: skip
    return OpticalTable(cells=tuple(cells), rows=table.rows, columns=table.columns)


def see(store: Store, url: str, sure: Callable[[int], Certainty]) -> None:
    """Marks the latest version of a page as read from a picture of its table; `sure` says how sure
    the figure at a position is.
    """
    with store.write() as connection:
        found = page_at(connection, url)
        assert found is not None
        row = connection.execute(
            select(version).join(page, page.c.id == version.c.page_id)
            .where(page.c.key == found.key, version.c.number == page.c.versions)
        ).one()  # fmt: skip
        parts = version_parts(connection, row.id)
        [table] = parts.tables
        kept = keep_document(connection, f"of {url}", seen(row.title, table), NOW)
        figures = []
        for position, each in enumerate(parts.figures):
            where = place_of(each.where)
            if where is None:
                continue
            box = box_of(table, where[1] - 1, where[2] - 1, 1, 1)
            place = Place(box=box, confidence=0.9876)
            figures.append(OpticalFigure(position=position, certainty=sure(position), place=place))
        reading = OpticalReading(captured_hash="0" * 64, figures=tuple(figures))
        part = OpticalPart(
            document_id=kept.document_id, engine=ENGINE, captures=(row.capture_id,), missing=0,
            reading=reading,
        )  # fmt: skip
        write_optical(connection, {row.id: part})
