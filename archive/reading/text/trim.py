"""What stands before and behind the text inside its container: the title once more, the line with
date and source, tools, neighbouring pages, the foot of the site.
"""

import re
from collections.abc import Sequence

from archive.codebook.phrases import phrases, squeezed
from archive.reading.html.blocks import Block
from archive.reading.html.survey import weight_of
from archive.reading.values.dates import day_of, is_only_a_day
from archive.reading.values.pairs import pairs_in

_DATE = re.compile(r"^(?:19|20)\d{2}[-/.年]\d{1,2}[-/.月]\d{1,2}日?(?:\d{1,2}:\d{2}(?::\d{2})?)?")
_BARE_DAY = re.compile(
    r"[\[(]?(?:19|20)\d{2}[-/.]\d{1,2}[-/.]\d{1,2}(?:\d{1,2}:\d{2}(?::\d{2})?)?[\])]?"
)
_MAX_DAY = 24
_TITLE_WITHIN = 15
_TITLE_PIECES = 8
_MAX_TITLES = 3
_SAYS = re.compile(r"[^\W\d_]")
_PROSE = 60
_MAX_EDGE = 300


def trimmed(lines: Sequence[Block], title: str | None, *, certain: bool) -> list[Block]:
    """The lines without head and tail. `certain`: the container is known to hold text alone, so
    only what cannot be text goes.
    """
    lines = list(lines)
    pure = certain
    for _ in range(_MAX_TITLES):
        shorter = _behind_title(lines, title, certain=certain)
        if len(shorter) == len(lines):
            break
        lines, pure = shorter, False  # it holds its heading, so perhaps the line under it
    lines = _headless(lines, certain=pure)
    lines = _before_end(lines)
    while lines and _is_edge(lines[-1], certain=certain):
        lines.pop()
    return lines


def _behind_title(lines: list[Block], title: str | None, *, certain: bool) -> list[Block]:
    """Cuts the title where the body repeats it, also when it is broken into several lines, and
    everything before it unless that is text.
    """
    wanted = squeezed(title or "")
    if len(wanted) < 4:
        return lines
    for start in range(min(len(lines), _TITLE_WITHIN)):
        end = _title_end(lines, start, wanted)
        if end is None:
            continue
        before = lines[:start]
        if certain or any(weight_of(line) >= _PROSE or not line.text for line in before):
            return before + lines[end:]
        return lines[end:]
    return lines


def _title_end(lines: Sequence[Block], start: int, wanted: str) -> int | None:
    spelled = ""
    for end in range(start, min(len(lines), start + _TITLE_PIECES)):
        spelled += squeezed(lines[end].text)
        if spelled == wanted:
            return end + 1
        if not lines[end].text or not wanted.startswith(spelled):
            return None
    return None


def is_bare_day(line: str) -> bool:
    """True for a day in figures and nothing else, as portals print it under a heading.

    >>> is_bare_day("2023-05-01 10:00"), is_bare_day("2023年5月1日")
    (True, False)
    """
    return len(line) <= _MAX_DAY and _BARE_DAY.fullmatch(squeezed(line)) is not None


def _headless(lines: list[Block], *, certain: bool) -> list[Block]:
    start = 0
    while start < len(lines) and (
        _is_edge(lines[start], certain=certain)
        or (not certain and start + 1 < len(lines) and is_bare_day(lines[start].text))
    ):
        start += 1
    return lines[start:]


def _before_end(lines: list[Block]) -> list[Block]:
    """Cuts at the first line that says that the text is over, when no text follows it."""
    for n, line in enumerate(lines):
        if not line.text or len(line.text) > _MAX_EDGE:
            continue
        if phrases().end.match(squeezed(line.text)) and not _goes_on(lines[n + 1 :]):
            return lines[:n]
    return lines


def _goes_on(rest: Sequence[Block]) -> bool:
    return any(
        not line.text
        or (weight_of(line) >= _PROSE and len(line.text) >= _PROSE)
        or is_only_a_day(line.text)
        for line in rest
    )


def _is_edge(line: Block, *, certain: bool) -> bool:
    """True for a line that is no text when it stands at the edge of the body."""
    if not line.text or len(line.text) > _MAX_EDGE:
        return False
    bare = squeezed(line.text)
    if phrases().tools.fullmatch(bare) and (_SAYS.search(bare) or not certain):
        return not bare.isdigit()
    if phrases().footer.search(bare):
        return True
    return _is_information(line.text, bare, certain=certain) or (
        not certain and _is_crumb(line, bare)
    )


def _is_information(text: str, bare: str, *, certain: bool) -> bool:
    """The line under a heading: 发布日期：… 来源：… 浏览次数：…"""
    pairs = pairs_in(text)
    if not pairs:
        return not certain and day_of(bare) is not None and len(bare) <= 19 and ":" in bare
    fields = {pair.known.field for pair in pairs if pair.known and not pair.known.strong}
    fields |= {
        pair.known.field for pair in pairs if pair.known and pair.known.field == "published_on"
    }
    covered = sum(len(pair.label) + len(pair.value) + 1 for pair in pairs)
    if covered < 0.7 * len(_DATE.sub("", bare)) or not fields:
        return False
    return not certain or len(fields) >= 2 or bool(fields & {"counter", "view"})


def _is_crumb(line: Block, bare: str) -> bool:
    return bare.count(">") >= 2 or (line.linked and len(bare) <= 60)
