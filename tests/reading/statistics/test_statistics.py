"""What the statistics reader does where a table is not what the form says."""

from decimal import Decimal

from lxml import html

from archive.model.reading import CellState, Figure
from archive.reading.html.grid import is_data_table, read_table
from archive.reading.statistics.read import Statistics, read_statistics

S3_HEAD = (
    "<tr><td colspan=3 rowspan=3>（本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和"
    "）"
    "<td colspan=7>申请人情况<tr><td rowspan=2>自然人<td colspan=5>法人或其他组织<td rowspan=2>总计"
    "<tr><td>商业企业<td>科研机构<td>社会公益组织<td>法律服务机构<td>其他"
)
F14_HEAD = "<tr><td>统计指标<td>单位<td>统计数"
F14_MARKS = "<tr><td>制发规范性文件总数<td>件<td>3"


def read(*tables: str, year: int | None = None, lines: tuple[str, ...] = ()) -> Statistics:
    found = []
    for markup in tables:
        tree = html.fromstring(f"<div><table border=1>{markup}</table></div>")
        found += [read_table(table) for table in tree.iter("table")]
    return read_statistics(found, lines, title=None, report_year=year)


def values(found: Statistics, indicator: str) -> list[str]:
    return [figure.printed for figure in found.figures if figure.indicator == indicator]


def only(found: Statistics, indicator: str) -> Figure:
    return next(figure for figure in found.figures if figure.indicator == indicator)


def rules(found: Statistics) -> set[str]:
    return {finding.rule for finding in found.findings}


def row(*cells: str) -> str:
    return "<tr>" + "".join(f"<td>{cell}" for cell in cells)


def s3(*rows: str) -> str:
    closing = row("四、结转下年度继续办理", *"0000000")
    return S3_HEAD + "".join(rows) + closing


def test_a_page_without_statistics_has_no_form() -> None:
    found = read(row("序号", "姓名") + row("1", "某某"))
    assert (found.form, found.figures, found.findings) == (None, (), ())


def test_nothing_at_all_has_no_form() -> None:
    assert read_statistics([], [], title=None, report_year=2020).form is None


def test_section_three_alone_takes_its_form_from_the_year() -> None:
    table = s3(row("一、本年新收政府信息公开申请数量", *"1000001"))
    assert read(table, year=2020).form == "f19"
    assert read(table, year=2023).form == "f21"
    assert values(read(table, year=2023), "f21.s3.new") == list("1000001")


def test_the_marks_of_a_form_outweigh_the_year() -> None:
    table = row("信息内容", "本年新制作数量", "本年新公开数量", "对外公开总数量") + row(
        "规章", *"123"
    )
    found = read(table, year=2023)
    assert found.form == "f19"
    assert values(found, "f19.s2.i1.rules.disclosed_total") == ["3"]


def test_where_is_counted_from_one() -> None:
    found = read(row("a", "b"), F14_HEAD + F14_MARKS + row("（一）收到申请数", "件", "5"))
    assert only(found, "f14.request.received.total").where == "table 2 row 3 column 3"


def test_a_row_that_no_codebook_knows_is_kept_and_counted() -> None:
    found = read(s3(row("9.属于工作秘密", *"0100001")), year=2023)
    unknown = [figure for figure in found.figures if figure.indicator is None]
    assert [f.printed for f in unknown] == list("0100001")
    assert {f.label for f in unknown} == {"9.属于工作秘密"}
    assert [f.applicant for f in unknown][-1] == "total"
    finding = next(f for f in found.findings if f.rule == "unknown_rows")
    assert finding.message.startswith("1 ×")


def test_blank_placeholder_absent_and_zero_are_four_things() -> None:
    found = read(
        F14_HEAD + F14_MARKS + row("（一）收到申请数", "件", "") + row("1．当面申请数", "件", "/")
        + row("2．传真申请数", "件", "0")
    )  # fmt: skip
    states = {f.indicator: (f.state, f.value) for f in found.figures}
    assert states["f14.request.received.total"] == (CellState.BLANK, None)
    assert states["f14.request.received.in_person"] == (CellState.PLACEHOLDER, None)
    assert states["f14.request.received.fax"] == (CellState.GIVEN, Decimal(0))
    assert "f14.request.received.online" not in states
    assert {"blank_cells", "missing_rows"} <= rules(found)


def test_a_cell_that_is_no_number_keeps_what_is_printed() -> None:
    found = read(F14_HEAD + F14_MARKS + row("（一）收到申请数", "件", "见附件"))
    figure = only(found, "f14.request.received.total")
    assert (figure.value, figure.printed, figure.state) == (None, "见附件", CellState.GIVEN)
    assert "unreadable_number" in rules(found)


def test_fewer_than_seven_values_without_a_head_are_not_guessed() -> None:
    closing = row("四、结转下年度继续办理", *"45")
    found = read(row("一、本年新收政府信息公开申请数量", *"123") + closing, year=2023)
    assert all(figure.indicator is None for figure in found.figures)
    assert "unplaced_cells" in rules(found)


