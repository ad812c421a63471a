"""OFD files that show what a PDF of `paper` shows: its operators, as objects of GB/T 33190.

SPELLINGS: the ways in which programs write where a character stands.
"""

import re
from collections.abc import Iterator
from html import escape

from tests.reading.files.office import ofd_of_objects
from tests.reading.files.paper import EM, streams
from tests.reading.files.report import Report

SPELLINGS = (
    "a box a run",
    "one box for all",
    "a matrix",
    "an object a character",
    "a code a character",
)
_MILLIMETRE = 72 / 25.4
_HEIGHT = 840
_TEXT = re.compile(r"BT /F \d+ Tf (\S+) (\S+) Td <(\w+)> Tj ET")
_OPERATOR = re.compile(r"((?:[-\d.]+ )*)(m|l|h|re|S|f|g|rg)\b")


def printed_ofd(
    report: Report, *, drawn: str = "lines", shaded: bool = False, spelled: str = SPELLINGS[0]
) -> bytes:
    """A whole report as OFD; its third table runs over a page's end."""
    pages = streams(report, drawn=drawn, shaded=shaded)
    return ofd_of_objects(*("".join(_objects(page, spelled)) for page in pages))


def _objects(stream: str, spelled: str) -> Iterator[str]:
    path: list[str] = []
    for line in stream.splitlines():
        text = _TEXT.match(line)
        if text:
            said = bytes.fromhex(text[3]).decode("utf-16-be")
            yield _text(_mm(float(text[1])), _mm(_HEIGHT - float(text[2])), said, spelled)
            continue
        for numbers, operator in _OPERATOR.findall(line):
            values = [float(number) for number in numbers.split()]
            path.append(_segment(operator, values))
            if operator in "Sf":
                yield _path("".join(path), stroked=operator == "S")
                path = []


def _segment(operator: str, values: list[float]) -> str:
    """One operator of a path, in millimetres with y downward."""
    if operator in ("m", "l"):
        return f"{operator.upper()} {_mm(values[0])} {_mm(_HEIGHT - values[1])} "
    if operator == "h":
        return "C "
    if operator != "re":
        return ""
    left, bottom, width, height = values
    corners = [(left, bottom), (left + width, bottom), (left + width, bottom + height),
               (left, bottom + height)]  # fmt: skip
    spelled = [f"{_mm(x)} {_mm(_HEIGHT - y)}" for x, y in corners]
    return f"M {spelled[0]} L {' L '.join(spelled[1:])} C "


def _path(data: str, *, stroked: bool) -> str:
    how = "" if stroked else ' Stroke="false" Fill="true"'
    return (
        f'<ofd:PathObject Boundary="0 0 {_mm(600)} {_mm(_HEIGHT)}"{how}>'
        f"<ofd:AbbreviatedData>{data}</ofd:AbbreviatedData></ofd:PathObject>"
    )


def _text(x: float, base: float, said: str, spelled: str) -> str:
    """Characters from a point of their base line on, one em each."""
    em = _mm(EM)
    box = f"{x} {round(base - 0.9 * em, 3)} {round(len(said) * em, 3)} {round(1.2 * em, 3)}"
    if spelled == "one box for all":
        where = f'X="{x}" Y="{base}" DeltaX="{" ".join([str(em)] * (len(said) - 1))}"'
        return _object(f"0 0 {_mm(600)} {_mm(_HEIGHT)}", f'Size="{em}"', (where, said))
    if spelled == "a matrix":
        where = f'X="0" Y="0.9" DeltaX="g {len(said) - 1} 1"'
        return _object(box, f'Size="1" CTM="{em} 0 0 {em} 0 0"', (where, said))
    if spelled == "an object a character":
        return "".join(
            _text(round(x + n * em, 3), base, c, "a box a run") for n, c in enumerate(said)
        )
    top = round(0.9 * em, 3)
    if spelled == "a code a character":
        codes = [(f'X="{round(n * em, 3)}" Y="{top}"', c) for n, c in enumerate(said)]
        return _object(box, f'Size="{em}"', *codes)
    return _object(box, f'Size="{em}"', (f'X="0" Y="{top}" DeltaX="g {len(said) - 1} {em}"', said))


def _object(box: str, attributes: str, *codes: tuple[str, str]) -> str:
    inside = "".join(
        f"<ofd:TextCode {where}>{escape(said)}</ofd:TextCode>" for where, said in codes
    )
    return f'<ofd:TextObject Boundary="{box}" {attributes}>{inside}</ofd:TextObject>'


def _mm(points: float) -> float:
    return round(points / _MILLIMETRE, 3)
