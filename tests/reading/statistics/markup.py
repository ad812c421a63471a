"""Mark-up oddities: one grid of cells, written the way editors, Word and old sites write it."""

import random
from html import escape

Cell = tuple[str, int, int]
Rows = list[list[Cell]]

_WIDE = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}
_LAYOUT = (
    "<table width='100%' border='0'><tr><td>左栏</td><td>{}</td></tr></table>",
    "<table cellpadding=0><tr><td><table><tr><td>{}</td></tr></table></td></tr></table>",
    "<div class='TRS_Editor'>{}</div>",
)


def full_width(text: str) -> str:
    """ASCII characters as the full-width ones that input methods give."""
    return text.translate(_WIDE)


def text_lines(rows: Rows, rng: random.Random) -> list[str]:
    """The table as plain lines: a cell a line, or a row a line with bars."""
    style = rng.choice(["cells", "cells", "bars", "tabs"])
    lines: list[str] = []
    for row in rows:
        texts = [text for text, _, _ in row if text.strip()]
        if style == "cells":
            lines += texts
        else:
            lines.append(" | ".join(texts) if style == "bars" else "\t".join(texts))
    return lines


class Markup:
    """Draws how a report is marked up; `oddities` collects what was drawn."""

    def __init__(self, rng: random.Random, oddities: set[str]) -> None:
        self.rng = rng
        self.oddities = oddities
        self.wrap = rng.choice(
            ["plain", "p", "mso", "font", "chars", "padded", "nested", "comment"]
        )
        self.breaks = rng.random() < 0.25
        self.label_tag = rng.choice(["td", "td", "th"])
        self.unclosed = rng.random() < 0.15
        self.hidden = rng.random() < 0.15
        self.huge_title = rng.random() < 0.15
        self.empty_spans = rng.random() < 0.12
        oddities.add(self.wrap)

    def page(self, tables: list[Rows]) -> str:
        """All tables of a report in one page."""
        rng = self.rng
        if len(tables) > 1 and rng.random() < 0.1:
            self.oddities.add("one table")
            tables = [[row for table in tables for row in table]]
        pieces = [piece for table in tables for piece in self._split(table)]
        body = "<p>一、总体情况</p><p>&nbsp;</p>".join(self._placed(piece) for piece in pieces)
        return f"<html><body><p>二〇二四年度报告</p>{body}<p>附注</p></body></html>"

    def _split(self, table: Rows) -> list[Rows]:
        """Page breaks: the table goes on in a second one, with or without its head again."""
        spans = any(rowspan > 1 for row in table[3:] for _, rowspan, _ in row)
        if len(table) < 12 or self.rng.random() > 0.25:
            return [table]
        spot = self._cut(table) if spans else self.rng.randrange(6, len(table) - 3)
        if spot is None:
            return [table]
        self.oddities.add("split")
        own_head = "one table" not in self.oddities and self.rng.random() < 0.5
        head = table[: 3 if spans else 1] if own_head else []
        if head:
            self.oddities.add("head again")
        return [table[:spot], [*head, *table[spot:]]]

    def _cut(self, table: Rows) -> int | None:
        """A row in which no cell but that of section 三 reaches down from above."""
        spots = [n for n, row in enumerate(table) if n > 6 and row and row[0][0].startswith("（")]
        return self.rng.choice(spots) if spots else None

    def _placed(self, rows: Rows) -> str:
        table = self._table(rows)
        if self.rng.random() < 0.25:
            self.oddities.add("layout table")
            return self.rng.choice(_LAYOUT).format(table)
        return table

    def _table(self, rows: Rows) -> str:
        border = self.rng.choice(
            [
                "border='1'",
                "border=1 cellspacing=0",
                "class='MsoTableGrid' border=1",
                "style='border-collapse:collapse'",
            ]
        )
        body = "".join(self._row(row) for row in self._spans_as_blanks(rows))
        if self.huge_title:
            self.oddities.add("huge colspan")
            body = f"<tr><td colspan='1000000000'>附表</td></tr>{body}"
        wrap = self.rng.choice(
            ["{}", "<tbody>{}</tbody>", "<colgroup><col><col></colgroup><tbody>{}"]
        )
        return f"<table {border}>{wrap.format(body)}</table>"

    def _spans_as_blanks(self, rows: Rows) -> Rows:
        """Instead of a rowspan some editors leave blank cells in the rows below."""
        if not self.empty_spans:
            return rows
        self.oddities.add("blank for span")
        reach: dict[int, int] = {}
        made: Rows = []
        for row in rows:
            cells: list[Cell] = []
            column, rest = 0, list(row)
            while rest or reach.get(column, 0) > 0:
                if reach.get(column, 0) > 0:
                    reach[column] -= 1
                    cells.append(("", 1, 1))
                    column += 1
                    continue
                text, rowspan, colspan = rest.pop(0)
                for slot in range(column, column + colspan):
                    reach[slot] = rowspan - 1
                cells.append((text, 1, colspan))
                column += colspan
            made.append(cells)
        return made

    def _row(self, row: list[Cell]) -> str:
        end = "" if self.unclosed else "</tr>"
        cells = "".join(self._cell(cell, first=place == 0) for place, cell in enumerate(row))
        hidden = ""
        if self.hidden and self.rng.random() < 0.1:
            self.oddities.add("hidden row")
            hidden = "<tr style='display: none'><td>隐藏</td><td>99</td><td>99</td></tr>"
        return f"{hidden}<tr>{cells}{end}\n"

    def _cell(self, cell: Cell, *, first: bool) -> str:
        text, rowspan, colspan = cell
        tag = self.label_tag if first else "td"
        spans = f" rowspan='{rowspan}'" if rowspan > 1 else ""
        spans += f" colspan={colspan}" if colspan > 1 else ""
        end = "" if self.unclosed else f"</{tag}>"
        return f"<{tag}{spans}>{self._text(text)}{end}"

    def _text(self, text: str) -> str:
        if text == "\u00a0":
            return "&nbsp;"
        written = escape(text)
        if self.breaks and len(text) > 5 and "&" not in written and self.rng.random() < 0.4:
            self.oddities.add("br")
            spot = self.rng.randrange(2, len(written) - 1)
            written = f"{written[:spot]}<br/>{written[spot:]}"
        return self._wrapped(text, written)

    def _wrapped(self, text: str, written: str) -> str:
        if self.wrap == "plain" or not text:
            return written
        if self.wrap == "mso":
            return (
                f"<p class=MsoNormal style='mso-pagination:widow-orphan'><span lang=EN-US "
                f"style='font-size:12.0pt;mso-bidi-font-family:宋体'>{written}<o:p></o:p></span></p>"
            )
        if self.wrap == "chars" and "<" not in written and "&" not in written:
            return "".join(f"<span>{character}</span>" for character in text)
        patterns = {
            "p": "<p>{}</p>",
            "font": "<font size=2><b>{}</b></font>",
            "padded": "\n\t  {}\r\n    ",
            "nested": "<table><tr><td>{}</td></tr></table>",
            "comment": "<!-- x --><span>{}</span><script>var a = 1;</script>",
        }
        return patterns.get(self.wrap, "{}").format(written)
