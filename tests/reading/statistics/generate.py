"""Reports of all forms in the mark-up that sites are known for, with every cell known beforehand.

One seed makes one case. Nothing here is copied from a page: labels come from the codebook, numbers
and mark-up from the seed.
"""

import random
from dataclasses import dataclass, field
from decimal import Decimal

from archive.codebook.forms import Row, form
from archive.model.reading import CellState
from tests.reading.statistics.markup import Markup, full_width, text_lines

Truth = tuple[str, CellState, Decimal | None]
Key = tuple[str, str | None]
BLANKS = (
    ("", CellState.BLANK),
    ("/", CellState.PLACEHOLDER),
    ("—", CellState.PLACEHOLDER),
    ("——", CellState.PLACEHOLDER),
    ("-", CellState.PLACEHOLDER),
    ("无", CellState.PLACEHOLDER),
    ("不适用", CellState.PLACEHOLDER),
    ("\u00a0", CellState.PLACEHOLDER),
)
EXTRA_LABELS = (
    "属于工作秘密的事项",
    "其他主动公开文件",
    "（五）电话回访满意情况",
    "8．本机关自行增设项目",
)


@dataclass(slots=True, kw_only=True)
class Case:
    """A report: html where it has mark-up, lines where it lost it, and what must be read."""

    seed: int
    form: str
    html: str = ""
    lines: list[str] = field(default_factory=list)
    truth: dict[Key, Truth] = field(default_factory=dict)
    extra: list[tuple[str, str]] = field(default_factory=list)
    oddities: set[str] = field(default_factory=set)


def case(seed: int) -> Case:
    """The case of a seed: the form goes round, all else is drawn."""
    name = ("f14", "f19", "f21", "f08")[seed % 4]
    return _Writer(Case(seed=seed, form=name), random.Random(seed)).write()


