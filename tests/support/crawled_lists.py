"""Runs over a portal whose list names reports: what stood behind each link is made up."""

from collections.abc import Sequence
from datetime import datetime

from archive.model.outcome import Outcome
from archive.model.portal import Portal
from archive.model.reading import BodyKind, Field, Kind, PublicBody
from archive.store import Store
from archive.store.frontier import leasing, runs
from archive.store.write import outcomes
from tests.store.making import NOW, a_portal, a_reading, a_record, begin, keep, link_to, take
from tests.support.transactions import commit

CHONGCHUAN = PublicBody(name="崇川区人民政府", division="320613", kind=BodyKind.GOVERNMENT)
SHOP = PublicBody(name="崇川区供销合作社", division="320613", kind=BodyKind.DEPARTMENT)
PORTAL = a_portal("cc", "http://www.cc.example/nb/", name="南通市崇川区", division="320602")


def page_of(year: int, name: str = "r") -> str:
    return f"http://www.cc.example/nb/{name}{year}.htm"


def a_list(*links) -> object:
    lines = [each.text for each in links]
    return a_reading(title="年报", lines=lines, kind=Kind.LIST, report_year=None, links=links)


def crawl(
    store: Store,
    links: Sequence[object],
    answers: dict[str, object],
    *,
    verdict: str = "good",
    entry: Outcome = Outcome.NEW,
    portal: Portal = PORTAL,
    now: datetime = NOW,
) -> None:
    """One run over a portal: its list with `links`, and what each page gives (a reading or an
    outcome; a URL that misses stays on the frontier).
    """
    ticket = begin(store, portal, now=now)
    while leases := take(store, ticket.run_id, now=now):
        for lease in leases:
            if lease.url in portal.entries:
                reading = a_list(*links) if entry is Outcome.NEW else None
                _settle(store, lease, reading or entry, links=links if reading else ())
            elif lease.url in answers:
                _settle(store, lease, answers[lease.url])
        left = [lease.page_id for lease in leases if lease.url not in {*portal.entries, *answers}]
        commit(store, leasing.release, left)
        if left:
            break
    commit(
        store,
        runs.finish_run,
        ticket.run_id,
        status="finished",
        verdict=verdict,
        reason="",
        counts={},
        now=now,
    )


def _settle(store: Store, lease, answer, links=()) -> None:
    [capture] = keep(store, [lease])
    if isinstance(answer, Outcome):
        record = a_record(lease, capture, answer, reason=f"status of {answer.value}")
    else:
        record = a_record(lease, capture, reading=answer, links=links)
    commit(store, outcomes.record, [record], next_due={})


def report(
    year: int, body: PublicBody | None = CHONGCHUAN, published_on: str | None = None, **changes
):
    fields = ()
    if published_on:
        fields = (
            Field(name="published_on", value=published_on, printed=published_on, origin="header"),
        )
    return a_reading(report_year=year, publisher=body, fields=fields, **changes)


def named(year: int, who: str = "崇川区", name: str = "r"):
    return link_to(page_of(year, name), text=f"{who}{year}年政府信息公开工作年度报告")
