"""The statistical tables of the forms as HTML with holes, and what each hole means."""

import csv
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

_HOLE = "\x00"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hole:
    """A value cell of a form: the codebook's key with the form in front, the applicant column
    (None where the form has none) and the printed unit.
    """

    indicator: str
    applicant: str | None
    unit: str | None
    spelling: str = "d"


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table of a form: HTML around its holes (one piece more than holes)."""

    pieces: tuple[str, ...]
    holes: tuple[Hole, ...]

    def filled(self, values: Sequence[str]) -> str:
        """The table with `values` in its holes, in order."""
        cells = zip(self.pieces, (*values, ""), strict=True)
        return "".join(piece + value for piece, value in cells)


def data_text(name: str) -> str:
    """The text of a data file of the demo portal."""
    return (files("crawler.demo") / "data" / name).read_text(encoding="utf-8")


@cache
def tables(form: str) -> Mapping[str, Table]:
    """The tables of a form by their place in the text ("14", or "2", "3", "4"); none for f08."""
    if form == "f14":
        return {"14": _f14()}
    if form in ("f19", "f21"):
        rows = tomllib.loads(data_text("forms.toml"))
        return {
            "2": _section2(form, rows[f"{form}_s2"]),
            "3": _section3(form, rows["s3"], rows["columns"]),
            "4": _section4(form, rows["s4"]),
        }
    return {}


@cache
def result_keys(form: str) -> tuple[str, ...]:
    """The keys of 三、本年度办理结果 (without its total), in order."""
    rows = tomllib.loads(data_text("forms.toml"))["s3"]
    return tuple(key for _, _, key in [*rows["result"], *rows[f"other_{form}"]])


def _f14_rows() -> list[dict[str, str]]:
    return list(csv.DictReader(data_text("f14.csv").splitlines()))


def _table(html: str, holes: Sequence[Hole]) -> Table:
    return Table(pieces=tuple(html.split(_HOLE)), holes=tuple(holes))


def _f14() -> Table:
    lines, holes = ["<tr><td>统计指标</td><td>单位</td><td>统计数</td></tr>"], []
    for row in _f14_rows():
        unit, value = (row["unit"], _HOLE) if row["key"] else ("——", "——")
        lines.append(f"<tr><td>{row['label']}</td><td>{unit}</td><td>{value}</td></tr>")
        if row["key"]:
            holes.append(Hole(indicator=f"f14.{row['key']}", applicant=None, unit=row["unit"]))
    return _table(_whole(lines), holes)


def _section2(form: str, blocks: Sequence[Mapping[str, Any]]) -> Table:
    lines: list[str] = []
    holes: list[Hole] = []
    for block in blocks:
        keys = block["keys"]
        # Columns merge differently from block to block, as on the real forms.
        span = f' colspan="{4 - len(keys)}"' if len(keys) < 3 else ""
        lines.append(f'<tr><td colspan="4">{block["title"]}</td></tr>')
        lines.append(_row(block["header"], span))
        for label, key in block["rows"]:
            lines.append(_row([label, *[_HOLE] * len(keys)], span))
            holes += [_hole(form, f"s2.{key}.{name}") for name in keys]
    return _table(_whole(lines), holes)


def _row(cells: Sequence[str], last_span: str) -> str:
    first = "".join(f"<td>{cell}</td>" for cell in cells[:-1])
    return f"<tr>{first}<td{last_span}>{cells[-1]}</td></tr>"


def _hole(form: str, key: str, applicant: str | None = None) -> Hole:
    unit = "万元" if key.endswith("_wanyuan") else None
    # 本年增/减 is printed with its sign.
    spelling = "+d" if key.endswith(".delta") else "d"
    return Hole(indicator=f"{form}.{key}", applicant=applicant, unit=unit, spelling=spelling)


def _section3(form: str, rows: Mapping[str, Any], columns: Sequence[str]) -> Table:
    results = [*rows["result"], *rows[f"other_{form}"]]
    values = "".join(f"<td>{_HOLE}</td>" for _ in columns)
    lines = [*_S3_HEAD, _wide("一、本年新收政府信息公开申请数量", values)]
    lines.append(_wide("二、上年结转政府信息公开申请数量", values))
    lines += [_result(results, place, values) for place in range(len(results))]
    lines.append(f'<tr><td colspan="2">（七）总计</td>{values}</tr>')
    lines.append(_wide("四、结转下年度继续办理", values))
    keys = ["new", "carried_in", *[f"result.{key}" for _, _, key in results]]
    keys += ["result.total", "carried_out"]
    holes = [_hole(form, f"s3.{key}", column) for key in keys for column in columns]
    return _table(_whole(lines), holes)


_S3_HEAD = (
    (
        '<tr><td colspan="3" rowspan="3">（本列数据的勾稽关系为：第一项加第二项之和，'
        '等于第三项加第四项之和）</td><td colspan="7">申请人情况</td></tr>'
    ),
    (
        '<tr><td rowspan="2">自然人</td><td colspan="5">法人或其他组织</td>'
        '<td rowspan="2">总计</td></tr>'
    ),
    (
        "<tr><td>商业<br/>企业</td><td>科研<br/>机构</td><td>社会公益组织</td>"
        "<td>法律服务机构</td><td>其他</td></tr>"
    ),
)


def _wide(label: str, values: str) -> str:
    return f'<tr><td colspan="3">{label}</td>{values}</tr>'


def _result(results: Sequence[Sequence[str]], place: int, values: str) -> str:
    """A row of 三: the first carries the merged label over all, each group's first the group's."""
    group, label, _ = results[place]
    cells = ""
    if place == 0:
        cells += f'<td rowspan="{len(results) + 1}">三、本年度办理结果</td>'
    if not group:
        return f'<tr>{cells}<td colspan="2">{label}</td>{values}</tr>'
    if results[place - 1][0] != group:
        size = sum(row[0] == group for row in results)
        cells += f'<td rowspan="{size}">{group}</td>'
    return f"<tr>{cells}<td>{label}</td>{values}</tr>"


def _section4(form: str, rows: Mapping[str, Any]) -> Table:
    names = "".join(
        f"<td>{name}</td>" for name in ("结果维持", "结果纠正", "其他结果", "尚未审结", "总计")
    )
    values = "".join(f"<td>{_HOLE}</td>" for _ in range(15))
    lines = [
        '<tr><td colspan="5">行政复议</td><td colspan="10">行政诉讼</td></tr>',
        "<tr>"
        + "".join(f'<td rowspan="2">{name}</td>' for name in _S4_REVIEW)
        + '<td colspan="5">未经复议直接起诉</td><td colspan="5">复议后起诉</td></tr>',
        f"<tr>{names}{names}</tr>",
        f"<tr>{values}</tr>",
    ]
    holes = [
        _hole(form, f"s4.{part}.{result}") for part in rows["parts"] for result in rows["results"]
    ]
    return _table(_whole(lines), holes)


_S4_REVIEW = ("结果维持", "结果纠正", "其他结果", "尚未审结", "总计")


def _whole(lines: Sequence[str]) -> str:
    body = "\n".join(lines)
    return (
        '<table border="1" cellspacing="0" cellpadding="0" style="border-collapse:collapse">'
        f"<tbody>\n{body}\n</tbody></table>"
    )


@cache
def hole_list(form: str) -> tuple[Hole, ...]:
    """Every hole of a form's tables in the order of the text."""
    return tuple(hole for table in tables(form).values() for hole in table.holes)
