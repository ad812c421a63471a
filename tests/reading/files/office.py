"""Word, Excel and OFD files made from paragraphs and rows of cells."""

import io
import zipfile
from html import escape

from openpyxl import Workbook

from tests.reading.files.report import Rows, placed

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
OFD = "http://www.ofdspec.org/2016"


def zipped(parts: dict[str, bytes | str]) -> bytes:
    """A zip file with these members."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as container:
        for name, part in parts.items():
            container.writestr(name, part)
    return made.getvalue()


def paragraph(text: str, properties: str = "") -> str:
    """A w:p of one run."""
    return f"<w:p>{properties}<w:r><w:t>{escape(text)}</w:t></w:r></w:p>"


def docx(content: str, **parts: str) -> bytes:
    """A Word file with this in its body; further parts of word/ by name."""
    document = (
        f'<?xml version="1.0"?><w:document xmlns:w="{W}"><w:body>{content}</w:body></w:document>'
    )
    more = {f"word/{name}.xml": part for name, part in parts.items()}
    return zipped({"[Content_Types].xml": "<Types/>", "word/document.xml": document, **more})


def word_table(rows: Rows) -> str:
    """A w:tbl: columns joined by gridSpan, rows by vMerge."""
    grid: dict[int, list[tuple[int, str]]] = {n: [] for n in range(len(rows))}
    for text, row, column, height, width in placed(rows):
        for down in range(height):
            merge = "" if height == 1 else "<w:vMerge/>" if down else '<w:vMerge w:val="restart"/>'
            said = "" if down else text
            cell = f'<w:tc><w:tcPr><w:gridSpan w:val="{width}"/>{merge}</w:tcPr>{paragraph(said)}</w:tc>'
            grid[row + down].append((column, cell))
    lines = ("".join(cell for _, cell in sorted(grid[n])) for n in grid)
    return "<w:tbl>" + "".join(f"<w:tr>{line}</w:tr>" for line in lines) + "</w:tbl>"


def xlsx(**sheets: Rows) -> bytes:
    """A workbook: numbers as numbers, spans as merged cells."""
    book = Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for text, row, column, height, width in placed(rows):
            sheet.cell(row + 1, column + 1, int(text) if text.isdecimal() else text)
            if height > 1 or width > 1:
                sheet.merge_cells(
                    start_row=row + 1,
                    start_column=column + 1,
                    end_row=row + height,
                    end_column=column + width,
                )
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def ofd(*pages: list[tuple[float, float, str]]) -> bytes:
    """An OFD file; a page is runs of text with the x and y of their boxes, in millimetres."""
    return ofd_of_objects(
        *(
            "".join(
                f'<ofd:TextObject Boundary="{x} {y} {len(text) * 5} 5"><ofd:TextCode X="0" Y="4">'
                f"{escape(text)}</ofd:TextCode></ofd:TextObject>"
                for x, y, text in runs
            )
            for runs in pages
        )
    )


def ofd_of_objects(*pages: str) -> bytes:
    """An OFD file; a page is its objects as XML."""
    index = f'<ofd:OFD xmlns:ofd="{OFD}"><ofd:DocBody><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>'
    places = "".join(f'<ofd:Page ID="{n}" BaseLoc="Pages/{n}.xml"/>' for n in range(len(pages)))
    document = f'<ofd:Document xmlns:ofd="{OFD}"><ofd:Pages>{places}</ofd:Pages></ofd:Document>'
    parts = {"OFD.xml": index, "Doc_0/Document.xml": document}
    for number, objects in enumerate(pages):
        parts[f"Doc_0/Pages/{number}.xml"] = (
            f'<ofd:Page xmlns:ofd="{OFD}"><ofd:Content><ofd:Layer>{objects}</ofd:Layer></ofd:Content></ofd:Page>'
        )
    return zipped(parts)
