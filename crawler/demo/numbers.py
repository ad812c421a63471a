"""Figures for the forms: invented, seeded, and consistent as the forms demand (R1–R4, R8–R16), over
the years too (R5–R7).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

from crawler.demo.forms import result_keys

_APPLICANTS = ("natural", "business", "research", "charity", "legal", "other_org")
_F19_FROM = 2019
_F21_FROM = 2021
_PARTS = ("review", "lit_direct", "lit_after_review")
FigureKey = tuple[str, str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeYear:
    """A year of an office: what one report says of it, those of the years beside it take up."""

    office: str
    year: int

    def at(self, year: int) -> "OfficeYear":
        """Another year of the same office."""
        return OfficeYear(office=self.office, year=year)

    def drawn(self, what: str, least: int, most: int) -> int:
        """A number that is the same whichever report asks for it."""
        seeded = Random(f"{self.office}/{self.year}/{what}")  # noqa: S311 - invented figures
        return seeded.randint(least, most)


def figures(form: str, random: Random, known: OfficeYear) -> Mapping[FigureKey, int]:
    """A value for every hole of a form, by (indicator, applicant); empty for forms without."""
    if form == "f14":
        return {(f"f14.{key}", None): value for key, value in _f14(random).items()}
    if form in ("f19", "f21"):
        section2 = _f19_s2(random, known) if form == "f19" else _f21_s2(random, known)
        values: dict[FigureKey, int] = {(f"{form}.s2.{k}", None): v for k, v in section2.items()}
        return values | _section3(form, random, known) | _section4(form, random)
    return {}


def _spread(total: int, keys: Sequence[str], random: Random) -> dict[str, int]:
    """`total` dealt out over `keys`."""
    dealt = dict.fromkeys(keys, 0)
    for key in random.choices(keys, k=total):
        dealt[key] += 1
    return dealt


def _prefixed(prefix: str, values: Mapping[str, int]) -> dict[str, int]:
    return {f"{prefix}.{key}": value for key, value in values.items()}


def _f14(random: Random) -> dict[str, int]:
    issued = random.randint(2, 60)
    channels = {
        "gazette": random.randint(0, 90),
        "website": random.randint(3_000, 9_000),
        "weibo": random.randint(0, 400),
        "wechat": random.randint(100, 900),
        "other": random.randint(100, 900),
    }
    return {
        "proactive.total": sum(channels.values()) - random.randint(0, 90),
        "proactive.normative_disclosed": issued - random.randint(0, 2),
        "proactive.normative_issued": issued,
        **_prefixed("proactive.channel", channels),
        **_f14_response(random),
        **_f14_requests(random),
        **_f14_disputes("review", random),
        **_f14_disputes("litigation", random),
        **_f14_rest(random),
    }


def _f14_response(random: Random) -> dict[str, int]:
    conferences, interviews = random.randint(3, 20), random.randint(3, 12)
    return {
        "response.total": random.randint(5, 40),
        "response.channel.press_conf": conferences,
        "response.channel.press_conf_leader": random.randint(0, conferences),
        "response.channel.interview": interviews,
        "response.channel.interview_leader": random.randint(0, interviews),
        "response.channel.interpretation": random.randint(5, 60),
        "response.channel.weibo_wechat": random.randint(0, 30),
        "response.channel.other": random.randint(0, 9),
    }


def _f14_requests(random: Random) -> dict[str, int]:
    received = random.randint(20, 180)
    ways = _spread(received, ("in_person", "fax", "online", "letter"), random)
    extended = random.randint(0, received // 10)
    kinds = ("already_public", "granted", "partly_granted", "refused.total", "not_this_organ")
    replies = _spread(received, (*kinds, "not_exist", "amend", "other_route"), random)
    causes = ("state_secret", "trade_secret", "privacy", "security", "not_gov_info")
    refused = _spread(replies["refused.total"], (*causes, "other_legal"), random)
    return {
        "request.received.total": received,
        **_prefixed("request.received", ways),
        "request.closed.total": received,
        "request.closed.on_time": received - extended,
        "request.closed.extended": extended,
        "request.reply.total": received,
        **_prefixed("request.reply", replies),
        **_prefixed("request.reply.refused", refused),
    }


def _f14_disputes(kind: str, random: Random) -> dict[str, int]:
    total = random.randint(0, 14)
    parts = _spread(total, ("upheld", "corrected", "other"), random)
    return {f"{kind}.total": total, **_prefixed(kind, parts)}


def _f14_rest(random: Random) -> dict[str, int]:
    full_time, part_time = random.randint(1, 5), random.randint(3, 40)
    return {
        "complaints": random.randint(0, 3),
        "fee_wanyuan": 0,
        "org.agencies": random.randint(1, 9),
        "org.reading_points": random.randint(2, 30),
        "org.staff.total": full_time + part_time,
        "org.staff.full_time": full_time,
        "org.staff.part_time": part_time,
        "org.budget_wanyuan": random.randint(1, 20),
        "training.meetings": random.randint(1, 9),
        "training.classes": random.randint(1, 9),
        "training.trainees": random.randint(20, 400),
    }


def _f19_s2(random: Random, known: OfficeYear) -> dict[str, int]:
    values: dict[str, int] = {}
    for row in ("i1.rules", "i1.normative"):
        made = random.randint(0, 20)
        values |= {f"{row}.made": made, f"{row}.disclosed": made}
        values[f"{row}.disclosed_total"] = made + random.randint(0, 90)
    for row in ("i5.license", "i5.other_service", "i6.penalty", "i6.coercion", "i8.fee"):
        values |= {f"{row}.prev_items": _items_before(known, row)}
        values |= {f"{row}.delta": _more_items(known, row)}
        values |= {f"{row}.decisions": random.randint(0, 20_000)}
    values |= {"i9.procurement.items": random.randint(1, 200)}
    return values | {"i9.procurement.amount": random.randint(100, 90_000)}


def _items_before(known: OfficeYear, row: str) -> int:
    """上一年项目数量: what it was in the form's first year, and every 增/减 since (R7)."""
    years = [known.at(year) for year in range(_F19_FROM, known.year)]
    return known.at(_F19_FROM).drawn(row, 20, 400) + sum(_more_items(each, row) for each in years)


