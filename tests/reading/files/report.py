"""A report of our own invention: paragraphs and the three tables of 2021, every cell known."""

import random
from dataclasses import dataclass
from decimal import Decimal

from archive.codebook.forms import Row, form

Span = tuple[str, int, int]  # text, rows, columns
Rows = list[list[Span]]
Truth = dict[tuple[str, str | None], Decimal]

F21 = form("f21")
_OTHER = "s3.result.other.total"
_APPLICANTS = ("natural", "business", "research", "charity", "legal", "other_org")
PARAGRAPHS = (
    "云溪县人民政府",
    "2023年政府信息公开工作年度报告",
    (
        "本报告根据《中华人民共和国政府信息公开条例》编制，所列数据的统计期限自2023年1月1日起至"
        "2023年12月31日止，由云溪县人民政府办公室汇总，全文在县政府门户网站公布。"
    ),
    "一、总体情况",
    (
        "2023年，云溪县主动公开政府信息1204条，其中规范性文件6件，办理依申请公开事项按期答复，没有"
        "因办理不当引起的行政复议和诉讼，公开平台运行平稳，各项任务按时完成。"
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Paragraphs before the tables, the tables, and what must be read from them."""

    tables: tuple[Rows, ...]
    truth: Truth
    paragraphs: tuple[str, ...] = PARAGRAPHS
    end: str = "五、存在的主要问题及改进情况"


def report(seed: int) -> Report:
    """The report of a seed."""
    rng = random.Random(seed)
    truth: Truth = {}

    def value(indicator: str, applicant: str | None = None) -> Span:
        number = rng.choice([0, rng.randrange(30), rng.randrange(100_000)])
        truth["f21." + indicator, applicant] = Decimal(number)
        return str(number), 1, 1

    tables = (_section2(value), _section3(value), _section4(value))
    return Report(tables=tables, truth=truth)


def balanced(seed: int) -> Report:
    """The report of a seed whose sums hold, as those of most reports do."""
    truth = _balanced_numbers(random.Random(seed))

    def value(indicator: str, applicant: str | None = None) -> Span:
        return str(truth["f21." + indicator, applicant]), 1, 1

    tables = (_section2(value), _section3(value), _section4(value))
    return Report(tables=tables, truth=truth)


def _balanced_numbers(rng: random.Random) -> Truth:
    truth: Truth = {}
    for row in F21.part("s2"):
        for cell in row.cells:
            truth[f"f21.{row.key}.{cell}", None] = Decimal(
                rng.choice([0, 3, 17, 284, 9487, 71_305])
            )
    for row in F21.part("s4"):
        parts = [Decimal(rng.choice([0, 0, 1, 2, 14])) for _ in row.cells[1:]]
        for cell, number in zip(row.cells, (*parts, sum(parts)), strict=True):
            truth[f"f21.{row.key}.{cell}", None] = Decimal(number)
    leaves = [row.key for row in F21.part("s3") if not row.group and row.key != _OTHER]
    kinds = [key for key in leaves if key.startswith("s3.result.") and key != "s3.result.total"]
    for applicant in _APPLICANTS:
        often = [0, 0, 1, 8, 36, 61, 170] if applicant == "natural" else [0, 0, 0, 0, 0, 1, 7]
        column = {key: Decimal(rng.choice(often)) for key in kinds}
        column["s3.result.total"] = Decimal(sum(column.values()))
        column["s3.carried_out"] = Decimal(rng.choice([0, 1, 6]))
        column["s3.carried_in"] = min(Decimal(rng.choice([0, 2, 9])), column["s3.result.total"])
        handled = column["s3.result.total"] + column["s3.carried_out"]
        column["s3.new"] = handled - column["s3.carried_in"]
        truth |= {(f"f21.{key}", applicant): number for key, number in column.items()}
    for key in leaves:
        parts = [truth[f"f21.{key}", applicant] for applicant in _APPLICANTS]
        truth[f"f21.{key}", "total"] = Decimal(sum(parts))
    return truth


def placed(rows: Rows) -> list[tuple[str, int, int, int, int]]:
    """Every cell as text, row, column, rows, columns."""
    taken: set[tuple[int, int]] = set()
    cells = []
    for number, row in enumerate(rows):
        column = 0
        for text, height, width in row:
            while (number, column) in taken:
                column += 1
            cells.append((text, number, column, height, width))
            taken |= {(number + h, column + w) for h in range(height) for w in range(width)}
    return cells


def _section2(value) -> Rows:
    rows: Rows = []
    parts = F21.part("s2")
    for place, row in enumerate(parts):
        if row.group:
            rows.append([(row.label, 1, 4)])
            heads = [F21.column(key).label for key in parts[place + 1].cells]
            rows.append([("信息内容", 1, 1), *_spread([(head, 1, 1) for head in heads])])
        else:
            values = [value(f"{row.key}.{key}") for key in row.cells]
            rows.append([(row.label, 1, 1), *_spread(values)])
    return rows


def _spread(cells: list[Span]) -> list[Span]:
    return [(cells[0][0], 1, 3)] if len(cells) == 1 else cells


def _section3(value) -> Rows:
    names = ["商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他"]
    corner = "（本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和）"
    rows: Rows = [
        [(corner, 3, 3), ("申请人情况", 1, 7)],
        [("自然人", 2, 1), ("法人或其他组织", 1, 5), ("总计", 2, 1)],
        [(name, 1, 1) for name in names],
    ]
    leaves = [row for row in F21.part("s3") if not row.group and row.key != "s3.result.other.total"]
    seen: set[str] = set()
    for row in leaves:
        labels = _labels(row, leaves, seen)
        rows.append([*labels, *(value(row.key, column.key) for column in F21.applicants)])
    return rows


def _labels(row: Row, leaves: list[Row], seen: set[str]) -> list[Span]:
    depth = row.key.count(".")
    if depth == 1:
        return [(row.label, 1, 3)]
    cells: list[Span] = []
    if "s3.result" not in seen:
        seen.add("s3.result")
        results = sum(leaf.key.startswith("s3.result") for leaf in leaves)
        cells.append(("三、本年度办理结果", results, 1))
    group = row.parent if depth == 3 and row.parent != "s3.result" else None
    if group is not None and group not in seen:
        seen.add(group)
        cells.append((F21.row(group).label, sum(leaf.parent == group for leaf in leaves), 1))
    return [*cells, (row.label, 1, 1 if group else 2)]


def _section4(value) -> Rows:
    outcomes = ["结果维持", "结果纠正", "其他结果", "尚未审结", "总计"]
    cells = [f"{row.key}.{key}" for row in F21.part("s4") for key in row.cells]
    return [
        [("行政复议", 1, 5), ("行政诉讼", 1, 10)],
        [*((o, 2, 1) for o in outcomes), ("未经复议直接起诉", 1, 5), ("复议后起诉", 1, 5)],
        [(o, 1, 1) for o in outcomes * 2],
        [value(cell) for cell in cells],
    ]
