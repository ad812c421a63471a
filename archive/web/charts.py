"""Charts as SVG, drawn on the server: lines over years, a bar, a strip of years, a distribution, a
map of provinces.

Pure: numbers in, markup out. Colours are classes of style.css, since the pages allow no style of
their own; what a colour says stands there as a number, a sign or a shape, too. A chart has a title
and a description; its table stands beside it on the page. A chart whose parts are links is a
group of them, one without is an image.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from math import floor, log10
from typing import Final, TypeAlias

from markupsafe import Markup

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
    body = Markup().join(
        [
            *_scale(plot, steps),
            *_years(plot),
            *(
                _break(plot, year, said)
                for year, said in (breaks or {}).items()
                if first < year <= last
            ),
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


def _scale(plot: _Plot, steps: Sequence[float]) -> Iterator[Markup]:
    for value in steps:
        y = plot.y(value)
        yield Markup('<path class="grid" d="M{} {}H{}"/>').format(_LEFT, _n(y), _WIDTH - _RIGHT)
        yield _text(_LEFT - 6, y + 4, number(Decimal(f"{value:g}")), "end")


def _years(plot: _Plot) -> Iterator[Markup]:
    every = 1 + (plot.last - plot.first) // 13
    for year in range(plot.first, plot.last + 1):
        if (plot.last - year) % every == 0:
            yield _text(plot.x(year), _HEIGHT - 7, str(year), "middle")


def _break(plot: _Plot, year: int, said: str) -> Markup:
    x = _n(plot.x(year) - plot.step / 2)
    line = Markup('<path class="break" d="M{} {}V{}"><title>{}</title></path>')
    return line.format(x, _TOP, _HEIGHT - _BOTTOM, _clean(said))


def _line(plot: _Plot, place: int, series: Series) -> Markup:
    """The line itself, and a marker for each value, a shape for each line."""
    known = sorted((year, mark) for year, mark in series.marks.items() if mark.value is not None)
    spots = [(year, plot.x(year), plot.y(mark.value or 0)) for year, mark in known]
    path = ""
    for before, spot in pairwise([None, *spots]):
        joins = before is not None and spot is not None and spot[0] == before[0] + 1
        if spot is not None:
            path += f"{'L' if joins else 'M'}{_n(spot[1])} {_n(spot[2])}"
    markers = Markup().join(
        _linked(mark, _marker(place, x, y))
        for (_, mark), (_, x, y) in zip(known, spots, strict=True)
    )
    drawn = Markup('<g class="s{}"><path class="line" d="{}"/>{}</g>')
    return drawn.format(place % len(_MARKERS), path, markers)


def _marker(place: int, x: float, y: float) -> Markup:
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
    drawn = Markup('<circle class="room" cx="{}" cy="{}" r="12"/><path class="marker" d="{}"/>')
    return drawn.format(_n(x), _n(y), path)


def marker(place: int) -> Markup:
    """The shape of a line, for the legend beside the chart."""
    drawn = Markup('<svg class="key s{}" viewBox="0 0 12 12" aria-hidden="true">{}</svg>')
    return drawn.format(place % len(_MARKERS), _marker(place, 6, 6))


def bar(value: Number | None, top: Number) -> Markup:
    """A bar inside a table's cell, beside its number; empty without a value."""
    if value is None or top <= 0:
        return Markup()
    width = _n(min(100.0, max(0.0, 100 * float(value) / float(top))))
    drawn = Markup(
        '<svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">'
        '<rect width="{}" height="8"/></svg>'
    )
    return drawn.format(width)


def strip(name: str, title: str, description: str, marks: Mapping[int, Mark]) -> Markup:
    """Years in a row, each with the sign and the class of its state. Empty without a year."""
    body = Markup()
    for place, (year, mark) in enumerate(sorted(marks.items())):
        cell = Markup('<rect class="cell" x="{}" y="0" width="{}" height="28" rx="4"/>{}')
        drawn = cell.format(
            place * _CELL, _CELL - 3,
            _text((place + 0.5) * _CELL - 1.5, 19, SIGNS.get(mark.state, "?"), "middle", "sign"),
        )  # fmt: skip
        body += Markup('<g class="{}">{}</g>').format(mark.state, _linked(mark, drawn))
        body += _text((place + 0.5) * _CELL - 1.5, 42, f"{year}", "middle")
    width = _CELL * len(marks)
    return (
        _svg(name, title, description, body, width=width, height=48, look="strip")
        if marks
        else body
    )


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
    body = Markup()
    for place, (label, count) in enumerate(bins):
        x, height = _RIGHT + place * step, (_HEIGHT - _TOP - _BOTTOM) * count / top
        y = _HEIGHT - _BOTTOM - height
        column = Markup('<rect class="column" x="{}" y="{}" width="{}" height="{}"/>')
        body += column.format(_n(x + 2), _n(y), _n(step - 4), _n(height))
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
    body = Markup()
    for code, province in PROVINCES.items():
        mark = marks.get(code) or Mark(value=None, said=province.name)
        x, y = province.column * _TILE, province.row * _TILE
        drawn = Markup('<rect class="tile" x="{}" y="{}" width="{}" height="{}" rx="5"/>').format(
            x, y, _TILE - 3, _TILE - 3
        )
        drawn += _text(x + 20.5, y + 17, province.on_tile, "middle", "place")
        drawn += _text(x + 20.5, y + 33, shown.get(code, "–"), "middle")
        look = mark.state or (f"q{shades[code]}" if code in shades else "none")
        body += Markup('<g class="{}">{}</g>').format(look, _linked(mark, drawn))
    size = {"width": COLUMNS * _TILE, "height": ROWS * _TILE}
    return _svg(name, title, description, body, **size, look="tiles")


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


def _linked(mark: Mark, drawn: Markup) -> Markup:
    """What is drawn, with its words, as a link where it has one."""
    said = _clean(mark.said)
    inner = Markup("<title>{}</title>{}").format(said, drawn)
    if mark.url is None:
        return Markup("<g>{}</g>").format(inner)
    return Markup('<a href="{}">{}</a>').format(mark.url, inner)


def _svg(
    name: str, title: str, description: str, body: Markup, *, width: int, height: int, look: str
) -> Markup:
    drawn = Markup(
        '<svg class="chart {look}" viewBox="0 0 {width} {height}" role="{role}" '
        'aria-labelledby="{name}-title" aria-describedby="{name}-desc">'
        '<title id="{name}-title">{title}</title><desc id="{name}-desc">{description}</desc>'
        "{body}</svg>"
    )
    return drawn.format(
        look=look, width=width, height=height, name=name, title=_clean(title),
        description=_clean(description), body=body, role="group" if "<a " in body else "img",
    )  # fmt: skip


def _text(x: float, y: float, words: str, anchor: str, look: str = "") -> Markup:
    drawn = Markup('<text x="{}" y="{}" text-anchor="{}"{}>{}</text>')
    kind = Markup(' class="{}"').format(look) if look else ""
    return drawn.format(_n(x), _n(y), anchor, kind, _clean(words))


def _clean(words: str) -> str:
    cut = printable(words[:_LONGEST])
    return f"{cut}…" if len(words) > _LONGEST else cut


def _n(value: float) -> str:
    return f"{round(value, 1):g}"