def _more_items(known: OfficeYear, row: str) -> int:
    return known.drawn(f"{row} more", -9, 30)


def _f21_s2(random: Random, known: OfficeYear) -> dict[str, int]:
    values: dict[str, int] = {}
    for row in ("i1.rules", "i1.normative"):
        values |= {f"{row}.issued": _issued(known, row), f"{row}.repealed": _repealed(known, row)}
        values[f"{row}.valid"] = _valid(known, row)
    for row in ("i5.license", "i6.penalty", "i6.coercion"):
        values[f"{row}.decisions"] = random.randint(0, 20_000)
    return values | {"i8.fee.amount_wanyuan": random.randint(0, 3_000)}


def _valid(known: OfficeYear, row: str) -> int:
    """现行有效: what there was before the form, and every year's 制发 and 废止 since (R6)."""
    years = [known.at(year) for year in range(_F21_FROM, known.year + 1)]
    stock = known.at(_F21_FROM).drawn(row, 40, 130)
    return stock + sum(_issued(each, row) - _repealed(each, row) for each in years)


def _issued(known: OfficeYear, row: str) -> int:
    return known.drawn(f"{row} issued", 0, 20)


def _repealed(known: OfficeYear, row: str) -> int:
    return known.drawn(f"{row} repealed", 0, 9)


def _section3(form: str, random: Random, known: OfficeYear) -> dict[FigureKey, int]:
    columns = {name: _column(form, random, known, name) for name in _APPLICANTS}
    keys = columns["natural"]
    columns["total"] = {key: sum(column[key] for column in columns.values()) for key in keys}
    return {
        (f"{form}.s3.{key}", name): value
        for name, column in columns.items()
        for key, value in column.items()
    }


def _column(form: str, random: Random, known: OfficeYear, applicant: str) -> dict[str, int]:
    """One applicant's column; what is open at the end of a year is next year's 上年结转 (R5)."""
    most_new = 300 if applicant == "natural" else 12
    carried_in, carried_out = _open(known, applicant), _open(known.at(known.year + 1), applicant)
    new = random.randint(max(most_new // 15, carried_out), most_new)
    done = new + carried_in - carried_out
    results = _prefixed("result", _spread(done, result_keys(form), random))
    return {
        "new": new,
        "carried_in": carried_in,
        **results,
        "result.total": done,
        "carried_out": carried_out,
    }


def _open(known: OfficeYear, applicant: str) -> int:
    """Requests that are open when the year begins."""
    return known.drawn(f"open {applicant}", 0, 9 if applicant == "natural" else 2)


def _section4(form: str, random: Random) -> dict[FigureKey, int]:
    values: dict[FigureKey, int] = {}
    for part in _PARTS:
        total = random.randint(0, 9)
        results = _spread(total, ("upheld", "corrected", "other", "pending"), random)
        for key, value in {**results, "total": total}.items():
            values[f"{form}.s4.{part}.{key}", None] = value
    return values
