"""Word, Excel and OFD files made from paragraphs and rows of cells."""

import io
import zipfile
from collections.abc import Mapping
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


def docx_of_pictures(*bodies: bytes, text: str = "") -> bytes:
    """A Word file that shows these pictures, and a paragraph where `text` is one."""
    relations = "".join(
        f'<Relationship Id="r{n}" Target="media/{n}.bin"/>' for n in range(len(bodies))
    )
    shown = "".join(f'<w:p><w:r><w:drawing><a:blip r:embed="r{n}"/></w:drawing></w:r></w:p>'
                    for n in range(len(bodies)))  # fmt: skip
    return zipped({
        "[Content_Types].xml": "<Types/>",
        "word/document.xml": f'<w:document xmlns:w="w" xmlns:a="a" xmlns:r="r"><w:body>'
        f"{paragraph(text) if text else ''}{shown}</w:body></w:document>",
        "word/_rels/document.xml.rels": f"<Relationships>{relations}</Relationships>",
        **{f"word/media/{n}.bin": body for n, body in enumerate(bodies)},
    })  # fmt: skip


def ofd_of_pictures(*bodies: bytes, text: str = "") -> bytes:
    """An OFD file of which each page shows one of these pictures; the last has its resources with
    the page, all others with the document.
    """
    last = len(bodies) - 1
    media = [
        f'<ofd:MultiMedia ID="{n}" Type="Image"><ofd:MediaFile>{n}.bin</ofd:MediaFile></ofd:MultiMedia>'
        for n in range(len(bodies))
    ]
    named = "<ofd:CommonData><ofd:DocumentRes>DocumentRes.xml</ofd:DocumentRes></ofd:CommonData>"
    own = "<ofd:PageRes>../PageRes.xml</ofd:PageRes>"
    word = (
        f'<ofd:TextObject Boundary="9 9 90 5"><ofd:TextCode X="0" Y="4">{text}</ofd:TextCode>'
        "</ofd:TextObject>" if text else ""
    )  # fmt: skip
    pages = [
        f'{word}<ofd:ImageObject Boundary="0 0 210 297" ResourceID="{n}"/>'
        for n in range(len(bodies))
    ]
    resources = f'<ofd:Res xmlns:ofd="{OFD}" BaseLoc="Res"><ofd:MultiMedias>{{}}</ofd:MultiMedias></ofd:Res>'
    return ofd_of_objects(
        *pages, common=named, of_last=own,
        more={
            "Doc_0/DocumentRes.xml": resources.format("".join(media[:last])),
            "Doc_0/PageRes.xml": resources.format(media[last]),
            **{f"Doc_0/Res/{n}.bin": body for n, body in enumerate(bodies)},
        },
    )  # fmt: skip


def ofd_of_objects(
    *pages: str, common: str = "", of_last: str = "", more: Mapping[str, bytes | str] | None = None
) -> bytes:
    """An OFD file; a page is its objects as XML. common, of_last: XML of the document, of its last
    page. more: other parts.
    """
    index = f'<ofd:OFD xmlns:ofd="{OFD}"><ofd:DocBody><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>'
    places = "".join(f'<ofd:Page ID="{n}" BaseLoc="Pages/{n}.xml"/>' for n in range(len(pages)))
    document = (
        f'<ofd:Document xmlns:ofd="{OFD}">{common}<ofd:Pages>{places}</ofd:Pages></ofd:Document>'
    )
    parts = {"OFD.xml": index, "Doc_0/Document.xml": document, **(more or {})}
    for number, objects in enumerate(pages):
        own = of_last if number == len(pages) - 1 else ""
        parts[f"Doc_0/Pages/{number}.xml"] = (
            f'<ofd:Page xmlns:ofd="{OFD}">{own}<ofd:Content><ofd:Layer>{objects}</ofd:Layer></ofd:Content></ofd:Page>'
        )
    return zipped(parts)
