"""What today's reader makes of a page's captures, in the order of time."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from archive.model.content import content_hash
from archive.model.frontier import WarcSpot
from archive.model.outcome import Outcome, Role
from archive.model.reading import Field, Finding, Forward, Kind, Reading, Severity
from archive.reading import READER_VERSION
from archive.store.query.pages_to_reread import KnownVersion, PageToReread, StoredVisit
from archive.store.write.packed import pack_reading, without_bulk
from archive.work.ingest.reader_pool import Answer
from archive.work.preservation.reread_notes import What
from archive.work.preservation.reread_page import Plan, planned, visits_to_read

DAY = datetime(2026, 3, 2, tzinfo=UTC)
TEXT = tuple(f"第{n}点：全年收到政府信息公开申请{n}件，均在法定期限内办结。" for n in range(9))
A, B, C = TEXT, (*TEXT, "乙"), (*TEXT, "丙")
OLD = "2"


def a_reading(lines: tuple[str, ...] = A, **changes: object) -> Reading:
    title = "2024年政府信息公开工作年度报告"
    reading = Reading(
        reader_version=READER_VERSION, kind=Kind.REPORT, family=None, charset_declared=None,
        charset_used="utf-8", title=title, lines=lines, content_hash=content_hash(title, lines),
        report_year=2024,
    )  # fmt: skip
    return replace(reading, **changes)


def an_answer(reading: Reading) -> Answer:
    packed = pack_reading(reading)
    return Answer(body_digest="d", reading=without_bulk(reading), packed=packed)


class Page:
    """A page that is put together visit by visit, one a day, each with what today's reader sees."""

    def __init__(self) -> None:
        self.visits: list[StoredVisit] = []
        self.versions: list[KnownVersion] = []
        self.answers: dict[int, Answer | str] = {}

    def visit(
        self, outcome: Outcome, sees: Reading | str | None, *, reader: str | None = None,
        refers_to: int | None = None,
    ) -> int:  # fmt: skip
        number = len(self.visits) + 1
        self.visits.append(
            StoredVisit(
                capture_id=number,
                run_id=number,
                captured_at=DAY + timedelta(number),
                spot=WarcSpot(file="a.warc.gz", offset=number, length=1),
                status=200,
                record_type="response" if sees else "revisit",
                record_id="",
                payload_digest=None,
                truncated=None,
                refers_to=refers_to,
                outcome=outcome,
                reader_version=reader,
            )
        )
        if sees is not None:
            self.answers[number] = sees if isinstance(sees, str) else an_answer(sees)
        return number

    def version(self, sees: Reading | str, *, reader: str = OLD, hash_: str = "c1:old") -> int:
        number = self.visit(Outcome.CHANGED, sees)
        self.versions.append(
            KnownVersion(
                version_id=100 + number,
                number=len(self.versions) + 1,
                capture_id=number,
                content_hash=hash_,
                reader_version=reader,
                kind="report",
                report_year=2024,
            )
        )
        return number

    @property
    def page(self) -> PageToReread:
        return PageToReread(
            page_id=1, key="http://x.gov.cn/1", url="http://x.gov.cn/1", role=Role.PAGE, depth=2,
            post_body=None, portal_key="x", family=None, division=None,
            versions=tuple(self.versions), visits=tuple(self.visits),
        )  # fmt: skip

    def read(self) -> Plan:
        asked = [each.capture_id for each, _ in visits_to_read(self.page, [OLD])]

        def answer_of(visit: StoredVisit) -> Answer | str:
            assert visit.capture_id == asked.pop(0), "asked for in another order"
            return self.answers[visit.capture_id]

        plan = planned(self.page, [OLD], answer_of)
        assert asked == [], "read for nothing"
        return plan


@pytest.fixture
def page() -> Page:
    return Page()


def replaced(plan: Plan) -> Mapping[int, tuple[str, ...]]:
    """The lines of the versions that are replaced, by number."""
    return {each.number: tuple(each.packed.text.split("\n")) for each in plan.page.replaced}


def added(plan: Plan) -> list[tuple[int, int, tuple[str, ...]]]:
    return [
        (each.number, each.capture_id, tuple(each.packed.text.split("\n")))
        for each in plan.page.added
    ]


