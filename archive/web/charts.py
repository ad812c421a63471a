"""Charts as SVG, drawn on the server: lines over years, a bar, a strip of years, a distribution, a
map of provinces.

Pure: numbers in, markup out; words are escaped where they are put in (`_clean`). Colours are
classes of style.css, since the pages allow no style of their own; what a colour says stands there
as a number, a sign or a shape, too. A chart has a title and a description; its table stands beside
it on the page. A chart whose parts are links is a group of them, one without is an image.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from math import floor, log10
from typing import Final, TypeAlias

from markupsafe import Markup, escape

from archive.model.content import printable
from archive.web.provinces import COLUMNS, PROVINCES, ROWS
from archive.web.words import number

Number: TypeAlias = Decimal | int | float

SIGNS: Final = {
    "present": "●",
    "late": "◐",
    "missing": "×",
    "refused": "⊘",
    "not_looked_at": "·",
}
"""The sign of each state of coverage: colour alone tells it to nobody who cannot see it."""

STEPS: Final = 5
"""How many shades a map has."""

_MARKERS = ("circle", "square", "triangle", "diamond", "cross")
_WIDTH, _HEIGHT = 600, 210
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 12, 14, 24
_CELL = 34
_TILE = 44
_LONGEST = 120
_SIGN = 7.5  # the room of a digit on the axis


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One value of a chart. said: in words, for those who hover over it or hear it. url: where
    it can be checked; None: nowhere. value: None where there is none.
    """

    value: Number | None
    said: str
    url: str | None = None
    state: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """The values of one line, by year."""

    name: str
    marks: Mapping[int, Mark]


def lines(
    name: str,
    title: str,
    description: str,
    series: Sequence[Series],
    *,
    breaks: Mapping[int, str] | None = None,
) -> Markup:
    """Values over years, a line each: broken where a year lacks. breaks: what begins with a year,
    such as another form. name: of the chart, unique on the page. Empty without any value.
    """
    years = [year for each in series for year, mark in each.marks.items() if mark.value is not None]
    if not years:
        return Markup()
    first, last = min(years), max(years)
    top = max(
        float(mark.value) for each in series for mark in each.marks.values()
        if mark.value is not None
    )  # fmt: skip
    steps = ticks(top)
    plot = _Plot(first=first, last=last, top=steps[-1])
    begun = [(year, said) for year, said in (breaks or {}).items() if first < year <= last]
    body = "".join(
        [
            *_scale(plot, steps),
            *_years(plot),
            *(_break(plot, year, said) for year, said in begun),
            *(_line(plot, place, each) for place, each in enumerate(series)),
        ]
    )
    return _svg(name, title, description, body, width=_WIDTH, height=_HEIGHT, look="lines")