def test_merged_value_cells_are_placed_by_the_head_and_the_wide_one_is_not() -> None:
    merged = "<tr><td colspan=3>一、本年新收政府信息公开申请数量<td>7<td colspan=5>0<td>7"
    found = read(S3_HEAD + merged + row("四、结转下年度继续办理"), year=2023)
    placed = {f.applicant: f.printed for f in found.figures if f.indicator == "f21.s3.new"}
    assert placed == {"natural": "7", "total": "7"}
    assert [f.printed for f in found.figures if f.indicator is None] == ["0"]


def test_blank_cells_too_many_behind_the_values_are_filling() -> None:
    found = read(s3(row("一、本年新收政府信息公开申请数量", *"1234567", "", "")), year=2023)
    assert values(found, "f21.s3.new") == list("1234567")


def test_one_row_for_other_handling_is_read_in_the_form_of_2021_too() -> None:
    found = read(s3(row("（六）其他处理", *"0000011")), year=2024)
    assert values(found, "f21.s3.result.other.total") == list("0000011")


def test_a_group_row_with_numbers_is_kept_without_indicator() -> None:
    found = read(s3(row("（三）不予公开", *"1111115")), year=2024)
    assert [f.printed for f in found.figures if f.indicator is None] == list("1111115")
    assert "unplaced_cells" in rules(found)


def test_a_second_table_of_the_same_form_has_no_indicators() -> None:
    one = F14_HEAD + F14_MARKS + row("（一）收到申请数", "件", "5")
    found = read(one, one.replace("5", "6"))
    assert values(found, "f14.request.received.total") == ["5"]
    assert "duplicate_row" in rules(found)


def test_two_columns_of_labels_side_by_side_are_two_tables() -> None:
    head = row("统计指标", "单位", "统计数", "统计指标", "单位", "统计数")
    body = row("制发规范性文件总数", "件", "", "四、行政复议数量", "件", "4")
    body += row(
        "（二）通过不同渠道和方式公开政府信息的情况", "——", "——", "（二）被依法纠错数", "件", "1"
    )
    body += row("1．政府公报公开政府信息数", "条", "8", "五、行政诉讼数量", "件", "/")
    found = read(head + body)
    assert only(found, "f14.proactive.normative_issued").state is CellState.BLANK
    assert values(found, "f14.review.corrected") == ["1"]
    assert values(found, "f14.proactive.channel.gazette") == ["8"]
    assert values(found, "f14.litigation.total") == ["/"]


def test_a_unit_that_is_not_the_form_s_is_kept_and_told() -> None:
    found = read(F14_HEAD + F14_MARKS + row("七、依申请公开信息收取的费用", "元", "300"))
    assert only(found, "f14.fee_wanyuan").unit == "元"
    assert "unit_differs" in rules(found)


def test_a_table_too_large_to_be_read_is_told() -> None:
    big = html.fromstring("<table><tr>" + "<td>1" * 1000 + "<tr><td>2" * 260 + "</table>")
    small = html.fromstring(f"<table>{F14_HEAD}{F14_MARKS}</table>")
    tables = [read_table(big), read_table(small)]
    found = read_statistics(tables, [], title=None, report_year=None)
    assert "table_refused" in rules(found)


def test_annual_and_cumulative_columns_are_two_indicators() -> None:
    head = row("指标名称", "计量单位", "2009年度", "历年累计")
    found = read(
        head + row("主动公开信息数", "条", "12", "340") + row("行政申诉数", "件", "0", "2")
    )
    assert found.form == "f08"
    assert values(found, "f08.proactive.total") == ["12"]
    assert values(found, "f08.proactive.total.cumulative") == ["340"]


def test_the_names_that_a_later_table_of_the_same_kind_prints_are_known() -> None:
    head = row("指标名称", "计量<br>单位", "2015<br>年度", "历年累计")
    found = read(
        head + row("主动公开文件数", "条", "9", "81") + row("其中：1.网站公开", "条", "7", "33")
    )
    assert values(found, "f08.proactive.total") == ["9"]
    assert values(found, "f08.proactive.website.cumulative") == ["33"]


def test_the_coded_table_keeps_its_codes_out_of_the_values() -> None:
    head = row("指 标 名 称", "计量<br>单位", "代码", "本期实际", "本年累计") + row(*"甲乙丙12")
    found = read(
        head + row("主动公开信息数", "条", "01", "", "5") + row("申请总数", "条", "10", "3", "9")
    )
    assert only(found, "f08.proactive.total.period").state is CellState.BLANK
    assert values(found, "f08.proactive.total") == ["5"]
    assert values(found, "f08.request.received.total") == ["9"]


def test_a_column_that_no_codebook_knows_is_kept_without_indicator() -> None:
    head = row("统计指标", "单位", "统计数", "上年统计数")
    found = read(
        head + row("制发规范性文件总数", "件", "3", "2") + row("（一）收到申请数", "件", "5", "4")
    )
    assert values(found, "f14.request.received.total") == ["5"]
    assert [f.label for f in found.figures if f.printed == "4"] == ["（一）收到申请数/上年统计数"]


OUTCOMES = ("结果维持", "结果纠正", "其他结果", "尚未审结", "总计")


