"""Word files: what is visible, in order, with the numbers that Word itself counts."""

import pytest

from tests.reading.files.made_files import grid, of, rules
from tests.reading.files.office import W, docx, paragraph, word_table, zipped

NUMBERED = '<w:pPr><w:numPr><w:ilvl w:val="{}"/><w:numId w:val="1"/></w:numPr></w:pPr>'
NUMBERING = f"""<w:numbering xmlns:w="{W}"><w:abstractNum w:abstractNumId="0">
<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="chineseCounting"/><w:lvlText w:val="%1、"/></w:lvl>
<w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:lvlText w:val="%2."/></w:lvl>
<w:lvl w:ilvl="2"><w:numFmt w:val="bullet"/><w:lvlText w:val="o"/></w:lvl>
</w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num></w:numbering>"""


def lines(content: str, **parts: str) -> tuple[str, ...]:
    return of(docx(content, **parts)).lines


def test_paragraphs_and_tables_stand_in_order() -> None:
    table = word_table([[("项目", 1, 1), ("数", 1, 1)], [("受理", 1, 1), ("3", 1, 1)]])
    assert lines(paragraph("前") + table + paragraph("后")) == ("前", "项目\t数", "受理\t3", "后")


def test_a_cell_joined_downward_keeps_its_height() -> None:
    table = word_table([[("组", 2, 1), ("一", 1, 1)], [("二", 1, 1)]])
    reading = of(docx(table))
    assert [(c.text, c.rowspan) for c in reading.tables[0].cells] == [
        ("组", 2),
        ("一", 1),
        ("二", 1),
    ]


def test_a_cell_joined_sideways_keeps_its_width() -> None:
    reading = of(docx(word_table([[("头", 1, 2)], [("a", 1, 1), ("b", 1, 1)]])))
    assert [(c.text, c.column, c.colspan) for c in reading.tables[0].cells] == [
        ("头", 0, 2),
        ("a", 0, 1),
        ("b", 1, 1),
    ]


def test_automatic_numbers_are_printed_numbers() -> None:
    content = "".join(
        paragraph(text, NUMBERED.format(level))
        for text, level in [("总体情况", 0), ("公开", 1), ("申请", 1), ("问题", 0), ("数量", 1)]
    )
    assert lines(content, numbering=NUMBERING) == (
        "一、总体情况",
        "1.公开",
        "2.申请",
        "二、问题",
        "1.数量",
    )


def test_bullets_are_no_numbers() -> None:
    assert lines(paragraph("公开", NUMBERED.format(2)), numbering=NUMBERING) == ("公开",)


def test_the_number_of_a_style_is_printed() -> None:
    styles = (
        f'<w:styles xmlns:w="{W}"><w:style w:styleId="H"><w:pPr><w:numPr><w:numId w:val="1"/>'
        "</w:numPr></w:pPr></w:style></w:styles>"
    )
    styled = paragraph("总体情况", '<w:pPr><w:pStyle w:val="H"/></w:pPr>')
    assert lines(styled, numbering=NUMBERING, styles=styles) == ("一、总体情况",)


@pytest.mark.parametrize(
    "content",
    [
        "<w:p><w:del><w:r><w:delText>旧</w:delText></w:r></w:del><w:r><w:t>新</w:t></w:r></w:p>",
        "<w:p><w:r><w:rPr><w:vanish/></w:rPr><w:t>藏</w:t></w:r><w:r><w:t>新</w:t></w:r></w:p>",
        "<w:p><w:r><w:instrText>PAGE</w:instrText></w:r><w:r><w:t>新</w:t></w:r></w:p>",
        "<w:sdt><w:sdtContent><w:p><w:ins><w:r><w:t>新</w:t></w:r></w:ins></w:p></w:sdtContent></w:sdt>",
    ],
)
def test_only_what_is_visible_is_read(content: str) -> None:
    assert lines(content) == ("新",)


def test_a_line_break_ends_a_line() -> None:
    assert lines("<w:p><w:r><w:t>一</w:t><w:br/><w:t>二</w:t></w:r></w:p>") == ("一", "二")


def test_a_text_box_is_read_once() -> None:
    box = "<w:txbxContent><w:p><w:r><w:t>框</w:t></w:r></w:p></w:txbxContent>"
    content = (
        '<w:p><w:r><mc:AlternateContent xmlns:mc="m"><mc:Choice><w:pict>'
        + box
        + "</w:pict></mc:Choice>"
        "<mc:Fallback><w:pict>"
        + box
        + "</w:pict></mc:Fallback></mc:AlternateContent><w:t>文</w:t></w:r></w:p>"
    )
    assert lines(content) == ("文", "框")


def test_a_cell_of_a_no_break_space_is_not_blank() -> None:
    reading = of(docx(word_table([[("项", 1, 1), ("\u00a0", 1, 1)], [("目", 1, 1), ("", 1, 1)]])))
    assert grid(reading) == [["项", "\u00a0"], ["目", ""]]


def test_a_table_beyond_the_limit_is_refused() -> None:
    row = (
        "<w:tr>" + '<w:tc><w:tcPr><w:gridSpan w:val="200"/></w:tcPr><w:p/></w:tc>' * 90 + "</w:tr>"
    )
    assert rules(of(docx(f"<w:tbl>{row * 20}</w:tbl>"))) == ["file_too_large"]


def test_deep_nesting_is_refused() -> None:
    deep = "<w:tbl><w:tr><w:tc>" * 200 + "<w:p/>" + "</w:tc></w:tr></w:tbl>" * 200
    assert rules(of(docx(deep))) == ["file_damaged"]


def test_entities_are_not_expanded() -> None:
    bomb = '<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa">' + "".join(
        f'<!ENTITY {name} "{f"&{below};" * 10}">'
        for name, below in zip("bcdefghi", "abcdefgh", strict=True)
    )
    document = f'{bomb}]><w:document xmlns:w="{W}"><w:body><w:p><w:r><w:t>文&i;</w:t></w:r></w:p></w:body></w:document>'
    reading = of(zipped({"word/document.xml": document}))
    assert len("".join(reading.lines)) < 20


def test_a_word_file_without_its_text_is_damaged() -> None:
    assert rules(of(zipped({"word/document.xml": "no mark-up"}))) == ["file_damaged"]