def ticks(top: float) -> list[float]:
    """Round values from 0 to at least `top`, four or five of them.

    >>> ticks(147), ticks(3), ticks(0)
    ([0.0, 50.0, 100.0, 150.0], [0.0, 1.0, 2.0, 3.0], [0.0, 1.0])
    """
    if top < 0.001:
        return [0.0, 1.0]
    unit = 10.0 ** floor(log10(top / 3))
    step = next(unit * each for each in (1, 2, 2.5, 5, 10) if top / (unit * each) <= 4)
    step = max(step, 1.0) if top >= 1 else step
    count = -int(-top // step)
    return [step * each for each in range(count + 1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plot:
    first: int
    last: int
    top: float

    def x(self, year: int) -> float:
        return _LEFT + self.step * (year - self.first + 0.5)

    @property
    def step(self) -> float:
        return (_WIDTH - _LEFT - _RIGHT) / (self.last - self.first + 1)

    def y(self, value: Number) -> float:
        share = max(0.0, float(value)) / self.top
        return _HEIGHT - _BOTTOM - share * (_HEIGHT - _TOP - _BOTTOM)


def _scale(plot: _Plot, steps: Sequence[float]) -> Iterator[str]:
    for value in steps:
        y = plot.y(value)
        yield f'<path class="grid" d="M{_LEFT} {_n(y)}H{_WIDTH - _RIGHT}"/>'
        yield _text(_LEFT - 6, y + 4, number(Decimal(f"{value:g}")), "end")


def _years(plot: _Plot) -> Iterator[str]:
    every = 1 + (plot.last - plot.first) // 13
    for year in range(plot.first, plot.last + 1):
        if (plot.last - year) % every == 0:
            yield _text(plot.x(year), _HEIGHT - 7, str(year), "middle")


def _break(plot: _Plot, year: int, said: str) -> str:
    drawn = f"M{_n(plot.x(year) - plot.step / 2)} {_TOP}V{_HEIGHT - _BOTTOM}"
    return f'<path class="break" d="{drawn}"><title>{_clean(said)}</title></path>'


def _line(plot: _Plot, place: int, series: Series) -> str:
    """The line itself, and a marker for each value, a shape for each line."""
    known = sorted((year, mark) for year, mark in series.marks.items() if mark.value is not None)
    spots = [(year, plot.x(year), plot.y(mark.value or 0)) for year, mark in known]
    path = ""
    for before, spot in pairwise([None, *spots]):
        joins = before is not None and spot is not None and spot[0] == before[0] + 1
        if spot is not None:
            path += f"{'L' if joins else 'M'}{_n(spot[1])} {_n(spot[2])}"
    markers = "".join(
        _linked(mark, _marker(place, x, y))
        for (_, mark), (_, x, y) in zip(known, spots, strict=True)
    )
    return f'<g class="s{place % len(_MARKERS)}"><path class="line" d="{path}"/>{markers}</g>'


def _marker(place: int, x: float, y: float) -> str:
    """The spot of a value, with room for a finger round it."""
    shapes = {
        "circle": "M{l} {y}a4 4 0 1 0 8 0a4 4 0 1 0 -8 0",
        "square": "M{l} {t}h8v8h-8z",
        "triangle": "M{l} {b}h8l-4 -8z",
        "diamond": "M{x} {t}l4.5 4l-4.5 4l-4.5 -4z",
        "cross": "M{l} {t}l8 8m0 -8l-8 8",
    }
    shape = shapes[_MARKERS[place % len(_MARKERS)]]
    path = shape.format(x=_n(x), y=_n(y), l=_n(x - 4), t=_n(y - 4), b=_n(y + 4))
    room = f'<circle class="room" cx="{_n(x)}" cy="{_n(y)}" r="12"/>'
    return f'{room}<path class="marker" d="{path}"/>'


def marker(place: int) -> Markup:
    """The shape of a line, for the legend beside the chart."""
    look = f'class="key s{place % len(_MARKERS)}" viewBox="0 0 12 12" aria-hidden="true"'
    return _markup(f"<svg {look}>{_marker(place, 6, 6)}</svg>")


def bar(value: Number | None, top: Number) -> Markup:
    """A bar inside a table's cell, beside its number; empty without a value."""
    if value is None or top <= 0:
        return Markup()
    width = _n(min(100.0, max(0.0, 100 * float(value) / float(top))))
    return _markup(
        '<svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">'
        f'<rect width="{width}" height="8"/></svg>'
    )


def strip(name: str, title: str, description: str, marks: Mapping[int, Mark]) -> Markup:
    """Years in a row, each with the sign and the class of its state. Empty without a year."""
    if not marks:
        return Markup()
    body = ""
    for place, (year, mark) in enumerate(sorted(marks.items())):
        middle = (place + 0.5) * _CELL - 1.5
        size = f'x="{place * _CELL}" y="0" width="{_CELL - 3}" height="28" rx="4"'
        drawn = f'<rect class="cell" {size}/>'
        drawn += _text(middle, 19, SIGNS.get(mark.state, "?"), "middle", "sign")
        body += f'<g class="{escape(mark.state)}">{_linked(mark, drawn)}</g>'
        body += _text(middle, 42, f"{year}", "middle")
    width = _CELL * len(marks)
    return _svg(name, title, description, body, width=width, height=48, look="strip")


def distribution(
    name: str, title: str, description: str, bins: Sequence[tuple[str, int]]
) -> Markup:
    """How many have a value in each range: a column each, its count above it; so many ranges are
    named as have room.
    """
    if not bins:
        return Markup()
    top = max(1, *(count for _, count in bins))
    step = (_WIDTH - 2 * _RIGHT) / len(bins)
    every = 1 + int(max(len(label) for label, _ in bins) * _SIGN / step)
    body = ""
    for place, (label, count) in enumerate(bins):
        x, height = _RIGHT + place * step, (_HEIGHT - _TOP - _BOTTOM) * count / top
        y = _HEIGHT - _BOTTOM - height
        size = f'x="{_n(x + 2)}" y="{_n(y)}" width="{_n(step - 4)}" height="{_n(height)}"'
        body += f'<rect class="column" {size}/>'
        body += _text(x + step / 2, y - 3, number(count), "middle")
        if place % every == 0:
            body += _text(x + step / 2, _HEIGHT - 7, label, "middle")
    return _svg(name, title, description, body, width=_WIDTH, height=_HEIGHT, look="distribution")


def tiles(
    name: str, title: str, description: str, marks: Mapping[str, Mark], shown: Mapping[str, str]
) -> Markup:
    """The 31 provinces as equal tiles. marks: by province code; a province without one is an
    empty tile. shown: what stands on the tile, by code. The shade says how great the value is
    among the others; `state` instead of it where the mark has one.
    """
    shades = _shades({code: mark.value for code, mark in marks.items() if mark.value is not None})
    body = ""
    for code, province in PROVINCES.items():
        mark = marks.get(code) or Mark(value=None, said=province.name)
        x, y = province.column * _TILE, province.row * _TILE
        size = f'x="{x}" y="{y}" width="{_TILE - 3}" height="{_TILE - 3}" rx="5"'
        drawn = f'<rect class="tile" {size}/>'
        drawn += _text(x + 20.5, y + 17, province.on_tile, "middle", "place")
        drawn += _text(x + 20.5, y + 33, shown.get(code, "–"), "middle")
        look = mark.state or (f"q{shades[code]}" if code in shades else "none")
        body += f'<g class="{escape(look)}">{_linked(mark, drawn)}</g>'
    width, height = COLUMNS * _TILE, ROWS * _TILE
    return _svg(name, title, description, body, width=width, height=height, look="tiles")


def _shades(values: Mapping[str, Number]) -> dict[str, int]:
    """Equal shares of the provinces get a shade, equal values the same one."""
    order = sorted(set(values.values()))
    places = {value: place for place, value in enumerate(order)}
    return {code: STEPS * places[value] // len(order) for code, value in values.items()}


def bins(values: Iterable[Number], *, most: int = 12) -> list[tuple[str, int]]:
    """Counts of whole values by ranges of equal width; a range a value where they are few.

    >>> bins([0, 0, 1, 3])
    [('0', 2), ('1', 1), ('2', 0), ('3', 1)]
    >>> bins([0, 15, 99], most=10)
    [('0–9', 1), ('10–19', 1), ('20–29', 0), ('30–39', 0), ('40–49', 0), ('50–59', 0), \
('60–69', 0), ('70–79', 0), ('80–89', 0), ('90–99', 1)]
    """
    known = [int(value) for value in values]
    if not known:
        return []
    least, spread = min(known), max(known) - min(known) + 1
    width = next(
        unit * each for unit in (10**power for power in range(40)) for each in (1, 2, 5)
        if spread <= most * unit * each
    )  # fmt: skip
    start = least - least % width
    counts = [0] * ((max(known) - start) // width + 1)
    for value in known:
        counts[(value - start) // width] += 1
    ends = [
        (start + place * width, start + (place + 1) * width - 1) for place in range(len(counts))
    ]
    labels = [number(low) if low == high else f"{number(low)}–{number(high)}" for low, high in ends]
    return [*zip(labels, counts, strict=True)]


def _linked(mark: Mark, drawn: str) -> str:
    """What is drawn, with its words, as a link where it has one."""
    inner = f"<title>{_clean(mark.said)}</title>{drawn}"
    return f"<g>{inner}</g>" if mark.url is None else f'<a href="{escape(mark.url)}">{inner}</a>'


def _svg(
    name: str, title: str, description: str, body: str, *, width: int, height: int, look: str
) -> Markup:
    name, role = escape(name), "group" if "<a " in body else "img"
    return _markup(
        f'<svg class="chart {look}" viewBox="0 0 {width} {height}" role="{role}" '
        f'aria-labelledby="{name}-title" aria-describedby="{name}-desc">'
        f'<title id="{name}-title">{_clean(title)}</title>'
        f'<desc id="{name}-desc">{_clean(description)}</desc>{body}</svg>'
    )


def _text(x: float, y: float, words: str, anchor: str, look: str = "") -> str:
    kind = f' class="{look}"' if look else ""
    place = f'x="{_n(x)}" y="{_n(y)}" text-anchor="{anchor}"'
    return f"<text {place}{kind}>{_clean(words)}</text>"


def _clean(words: str) -> str:
    """Words of others as they may stand in markup."""
    cut = printable(words[:_LONGEST])
    return escape(f"{cut}…" if len(words) > _LONGEST else cut)


def _markup(drawn: str) -> Markup:
    return Markup(drawn)  # noqa: S704 - escaped above, part by part: `format` escapes each part anew


def _n(value: float) -> str:
    return f"{round(value, 1):g}"