def notes(plan: Plan) -> list[tuple[What, int | None]]:
    return [(each.what, each.version) for each in plan.notes]


def test_each_version_is_read_from_its_own_capture(page: Page) -> None:
    page.version(a_reading(A))
    page.version(a_reading(B))
    plan = page.read()
    assert replaced(plan) == {1: A, 2: B}
    assert [each.is_latest for each in plan.page.replaced] == [False, True]
    assert (added(plan), notes(plan), plan.page.looked_into) == ([], [], ())


def test_versions_of_today_s_reader_are_not_read(page: Page) -> None:
    page.version(a_reading(A), reader=READER_VERSION)
    page.version(a_reading(B))
    assert replaced(page.read()) == {2: B}


def test_the_newest_fields_of_the_same_content_stay_the_newest(page: Page) -> None:
    later = Field(name="agency", value="乙局", printed="乙局", origin="header")
    page.version(a_reading(A))
    page.visit(Outcome.UNCHANGED, a_reading(A, fields=(later,)))
    page.visit(Outcome.UNCHANGED, None, refers_to=2)
    plan = page.read()
    [read] = plan.page.replaced
    assert read.reading.fields == (later,)
    assert read.capture_id == 1
    assert added(plan) == []


def test_a_change_that_an_older_reader_did_not_see_is_a_version_of_its_day(page: Page) -> None:
    page.version(a_reading(A))
    page.visit(Outcome.UNCHANGED, a_reading(A))
    page.visit(Outcome.UNCHANGED, a_reading(B))
    page.visit(Outcome.UNCHANGED, a_reading(B))
    plan = page.read()
    assert replaced(plan) == {1: A}
    assert added(plan) == [(2, 3, B)]
    assert notes(plan) == [(What.MADE, 2)]


def test_no_version_is_put_between_others(page: Page) -> None:
    page.version(a_reading(A))
    page.visit(Outcome.UNCHANGED, a_reading(B))
    page.visit(Outcome.SOFT_404, a_reading(C))
    page.version(a_reading(A))
    plan = page.read()
    assert (added(plan), replaced(plan)) == ([], {1: A, 2: A})
    assert notes(plan) == [(What.PASSED, None), (What.PASSED, None), (What.EQUAL, 2)]
    assert "version 2 was captured later" in plan.notes[0].message
    assert "soft_404" in plan.notes[1].message
    assert plan.page.looked_into == (3,)


@pytest.mark.parametrize(
    "outcome", [Outcome.SOFT_404, Outcome.BLOCKED, Outcome.FAILED, Outcome.REDIRECTED]
)
def test_a_page_that_an_older_reader_missed_becomes_a_version(page: Page, outcome: Outcome) -> None:
    page.visit(outcome, a_reading(A))
    page.visit(outcome, a_reading(A))
    page.visit(outcome, a_reading(B))
    plan = page.read()
    assert added(plan) == [(1, 1, A), (2, 3, B)]
    assert [each.captured_at for each in plan.page.added] == [DAY + timedelta(n) for n in (1, 3)]
    assert plan.page.latest_id is None
    assert plan.page.looked_into == (1, 2, 3)


def test_what_is_still_no_page_makes_no_version(page: Page) -> None:
    page.visit(Outcome.SOFT_404, a_reading(A, soft_404="not found"))
    page.visit(Outcome.BLOCKED, a_reading(A, blocked="瑞数"))
    page.visit(Outcome.FAILED, a_reading(A, needs_browser="its script"))
    page.visit(Outcome.REDIRECTED, a_reading(A, forward=Forward(url="http://y/", how="script")))
    plan = page.read()
    assert (added(plan), notes(plan), plan.page.looked_into) == ([], [], (1, 2, 3, 4))


def test_what_today_s_reader_looked_into_is_not_read_again(page: Page) -> None:
    page.visit(Outcome.SOFT_404, a_reading(A), reader=READER_VERSION)
    assert added(page.read()) == []


def test_a_page_that_went_on_as_before_has_no_version_of_between(page: Page) -> None:
    page.version(a_reading(A))
    page.visit(Outcome.SOFT_404, a_reading(B))
    page.visit(Outcome.UNCHANGED, None, refers_to=1)
    plan = page.read()
    assert added(plan) == []
    assert notes(plan) == [(What.PASSED, None)]
    assert "showed what stood there before" in plan.notes[0].message


