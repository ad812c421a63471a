"""Tables are laid out on a grid as browsers do it, whatever the mark-up says."""

import time

from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html
from lxml.html import HtmlElement

from archive.model.reading import Cell, Table
from archive.reading.html.grid import MAX_SLOTS, is_data_table, read_table, rows_as_lines


def table(markup: str) -> HtmlElement:
    return next(html.fromstring(f"<div>{markup}</div>").iter("table"))


def read(markup: str) -> Table:
    return read_table(table(markup))


def spots(found: Table) -> list[tuple[str, int, int]]:
    return [(cell.text, cell.row, cell.column) for cell in found.cells]


def test_a_rowspan_moves_the_next_row_to_the_right() -> None:
    found = read("<table><tr><td rowspan=2>a<td>b<tr><td>c</table>")
    assert spots(found) == [("a", 0, 0), ("b", 0, 1), ("c", 1, 1)]
    assert (found.rows, found.columns) == (2, 2)


def test_a_colspan_takes_the_columns_of_the_other_rows() -> None:
    found = read("<table><tr><td colspan=2>a<td>b<tr><td>c<td>d<td>e</table>")
    assert spots(found)[1:] == [("b", 0, 2), ("c", 1, 0), ("d", 1, 1), ("e", 1, 2)]


def test_rowspan_zero_runs_to_the_end_of_its_row_group() -> None:
    found = read(
        "<table><tbody><tr><td rowspan=0>a<td>b<tr><td>c</tbody><tbody><tr><td>d</tbody></table>"
    )
    assert spots(found)[2:] == [("c", 1, 1), ("d", 2, 0)]
    assert found.cells[0].rowspan == 2


def test_a_rowspan_beyond_the_table_is_clipped() -> None:
    found = read("<table><tr><td rowspan=9999>a<td>b<tr><td>c</table>")
    assert found.cells[0].rowspan == 2
    assert found.rows == 2


def test_a_nonsense_colspan_is_clipped_to_the_width_of_the_table() -> None:
    found = read("<table><tr><td colspan=1000000000>title<tr><td>a<td>b<td>c</table>")
    assert found.columns == 3
    assert found.cells[0].colspan == 3


def test_spans_that_are_no_numbers_count_as_one() -> None:
    found = read("<table><tr><td colspan='two'>a<td rowspan=-3>b<td colspan='0'>c</table>")
    assert [(cell.rowspan, cell.colspan) for cell in found.cells] == [(1, 1)] * 3


def test_breaks_and_paragraphs_are_line_breaks_and_inline_marks_are_nothing() -> None:
    found = read(
        "<table><tr><td>本年新<br/>公开数量<td><p>商业</p><p>企业</p>"
        "<td><span>其</span><b>他</b><td>\n  1 \n 2 </table>"
    )
    assert [cell.text for cell in found.cells] == ["本年新\n公开数量", "商业\n企业", "其他", "1 2"]


def test_a_no_break_space_alone_is_kept_and_an_ideographic_one_is_not() -> None:
    found = read("<table><tr><td>&nbsp;<td>　　<td><p>&nbsp;</p><td>&nbsp;5&nbsp;</table>")
    assert [cell.text for cell in found.cells] == ["\u00a0", "", "\u00a0", "5"]


def test_hidden_rows_cells_and_scripts_are_left_out() -> None:
    found = read(
        "<table><tr style='DISPLAY : none'><td>x</tr><tr><td hidden>y</td><td>1"
        "<td>2<script>3</script><span style='display:none'>4</span><!-- 5 --></table>"
    )
    assert [cell.text for cell in found.cells] == ["1", "2"]
    assert found.rows == 1


def test_cells_of_nested_tables_are_text_of_the_outer_cell() -> None:
    found = read("<table><tr><td>a<td><table><tr><td>1<td>2</table></table>")
    assert [cell.text.split() for cell in found.cells] == [["a"], ["1", "2"]]


def test_cells_without_a_row_make_rows() -> None:
    stray = html.Element("table")
    for text in "ab":
        cell = html.Element("td")
        cell.text = text
        stray.append(cell)
    assert spots(read_table(stray)) == [("a", 0, 0), ("b", 0, 1)]


def test_captions_and_header_cells_are_marked() -> None:
    found = read("<table><caption> 附 表 </caption><tr><th>a<td>b</table>")
    assert found.caption == "附 表"
    assert [cell.header for cell in found.cells] == [True, False]


def test_a_table_beyond_the_limit_is_refused_with_its_size() -> None:
    rows = MAX_SLOTS // 1000 + 10
    found = read("<table><tr>" + "<td>1" * 1000 + "<tr><td>2" * rows + "</table>")
    assert found.cells == ()
    assert found.rows * found.columns > MAX_SLOTS


def test_a_row_is_a_line_and_a_spanned_cell_stands_once() -> None:
    found = read(
        "<table><tr><td rowspan=2>三、本<br>年度<td>a\tb<td>1<tr><td>c<td>\n<tr><td> </table>"
    )
    assert rows_as_lines(found) == ("三、本年度\ta b\t1", "c\t")


def test_a_hostile_table_takes_no_time() -> None:
    hostile = [
        "<table>" + "<tr><td colspan=1000>1<td colspan=60>2" * 5000,
        "<table><tr>" + "<td rowspan=65534>1" * 500 + "<tr><td>2" * 2000,
        "<table>" + "<tr><td>" * 2000 + "<table>" * 2000,
        "<table><tr><td style='" + "display " * 5000 + "'>" + "<b>" * 5000 + "x",
    ]
    begin = time.process_time()
    for markup in hostile:
        element = table(markup)
        is_data_table(element)
        read_table(element)
    assert time.process_time() - begin < 3


TAGS = st.sampled_from(
    ["<table>", "</table>", "<tr>", "<td>", "<th colspan=3>", "<td rowspan=2>", "<td rowspan=0>",
     "<td colspan=99999999999>", "<tbody>", "<caption>", "<br>", "<p>", "<span hidden>", "</tr>",
     "<!-- c -->", "<table border=1>", "<td rowspan='１'>", "<script>", "</script>", "<form>"]
)  # fmt: skip
TEXTS = st.text(alphabet="1２,，一（）. \u00a0\t\n索引号:", max_size=6)


@given(st.lists(st.one_of(TAGS, TEXTS), max_size=60))
@settings(max_examples=150, deadline=None)
def test_no_mark_up_raises_and_cells_never_overlap(pieces: list[str]) -> None:
    tree = html.fromstring("<div>" + "".join(pieces) + "</div>")
    for element in tree.iter("table"):
        is_data_table(element)
        found = read_table(element)
        rows_as_lines(found)
        taken = [slot for cell in found.cells for slot in anchor(cell)]
        assert len(taken) == len(set(taken))
        assert all(row < found.rows and column < found.columns for row, column in taken)


def anchor(cell: Cell) -> list[tuple[int, int]]:
    """The standard lets wide cells overlap what a row above left free; anchors never do."""
    return [(cell.row, cell.column)]
