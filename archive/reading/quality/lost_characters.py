"""Characters that a text lost before it came to us: dates run together, empty brackets at heads.

Copies of official texts drop lone characters between digits (formats.md 5.8): 截至2014123 was
2014年1月23日 or 2014年12月3日. Nothing is repaired in place: the text stays as printed, and the
finding names every reading that is possible.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import date

from archive.model.reading import Finding, Severity

_YEAR = r"(?:19[89]\d|20[0-4]\d)"
# Before the digits stands a word that wants a date, or nothing; counts and telephones have others.
_WHOLE = re.compile(
    rf"(?:截至|截止到?|自从?|从|于|在|至|到|迄|^)\s?({_YEAR})(\d{{3}})(?![\d.,，]\d|\d|[件条份次人元万亿个项篇家%％])"
)
_BEFORE_DAY = re.compile(rf"(?<!\d)({_YEAR})(\d{{2,3}})日")
_AFTER_YEAR = re.compile(r"(?<=年)()(\d{3,4})日")
_PERIOD_END = re.compile(r"(?<=[至到])()(1[0-2][123]\d)日")
_BEFORE_VERB = re.compile(r"(?<=[，,；;。])()(\d{3,4})(?=举办|召开|印发|下发)")
_MAY_BE_DATE = re.compile(r"\d{3}(?:\d{3}|\d?[日举召印下])")  # of every date below
_DATES = (_WHOLE, _BEFORE_DAY, _AFTER_YEAR, _PERIOD_END, _BEFORE_VERB)
_NUMBER = re.compile(
    rf"([\u4e00-\u9fff]{{2,12}}[〔﹝\[【])({_YEAR})(\d{{1,4}})(?!\d|[〕﹞\]】])号?"
)
_OPENING = ("(", "（")
_BRACKETS = "〔﹝[【"
_EMPTY_HEAD = re.compile(r"[(（]\s{0,2}[)）]\s{0,2}(?=[\u4e00-\u9fff])")
_HEAD = re.compile(r"[(（]([一二三四五六七八九十]{1,3})[)）]")
_SECTION = re.compile(r"[一二三四五六七八九十]{1,3}[、.．]")
_NUMERALS = ("", *"一二三四五六七八九十", *(f"十{ones}" for ones in "一二三四五六七八九"))
_QUESTIONS = re.compile(r"[?？]{6,}")
_FEW_QUESTIONS = 3
_MAX_SHOWN = 8
_MAX_LINE = 20_000


def lost_characters(lines: Sequence[str]) -> tuple[Finding, ...]:
    """Findings `lost_characters` over the lines of a text: dates and document numbers without their
    年, 月, 日 or bracket, and empty brackets at heads, each with its candidates as evidence.

    >>> lost_characters(["截至2014123，公开信息10780条。"])[0].evidence
    '截至2014123 → 2014-01-23 or 2014-12-03'
    """
    prose = [line for line in lines if "\t" not in line and len(line) <= _MAX_LINE]
    digits = _digits(prose)
    found = []
    if digits:
        message = "characters between digits are lost; the text stays as printed"
        found.append(_finding(f"{len(digits)} × {message}", digits))
    heads = list(_heads(prose))
    if heads:
        message = "heads of paragraphs have empty brackets; the text stays as printed"
        found.append(_finding(f"{len(heads)} × {message}", heads))
    asking = [line for line in prose if "?" in line or "？" in line]
    marks = [line[:40] for line in asking for _ in _QUESTIONS.findall(line)]
    if len(marks) >= _FEW_QUESTIONS:
        message = "runs of question marks stand where characters were"
        found.append(_finding(f"{len(marks)} × {message}", list(dict.fromkeys(marks))))
    return tuple(found)


def candidates(year: str, rest: str) -> tuple[str, ...]:
    """Every day that a run of digits behind a year can mean; without a year as month and day.

    >>> candidates("2014", "123"), candidates("2021", "926"), candidates("", "1231")
    (('2014-01-23', '2014-12-03'), ('2021-09-26',), ('12-31',))
    """
    days = (_day(year, rest[:cut], rest[cut:]) for cut in (1, 2) if cut < len(rest))
    return tuple(day for day in days if day)


def _day(year: str, month: str, day: str) -> str | None:
    if month.startswith("0") or day.startswith("0") or len(day) > 2:
        return None
    try:
        found = date(int(year or 2000), int(month), int(day)).isoformat()
    except ValueError:
        return None
    return found if year else found[5:]


def _digits(prose: Sequence[str]) -> list[str]:
    """Dates and numbers, line by line; most texts as a whole are seen to have none."""
    whole = "\n".join(prose)
    if _MAY_BE_DATE.search(whole) is None and not _has_bracket(whole):
        return []
    return [met for line in prose for met in (*_dates(line), *_numbers(line))]


def _has_bracket(text: str) -> bool:
    return any(bracket in text for bracket in _BRACKETS)


def _dates(line: str) -> Iterator[str]:
    if _MAY_BE_DATE.search(line) is None:
        return
    spots: set[int] = set()
    for pattern in _DATES:
        for found in pattern.finditer(line):
            days = candidates(found.group(1), found.group(2))
            if days and found.start(2) not in spots:
                spots.add(found.start(2))
                yield f"{found.group()} → {' or '.join(days)}"


def _numbers(line: str) -> Iterator[str]:
    if not _has_bracket(line):
        return
    for found in _NUMBER.finditer(line):
        organ, year, number = found.groups()
        yield f"{found.group()} → {organ[:-1]}〔{year}〕{number}号"


def _heads(lines: Sequence[str]) -> Iterator[str]:
    """Empty brackets with the numeral that their place in the sequence asks for."""
    place = 0
    if not any(line[:1] in _OPENING and _EMPTY_HEAD.match(line) for line in lines):
        return
    for line in lines:
        if _SECTION.match(line):
            place = 0
        elif (head := _HEAD.match(line)) and head.group(1) in _NUMERALS:
            place = _NUMERALS.index(head.group(1))
        elif _EMPTY_HEAD.match(line):
            place = min(place + 1, len(_NUMERALS) - 1)
            yield f"{line[:12]} → （{_NUMERALS[place]}）"


def _finding(message: str, met: Sequence[str]) -> Finding:
    shown = "; ".join(met[:_MAX_SHOWN]) + ("; …" if len(met) > _MAX_SHOWN else "")
    return Finding(
        rule="lost_characters", severity=Severity.WARNING, message=message, evidence=shown
    )