def test_reviews_and_suits_in_two_tables_are_section_four() -> None:
    reviews = "<tr><td colspan=5>行政复议" + row(*OUTCOMES) + row(*"12036")
    suits = "<tr><td colspan=5>未经复议直接起诉<td colspan=5>复议后起诉"
    suits += row(*OUTCOMES, *OUTCOMES) + row("4", "0", "0", "0", "4", "7", "0", "0", "1", "8")
    found = read(reviews, suits, s3(row("一、本年新收政府信息公开申请数量", *"1000001")), year=2023)
    assert values(found, "f21.s4.review.total") == ["6"]
    assert values(found, "f21.s4.lit_direct.upheld") == ["4"]
    assert values(found, "f21.s4.lit_after_review.pending") == ["1"]


def test_some_values_of_section_four_are_not_guessed() -> None:
    table = "<tr><td colspan=5>行政复议<td colspan=10>行政诉讼" + row(*OUTCOMES) + row(*"1234567")
    found = read(s3(), table, year=2023)
    assert [f.printed for f in found.figures if f.indicator is None] == list("1234567")
    assert "unplaced_cells" in rules(found)


def test_values_of_a_block_whose_head_is_unknown_are_not_taken_for_another_s() -> None:
    """As a scan has it behind a seal: a head that spans what others name, and a cell between."""
    heads = "".join(f"<td>{each}" for each in OUTCOMES)
    table = "<tr><td colspan=5>行政复议<td colspan=8>行政诉讼"
    table += f"<tr>{heads}<td>结果维持<td>结果纠正<td rowspan=2>其他结果总计{heads}"
    table += row("14", "14", "1", "14", "43", "2", "2", "1", "2", "1", "14", "18")
    found = read(s3(), table, year=2023)
    assert not [f for f in found.figures if f.indicator and f.indicator.startswith("f21.s4")]
    assert "18" in [f.printed for f in found.figures if f.indicator is None]
    assert "unplaced_cells" in rules(found)


def test_values_of_section_four_stand_under_their_heads_where_two_cells_are_one() -> None:
    """As a scan has it behind a seal: a border that is not there, in the last row or in the head."""
    top = "<tr><td colspan=5>行政复议<td colspan=10>行政诉讼"
    heads = "".join(f"<td rowspan=2>{each}" for each in OUTCOMES)
    heads += "<td colspan=5>未经复议直接起诉<td colspan=5>复议后起诉" + row(*OUTCOMES, *OUTCOMES)
    last = (
        row(*"12036", "4", "0", "1") + "<td colspan=2>0 i 16" + row(*"70018").removeprefix("<tr>")
    )
    found = read(s3(), f"{top}<tr>{heads}{last}", year=2023)
    given = {f.indicator: f.printed for f in found.figures if f.indicator and "s4" in f.indicator}
    assert len(given) == 13
    assert given["f21.s4.review.total"] == "6"
    assert given["f21.s4.lit_direct.other"] == "1"
    assert given["f21.s4.lit_after_review.pending"] == "1"
    assert "0 i 16" in [f.printed for f in found.figures if f.indicator is None]
    assert "unplaced_cells" in rules(found)


def test_values_of_section_four_in_a_row_that_ends_too_early_are_not_placed() -> None:
    top = "<tr><td colspan=5>行政复议<td colspan=5>未经复议直接起诉<td colspan=5>复议后起诉"
    found = read(s3(), top + row(*OUTCOMES * 3) + row(*"12036401070018"), year=2023)
    assert not [f for f in found.figures if f.indicator and f.indicator.startswith("f21.s4")]


def test_a_first_number_that_a_scan_hides_is_no_label() -> None:
    """Nor is one that it shows as a letter: the row would be one that no codebook knows."""
    label = "一、本年新收政府信息公开申请数量"
    for hidden in ("\N{REPLACEMENT CHARACTER}", "o"):
        found = read(s3(row(label, hidden, *"000001")), year=2023)
        told = [f for f in found.figures if f.indicator == "f21.s3.new"]
        assert [f.printed for f in told] == [hidden, *"000001"]
        assert told[0].value is None


def test_a_section_that_lost_its_mark_up_is_read_from_the_lines() -> None:
    lines = ("行政复议", "行政诉讼", *["结果维持", "结果纠正", "其他结果", "尚未审结", "总计"] * 3)
    found = read(
        s3(row("一、本年新收政府信息公开申请数量", *"1000001")),
        year=2023,
        lines=(*lines, *[str(n) for n in range(15)]),
    )
    assert values(found, "f21.s4.lit_after_review.total") == ["14"]
    assert only(found, "f21.s4.review.upheld").where == "line 18"


def test_is_data_table_and_read_table_work_on_layout_inside_layout() -> None:
    markup = f"<table><tr><td><table border=1>{F14_HEAD}{F14_MARKS}</table></table>"
    tree = html.fromstring(f"<div>{markup}</div>")
    tables = [read_table(t) for t in tree.iter("table") if is_data_table(t)]
    found = read_statistics(tables, [], title=None, report_year=None)
    assert values(found, "f14.proactive.normative_issued") == ["3"]