class _Writer:
    def __init__(self, made: Case, rng: random.Random) -> None:
        self.case = made
        self.rng = rng
        self.form = form(made.form)
        self.flat = rng.random() < 0.2
        self.markup = Markup(rng, made.oddities)
        self.extra_at = rng.random() < 0.3 and not self.flat
        self.misprints = 2 if rng.random() < 0.3 else 0

    def write(self) -> Case:
        if self.case.form in ("f14", "f08"):
            tables = [self._list_table()]
        else:
            tables = [self._section2(), self._section3(), self._section4()]
        if self.flat:
            self.case.oddities.add("flattened")
            self.case.lines = ["一、总体情况", "本年度工作有序推进。"]
            for table in tables:
                self.case.lines += text_lines(table, self.rng)
        else:
            self.case.html = self.markup.page(tables)
        return self.case

    # --- values -----------------------------------------------------------------------------

    def value(self, key: Key | None, label: str, *, money: bool = False) -> str:
        """Draw a cell, remember the truth, give what is printed."""
        printed, state, number = self._drawn(money=money)
        if key is None:
            self.case.extra.append((label, printed))
        else:
            self.case.truth[(f"{self.case.form}.{key[0]}", key[1])] = (printed, state, number)
        return printed

    def _drawn(self, *, money: bool) -> Truth:
        rng = self.rng
        if rng.random() < 0.06 and not (self.flat and self.case.form in ("f19", "f21", "f08")):
            printed, state = rng.choice(BLANKS[1:] if self.flat else BLANKS)
            if not (self.flat and (printed.startswith("—") or printed == "\u00a0")):
                return printed, state, None
        if rng.random() < 0.02:
            return "没有", CellState.STATED_NONE, Decimal(0)
        number = rng.choice([0, 0, rng.randrange(30), rng.randrange(100_000)])
        text = f"{number}.{rng.randrange(100):02d}" if money else str(number)
        value = Decimal(text)
        return self._styled(text), CellState.GIVEN, value

    def _styled(self, text: str) -> str:
        style = self.rng.randrange(12)
        whole = "." not in text
        if style == 0:
            return full_width(text)
        if style == 1 and whole:
            return f"{int(text):,}"
        if style == 2 and whole and len(text) > 3:
            return f"{text[:-3]} {text[-3:]}"
        if style == 3 and whole and not self.flat:
            return f"{text} 件"
        if style == 4 and whole and len(text) > 3:
            return full_width(f"{int(text):,}")
        return text

    def label(self, row: Row) -> str:
        label = row.label + (row.note or "")
        rng = self.rng
        if rng.random() < 0.25:
            label = label.replace("（", "(").replace("）", ")")
        if rng.random() < 0.3:
            label = label.replace("．", rng.choice(["﹒", ".", "、", ""]))
        if rng.random() < 0.2:
            label = full_width(label) if "“" not in label else label
        if self.misprints and len(row.label) > 11 and rng.random() < 0.15:
            self.misprints -= 1
            self.case.oddities.add("misprint")
            spot = 9
            label = label[:spot] + "某" + label[spot + 1 :]
        return label

    def _extra(self) -> bool:
        if self.extra_at and self.rng.random() < 0.1:
            self.extra_at = False
            self.case.oddities.add("extra row")
            return True
        return False

    # --- tables: rows of (text, rowspan, colspan, is_label) ------------------------------------

    def _list_table(self) -> list[list[tuple[str, int, int]]]:
        rng = self.rng
        cumulative = self.case.form == "f08" and rng.random() < 0.6
        coded = self.case.form == "f08" and not cumulative
        heads = (
            ["统计指标", "单位", "统计数"] if self.case.form == "f14" else ["指标名称", "计量单位"]
        )
        heads += ["2009年度", "历年累计"] if cumulative else []
        heads += ["代码", "本期实际", "本年累计"] if coded else []
        suffixes = ["", "cumulative"] if cumulative else ["period", ""] if coded else [""]
        no_unit = self.case.form == "f14" and rng.random() < 0.15
        remark = not self.flat and rng.random() < 0.15
        serial = not self.flat and self.case.form == "f14" and rng.random() < 0.1
        rows = [[(h, 1, 1) for h in heads if not (no_unit and h == "单位")]]
        for place, row in enumerate(self.form.rows, 1):
            cells = [(self.label(row), 1, 1)]
            if not no_unit:
                cells.append(("——" if row.group else row.unit or "", 1, 1))
            cells += [(f"{place:02d}", 1, 1)] if coded else []
            cells += [(self._list_value(row, suffix), 1, 1) for suffix in suffixes]
            rows.append(cells)
            if not row.group and self._extra():
                label = rng.choice(EXTRA_LABELS)
                unit = [] if no_unit else [("条", 1, 1)]
                code = [("99", 1, 1)] if coded else []
                values = [(self._given(label), 1, 1) for _ in suffixes]
                rows.append([(label, 1, 1), *unit, *code, *values])
        if serial:
            rows = [[(str(n) if n else "序号", 1, 1), *row] for n, row in enumerate(rows)]
        if remark:
            rows = [[*row, ("" if n else "备注", 1, 1)] for n, row in enumerate(rows)]
        return rows

    def _given(self, label: str) -> str:
        printed = str(self.rng.randrange(1, 900))
        self.case.extra.append((label, printed))
        return printed

    def _list_value(self, row: Row, suffix: str) -> str:
        if row.group:
            return "——"
        key = f"{row.key}.{suffix}" if suffix else row.key
        return self.value((key, None), row.label)

    def _section2(self) -> list[list[tuple[str, int, int]]]:
        rng = self.rng
        rows: list[list[tuple[str, int, int]]] = []
        parts = self.form.part("s2")
        fillers = not self.flat and rng.random() < 0.2
        for place, row in enumerate(parts):
            if row.group:
                rows.append([(row.label, 1, 4)])
                cells = parts[place + 1].cells
                heads = [self._head(key) for key in cells]
                rows.append([("信息内容", 1, 1), *self._spread(heads, fillers=False)])
                continue
            values = [
                self.value((f"{row.key}.{key}", None), row.label, money="amount" in key)
                for key in row.cells
            ]
            rows.append([(self.label(row), 1, 1), *self._spread(values, fillers=fillers)])
            if row.key.endswith("normative") and self._extra():
                label = "其他主动公开文件"
                rows.append([(label, 1, 1), *[(self._given(label), 1, 1) for _ in row.cells]])
        return rows

    def _head(self, key: str) -> str:
        label = self.form.column(key).label
        return f"{label}（单位：万元）" if key == "amount_wanyuan" else label

    def _spread(self, texts: list[str], *, fillers: bool) -> list[tuple[str, int, int]]:
        """Cells over three columns: merged as the form does it, or filled up with blank cells."""
        if fillers and len(texts) == 1:
            self.case.oddities.add("fillers")
            return [(texts[0], 1, 1), ("", 1, 1), ("", 1, 1)]
        if len(texts) == 1:
            return [(texts[0], 1, 3)]
        if len(texts) == 2:
            return [(texts[0], 1, 1), (texts[1], 1, 2)]
        return [(text, 1, 1) for text in texts]

    def _section3(self) -> list[list[tuple[str, int, int]]]:
        parts = [row for row in self.form.part("s3") if not self._left_out(row)]
        rows = self._section3_heads()
        leaves = [row for row in parts if not row.group]
        spans = self._label_spans(leaves)
        for row in leaves:
            rows.append([*spans[row.key], *self._applicants(row)])
            if "refused" in row.key and self._extra():
                label = "9.属于工作秘密"
                rows.append([(label, 1, 1), *[(self._given(label), 1, 1) for _ in range(7)]])
        return rows

    def _left_out(self, row: Row) -> bool:
        return self.case.form == "f21" and row.key == "s3.result.other.total"

    def _section3_heads(self) -> list[list[tuple[str, int, int]]]:
        names = ["商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他"]
        corner = "（本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和）"
        return [
            [(corner, 3, 3), ("申请人情况", 1, 7)],
            [("自然人", 2, 1), ("法人或其他组织", 1, 5), ("总计", 2, 1)],
            [(name, 1, 1) for name in names],
        ]

    def _label_spans(self, leaves: list[Row]) -> dict[str, list[tuple[str, int, int]]]:
        """The label cells that begin in each row: section, group and own label."""
        extra = 1 if "extra row" in self.case.oddities or self.extra_at else 0
        total = sum(row.key.startswith("s3.result") for row in leaves)
        found: dict[str, list[tuple[str, int, int]]] = {}
        seen: set[str] = set()
        for row in leaves:
            depth = row.key.count(".")
            cells: list[tuple[str, int, int]] = []
            if depth == 1:
                cells = [(self.label(row), 1, 3)]
            else:
                if "s3.result" not in seen:
                    cells.append(("三、本年度办理结果", total + 3 * extra, 1))
                    seen.add("s3.result")
                group = row.parent if depth == 3 and row.parent != "s3.result" else None
                if group is not None and group not in seen and not row.key.endswith("other.total"):
                    size = sum(leaf.parent == group for leaf in leaves)
                    cells.append((self.form.row(group).label, size, 1))
                    seen.add(group)
                cells.append((self.label(row), 1, 1 if group else 2))
            found[row.key] = cells
        return found

    def _applicants(self, row: Row) -> list[tuple[str, int, int]]:
        return [
            (self.value((row.key, column.key), row.label), 1, 1) for column in self.form.applicants
        ]

    def _section4(self) -> list[list[tuple[str, int, int]]]:
        outcomes = ["结果维持", "结果纠正", "其他结果", "尚未审结", "总计"]
        rows = [
            [("行政复议", 1, 5), ("行政诉讼", 1, 10)],
            [*((o, 2, 1) for o in outcomes), ("未经复议直接起诉", 1, 5), ("复议后起诉", 1, 5)],
            [(o, 1, 1) for o in outcomes * 2],
        ]
        cells = [(f"{row.key}.{key}", None) for row in self.form.part("s4") for key in row.cells]
        rows.append([(self.value(key, "section 4"), 1, 1) for key in cells])
        return rows
