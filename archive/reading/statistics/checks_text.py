"""R19 (nothing carried over?), R20 (the fee is reported), R21 (one year everywhere)."""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal

from archive.model.reading import Check, CheckState, Figure, Statement

_YEAR = re.compile(r"(?<!\d)((?:19|20)\d{2})\s*年")
_PERIOD = re.compile(
    r"((?:19|20)\d{2})\s*年\s*0?1\s*月\s*0?1\s*日\s*起?\s*(?:至|到|—{1,2}|-{1,2}|－|~|～)"
    r"\s*(?:((?:19|20)\d{2})\s*年|同年)?\s*12\s*月\s*31\s*日"
)
_SECTION_6 = re.compile(r"六\s*[、.．]\s*其他需要报告的?事项|^其他需要报告的?事项")
_FEE = ("信息处理费", "收取费用", "收费", "处理费")
_MAX_LINE = 2_000


def text_checks(
    cells: Mapping[tuple[str, str | None], Figure],
    lines: Sequence[str],
    prose: Sequence[Statement],
    form: str,
    *,
    title: str | None,
    report_year: int | None,
) -> list[Check]:
    """The rules that need the text: R19 and R20 for f21, R21 for every form."""
    checks = [_same_year(lines, title, report_year)]
    if form == "f21":
        checks = [_carried_over(cells, prose), _fee_reported(lines), *checks]
    return checks


def _carried_over(
    cells: Mapping[tuple[str, str | None], Figure], prose: Sequence[Statement]
) -> Check:
    said = next((s for s in prose if s.concept == "requests_carried_out" and not s.value), None)
    figure = cells.get(("s3.carried_out", "total"))
    value = None if figure is None else figure.value
    if said is None or value is None:
        what = "no sentence says so" if said is None else "四 is not given"
        return _check("R19", CheckState.NOT_ASSESSABLE, f"nothing carried over: {what}", "")
    state = CheckState.VIOLATED if value > Decimal(0) else CheckState.HOLDS
    message = f"the prose says that nothing is carried over, 四 gives {value}"
    return _check("R19", state, message, f"line {said.line}: {said.sentence}")


def _fee_reported(lines: Sequence[str]) -> Check:
    start = None
    inside = next((n for n, line in enumerate(lines) if "信息处理费" in line), None)
    if inside is None:
        start = next((n for n, line in enumerate(lines) if _is_section_6(line)), None)
    if start is not None:
        rest = enumerate(lines[start + 1 :], start + 1)
        inside = next((n for n, line in rest if any(word in line for word in _FEE)), None)
    if inside is not None:
        evidence = f"line {inside + 1}: {lines[inside][:200]}"
        return _check("R20", CheckState.HOLDS, "the report speaks of the 信息处理费", evidence)
    if start is None:
        return _check("R20", CheckState.NOT_ASSESSABLE, "section 6 was not found", "")
    message = "section 6 does not say whether a 信息处理费 was charged"
    return _check("R20", CheckState.VIOLATED, message, f"line {start + 1}: {lines[start][:200]}")


def _is_section_6(line: str) -> bool:
    return len(line) < 60 and "其他需要报告" in line and bool(_SECTION_6.search(line.strip()))


def _same_year(lines: Sequence[str], title: str | None, report_year: int | None) -> Check:
    found: dict[str, int] = {}
    if title and (met := _YEAR.search(title)):
        found["title"] = int(met.group(1))
    if report_year is not None:
        found["report_year"] = report_year
    for line in lines:
        if "统计表" in line or ("12" in line and "31" in line):
            _note_years(line[:_MAX_LINE], found)
    years = ", ".join(f"{where} {year}" for where, year in found.items())
    if len(found) < 2 or found.keys() == {"title", "report_year"}:
        message = "the year stands in fewer than two places"
        return _check("R21", CheckState.NOT_ASSESSABLE, message, years)
    state = CheckState.HOLDS if len(set(found.values())) == 1 else CheckState.VIOLATED
    return _check("R21", state, "one year in title, period and table title", years)


def _note_years(line: str, found: dict[str, int]) -> None:
    period = _PERIOD.search(line) if "12" in line and "31" in line else None
    if period is not None and "period" not in found:
        found["period"] = int(period.group(2) or period.group(1))
    if "统计表" in line and len(line) < 60 and "table" not in found:
        year = _YEAR.search(line)
        if year is not None:
            found["table"] = int(year.group(1))


def _check(rule: str, state: CheckState, message: str, evidence: str) -> Check:
    return Check(rule=rule, scope="report", state=state, message=message, evidence=evidence)
