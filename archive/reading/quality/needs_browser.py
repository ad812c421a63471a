"""Does a page hold what it is for, or does a script bring it? Looked at only where list and text
are missing, so it costs nothing on pages that can be read.
"""

from dataclasses import replace

from archive.codebook.scripted import ScriptMark, challenges, script_marks
from archive.model.outcome import Role
from archive.model.reading import Kind, Reading, Source

# Characters of text with which a page counts as read; a list page has texts around its list.
_ENOUGH = 60
_ENOUGH_ON_LISTS = 300
_BARE = 20
_MAX_SOURCE = 400_000
_EXCUSES = ("no text", "only sends the reader elsewhere")


def with_need(source: Source, reading: Reading) -> Reading:
    """The reading, with the reason why a browser is needed where there is one."""
    need = _need(source, reading)
    return reading if need is None else replace(reading, needs_browser=need)


def _need(source: Source, reading: Reading) -> str | None:
    if reading.forward is not None:
        return None
    if reading.blocked is not None:
        return reading.blocked if reading.blocked in challenges() else None
    if _holds_enough(reading, source.role):
        return None
    page = _markup(source, reading)
    if "<script" not in page[:_MAX_SOURCE].lower():
        return None
    bare = _length(reading) < _BARE
    return next((_reason(mark, source) for mark in script_marks() if _met(mark, page, bare)), None)


def _holds_enough(reading: Reading, role: Role) -> bool:
    if reading.kind is Kind.ATTACHMENT or reading.links or reading.tables:
        return True
    if any(finding.rule == "image_only" for finding in reading.findings):
        return True
    if reading.soft_404 is not None and reading.soft_404 not in _EXCUSES:
        return True
    is_list = role.is_list and reading.kind is not Kind.REPORT
    return _length(reading) >= (_ENOUGH_ON_LISTS if is_list else _ENOUGH)


def _length(reading: Reading) -> int:
    return sum(len(line) for line in reading.lines)


def _markup(source: Source, reading: Reading) -> str:
    charset = reading.charset_used or "utf-8"
    return source.body[: 2 * _MAX_SOURCE].decode(charset, "replace")[:_MAX_SOURCE]


def _met(mark: ScriptMark, page: str, bare: bool) -> bool:  # noqa: FBT001 - its name says it
    return (bare or not mark.bare) and mark.pattern.search(page) is not None


def _reason(mark: ScriptMark, source: Source) -> str:
    missing = "list" if source.role.is_list else "text"
    return f"no {missing}, but {mark.name}"
