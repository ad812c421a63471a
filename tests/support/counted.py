"""An archive whose figures are known: bodies with reports of some years."""

from collections.abc import Mapping
from decimal import Decimal

from archive.model.portal import Portal
from archive.model.reading import BodyKind, CellState, Figure, PublicBody, Reading
from archive.store import Store
from archive.work.ingest.current_reports import choose_current_reports
from tests.store.making import a_portal, a_reading, begin, finish, take, visit

# Indicator and applicant ("" where it has none) with the number; None for a blank cell.
Numbers = Mapping[str, str | None]


def government(name: str, division: str | None) -> PublicBody:
    """A government of that place."""
    return PublicBody(name=name, division=division, kind=BodyKind.GOVERNMENT)


CHONGCHUAN = government("崇川区人民政府", "320613")
RUDONG = government("如东县人民政府", "320623")
JIASHAN = government("嘉善县人民政府", "330421")
TAX = PublicBody(name="嘉善县税务局", division="330421", kind=BodyKind.DEPARTMENT)

# What the six questions are asked of: answered and reviews, by body and year.
REPORTS: Mapping[tuple[PublicBody, int], Numbers] = {
    (CHONGCHUAN, 2018): {
        "f14.request.received.total": "139", "f14.request.reply.total": "132",
        "f14.review.total": "3", "f14.litigation.total": "2", "f14.org.budget_wanyuan": "1.25",
    },
    (CHONGCHUAN, 2022): {
        "f21.s3.new/total": "100", "f21.s3.new/natural": "90", "f21.s3.result.total/total": "104",
        "f21.s4.review.total": "5", "f21.s4.lit_direct.total": "2",
        "f21.s4.lit_after_review.total": "1",
    },
    (CHONGCHUAN, 2023): {
        "f21.s3.new/total": "80", "f21.s3.new/natural": "80", "f21.s3.result.total/total": "82",
        "f21.s4.review.total": "4", "f21.s4.lit_direct.total": "1",
        "f21.s4.lit_after_review.total": None,
    },
    (RUDONG, 2022): {"f21.s3.result.total/total": "40", "f21.s4.review.total": "0"},
    (RUDONG, 2023): {"f21.s3.result.total/total": "41", "f21.s4.review.total": None},
    (JIASHAN, 2022): {"f21.s3.result.total/total": "60", "f21.s4.review.total": "7"},
    (JIASHAN, 2023): {"f21.s3.result.total/total": "50", "f21.s4.review.total": "9"},
    (TAX, 2023): {"f21.s3.result.total/total": "6"},
}  # fmt: skip


def fill(store: Store, reports: Mapping[tuple[PublicBody, int], Numbers] = REPORTS) -> None:
    """Crawls the reports, one portal for each division, and chooses those that speak."""
    by_url = {
        url_of(body, year): reading(body, year, numbers)
        for (body, year), numbers in reports.items()
    }
    places: dict[str, list[str]] = {}
    for body, year in reports:
        places.setdefault(body.division or "none", []).append(url_of(body, year))
    portals: list[Portal] = [a_portal(f"p{code}", *urls) for code, urls in places.items()]
    ticket = begin(store, *portals, mode="full")
    for lease in take(store, ticket.run_id):
        visit(store, lease, reading=by_url[lease.url])
    finish(store, ticket.run_id)
    choose_current_reports(store)


def url_of(body: PublicBody, year: int) -> str:
    """Where the report of a body and year stands."""
    return f"http://{body.division}.example/{body.kind}/{year}"


def reading(body: PublicBody, year: int, numbers: Numbers) -> Reading:
    """The report, with a title, its year and its numbers."""
    return a_reading(
        title=f"{body.name}{year}年政府信息公开工作年度报告",
        lines=(body.name, str(year)),
        report_year=year,
        publisher=body,
        figures=tuple(_figure(key, printed) for key, printed in numbers.items()),
    )


def _figure(key: str, printed: str | None) -> Figure:
    indicator, _, applicant = key.partition("/")
    return Figure(
        form=indicator[:3],
        indicator=indicator,
        label=key,
        applicant=applicant or None,
        value=None if printed is None else Decimal(printed),
        unit="万元" if "wanyuan" in key else "件",
        printed=printed or "",
        state=CellState.BLANK if printed is None else CellState.GIVEN,
        where=f"table 1 row {len(key)} column 1",
    )
