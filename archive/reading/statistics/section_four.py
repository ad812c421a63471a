"""The heads of section 4 (复议、诉讼), and what stands under them in a row that is not whole."""

from collections.abc import Iterator, Mapping, Sequence

from archive.codebook.forms import Row
from archive.reading.statistics.labels import core
from archive.reading.statistics.rows import PrintedCell


class OutcomeHeads:
    """What the heads of one table name: blocks (行政复议 …) and, under them, outcomes (结果维持 …).

    blocks: rows of the form by their label; outcomes: keys of the form's columns by theirs.
    """

    def __init__(self, blocks: Mapping[str, Row], outcomes: Mapping[str, str]) -> None:
        self._blocks, self._outcomes = blocks, outcomes
        self._spans: list[tuple[range, Row]] = []
        self._keys: dict[int, str] = {}
        self._width = 0

    def take(self, cells: Sequence[PrintedCell]) -> None:
        """Remembers where the heads of one row stand."""
        for cell in cells:
            word, span = core(cell.text), range(cell.column, cell.column + cell.colspan)
            self._width = max(self._width, span.stop)
            if word in self._blocks and cell.fresh:
                self._spans.append((span, self._blocks[word]))
            elif word in self._outcomes and cell.colspan == 1:
                self._keys[cell.column] = self._outcomes[word]

    def placed(self, cells: Sequence[PrintedCell]) -> list[tuple[Row, str, PrintedCell]]:
        """The cells that have a column and heads of their own, with their block and outcome; none
        of a row that does not reach from edge to edge: its cells may stand under other heads.
        """
        ends = [cell.column + cell.colspan for cell in cells]
        if not cells or cells[0].column or ends[-1] != self._width:
            return []
        if ends[:-1] != [cell.column for cell in cells[1:]]:
            return []
        found = [*self._under_heads(cells)]
        spots = [(row.key, key) for row, key, _ in found]
        return [each for each, spot in zip(found, spots, strict=True) if spots.count(spot) == 1]

    def _under_heads(self, cells: Sequence[PrintedCell]) -> Iterator[tuple[Row, str, PrintedCell]]:
        for cell in cells:
            rows = [row for span, row in self._spans if cell.column in span]
            key = self._keys.get(cell.column)
            if cell.colspan == 1 and len(rows) == 1 and key in rows[0].cells:
                yield rows[0], key, cell
