"""Index numbers (索引号): whose document, of which place, catalogued when, under which number.

Structures and checksums as in the standards GB 11714 (organisation code) and GB 32100 (unified
social credit code, whose characters 3 to 8 are the division at registration), and as portals use
them: 标识码, pinyin of the site, running numbers.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from archive.model.reading import Field, Finding, Severity

_WHEN = r"(?P<year>(?:19|20)\d{2})(?P<month>\d{2})?-(?P<sequence>\d+)"
_FORMS = tuple(
    (name, re.compile(pattern))
    for name, pattern in (
        ("credit code", rf"(?P<organ>[0-9A-HJ-NPQRTUWXY]{{18}})/{_WHEN}"),
        ("site code", rf"(?P<organ>\d{{10}})/{_WHEN}"),
        ("organisation code", rf"(?P<organ>[0-9A-Z]{{8}}-?[0-9X])/{_WHEN}"),
        ("organisation code", rf"(?P<organ>[0-9A-Z]{{7,8}}-[0-9X])(?:-\d{{1,3}})?/{_WHEN}"),
        ("name", rf"(?P<organ>[A-Z]{{2,20}})/{_WHEN}"),
        ("number", r"(?P<year>(?:19|20)\d{2})-(?P<month>\d{2})-(?P<sequence>\d{5})"),
    )
)
_USCC = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_ORGAN_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexNumber:
    """The parts of an index number; year is that of cataloguing, not of the report.

    form: what the organ is named by ("credit code", "organisation code", "site code", "name"), or
    "number" where none is. division: six digits, None where the form has none or its checksum does
    not hold. holds: whether the checksum does; None for forms without one.
    """

    form: str
    organ: str | None
    division: str | None
    year: int
    month: int | None
    sequence: str
    holds: bool | None


def parse_index_number(printed: str) -> IndexNumber | None:
    """The parts of an index number; None for structures that are a region's own.

    >>> found = parse_index_number("113308810026305088/2014-128123")
    >>> found.form, found.division, found.year, found.sequence, found.holds
    ('credit code', '330881', 2014, '128123', True)
    >>> parse_index_number("2026-02-00018").month
    2
    """
    bare = "".join(printed.split()).upper()
    for form, pattern in _FORMS:
        found = pattern.fullmatch(bare)
        if found is not None:
            return _parsed(form, found.groupdict())
    return None


def index_checksum(index_number: str) -> bool | None:
    """Whether the organ's code inside an index number proves itself (GB 11714, GB 32100); None
    when the number carries no such code.

    >>> index_checksum("00826556-4/2018-12252"), index_checksum("035210000/2025-00016")
    (True, False)
    >>> index_checksum("2026-02-00018") is None
    True
    """
    found = parse_index_number(index_number)
    return None if found is None else found.holds


def division_of(index_number: str) -> str | None:
    """The division code (GB/T 2260) inside an index number's credit code, also where something
    else than year and number follows; None when the code does not prove itself.

    >>> division_of("113308810026305088/2014-128123")
    '330881'
    """
    code = "".join(index_number.split()).upper().split("/")[0]
    return code[2:8] if len(code) == 18 and _uscc_holds(code) else None


def index_fields(printed: str) -> Iterator[Field]:
    """Fields index_organ, index_division, index_year and index_sequence, as far as they are told;
    a code whose checksum does not hold names no organ.
    """
    found = parse_index_number(printed)
    if found is None:
        return
    parts = (
        ("index_organ", None if found.holds is False else found.organ),
        ("index_division", found.division),
        ("index_year", str(found.year)),
        ("index_sequence", found.sequence),
    )
    for name, value in parts:
        if value is not None:
            yield Field(name=name, value=value, printed=printed, origin="index_number")


def index_findings(printed: str) -> tuple[Finding, ...]:
    """Finding `index_number_doubtful` where the checksum of the organ's code does not hold."""
    if index_checksum(printed) is not False:
        return ()
    message = "the organ's code in the index number does not prove itself (checksum)"
    return (
        Finding(
            rule="index_number_doubtful",
            severity=Severity.INFO,
            message=message,
            evidence=printed[:100],
        ),
    )


def _parsed(form: str, parts: dict[str, str | None]) -> IndexNumber:
    organ = parts.get("organ")
    holds = _holds(form, organ or "")
    division = {"credit code": (organ or "")[2:8], "site code": (organ or "")[:6]}.get(form)
    return IndexNumber(
        form=form,
        organ=organ,
        division=division if holds is not False else None,
        year=int(parts["year"] or 0),
        month=int(parts["month"]) if parts["month"] else None,
        sequence=parts["sequence"] or "",
        holds=holds,
    )


def _holds(form: str, organ: str) -> bool | None:
    if form == "credit code":
        return _uscc_holds(organ)
    if form == "organisation code":
        return _organ_holds(organ.replace("-", ""))
    return None


def _uscc_holds(code: str) -> bool:
    if len(code) != 18 or any(character not in _USCC for character in code):
        return False
    total = sum(_USCC.index(c) * w for c, w in zip(code[:17], _USCC_WEIGHTS, strict=True))
    return _USCC[(31 - total % 31) % 31] == code[17]


def _organ_holds(code: str) -> bool:
    if len(code) != 9:
        return False
    total = sum(int(c, 36) * w for c, w in zip(code[:8], _ORGAN_WEIGHTS, strict=True))
    check = 11 - total % 11
    return code[8] == {10: "X", 11: "0"}.get(check, str(check))