def test_a_page_that_came_back_has_both_versions(page: Page) -> None:
    page.version(a_reading(A))
    page.visit(Outcome.SOFT_404, a_reading(B))
    page.visit(Outcome.UNCHANGED, a_reading(A))
    assert added(page.read()) == [(2, 2, B), (3, 3, A)]


def test_a_revisit_of_what_became_a_version_keeps_it(page: Page) -> None:
    page.version(a_reading(A))
    second = page.visit(Outcome.UNCHANGED, a_reading(B))
    page.visit(Outcome.UNCHANGED, None, refers_to=second)
    assert added(page.read()) == [(2, 2, B)]


def test_a_version_whose_capture_is_lost_stays_as_it_is(page: Page) -> None:
    page.version("record is cut")
    page.visit(Outcome.SOFT_404, a_reading(B))
    plan = page.read()
    assert (replaced(plan), added(plan)) == ({}, [])
    assert notes(plan) == [(What.LOST, 1)]
    assert plan.page.looked_into == (), "nothing is known that it could be compared with"


def test_a_version_whose_capture_is_lost_is_read_where_it_was_seen_unchanged(page: Page) -> None:
    page.version("record is cut")
    page.visit(Outcome.UNCHANGED, a_reading(A))
    plan = page.read()
    assert (replaced(plan), notes(plan)) == ({1: A}, [(What.LOST, 1)])
    assert plan.page.replaced[0].capture_id == 1


def test_a_later_capture_that_is_lost_is_told(page: Page) -> None:
    page.version(a_reading(A))
    page.visit(Outcome.UNCHANGED, "record is cut")
    page.visit(Outcome.BLOCKED, "record is cut")
    plan = page.read()
    assert notes(plan) == [(What.LOST, 1), (What.LOST, None)]
    assert replaced(plan) == {1: A}


def test_a_version_that_is_no_page_to_today_s_reader_stays_with_a_doubt(page: Page) -> None:
    page.version(a_reading(A, soft_404="not found"))
    plan = page.read()
    assert replaced(plan) == {1: A}
    assert [each.rule for each in plan.page.replaced[0].reading.findings] == ["soft_404"]
    assert notes(plan) == [(What.NO_PAGE, 1)]


def test_a_reading_that_fails_where_an_older_one_did_not_takes_no_place(page: Page) -> None:
    failed = Finding(rule="reader_failed", severity=Severity.ERROR, message="a defect")
    page.version(a_reading((), findings=(failed,)))
    page.visit(Outcome.SOFT_404, a_reading((), findings=(failed,)))
    plan = page.read()
    assert (replaced(plan), added(plan), plan.page.looked_into) == ({}, [], ())
    assert notes(plan) == [(What.LOST, 1), (What.LOST, None)]
    page.versions = [replace(each, rules={"reader_failed"}) for each in page.versions]
    assert list(replaced(page.read())) == [1], "it had failed before, too"


def test_a_file_that_cannot_be_converted_here_is_as_it_was_converted(page: Page) -> None:
    refused = Finding(rule="file_not_converted", severity=Severity.WARNING, message="no soffice")
    page.version(a_reading((), findings=(refused,)))
    assert list(replaced(page.read())) == [1]
    page.versions = [replace(each, rules={"file_converted"}) for each in page.versions]
    plan = page.read()
    assert (replaced(plan), notes(plan)) == ({}, [(What.LOST, 1)])
    assert "no soffice" in plan.notes[0].message


def test_versions_that_were_equal_before_are_not_told_again(page: Page) -> None:
    page.version(a_reading(A), reader=READER_VERSION, hash_=a_reading(A).content_hash)
    page.version(a_reading(A), reader=READER_VERSION, hash_=a_reading(A).content_hash)
    page.version(a_reading(B))
    assert notes(page.read()) == []


def test_a_list_that_lost_its_entries_is_no_version(page: Page) -> None:
    """As in a crawl: an empty list where there was one is a failure of the portal."""
    page.version(a_reading(A, kind=Kind.LIST))
    page.visit(Outcome.FAILED, a_reading(B, kind=Kind.LIST))
    listed = replace(page.page, role=Role.LIST)
    plan = planned(listed, [OLD], lambda visit: page.answers[visit.capture_id])
    assert added(plan) == []
