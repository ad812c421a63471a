"""Lists that are met as pages count as lists: what they name ends as well."""

from datetime import UTC, datetime

import pytest

from archive.model.frontier import Lease, Record
from archive.model.outcome import Outcome, Role
from archive.model.reading import Kind, Link, Reading
from archive.work.ingest.list_watch import CUT, EQUAL_LISTS_LIMIT, ListWatch

NOW = datetime(2026, 11, 29, tzinfo=UTC)
SITE = "http://a.test/nb"


def ended(watch: ListWatch, number: int, *, same: bool, role: Role = Role.PAGE) -> Record:
    """A list met as a page; same: of the reports that all others name, beside ways that turn."""
    content = "x" if same else str(number)
    links = (
        Link(url=f"{SITE}/{content}.html", text="甲县2021年年报", role=Role.PAGE),
        Link(url=f"{SITE}/cal{number + 1}.html", text="下一页", role=Role.LIST),
        Link(url=f"{SITE}/cal{number + 999}.html", text="年报", role=Role.PAGE),
    )
    reading = Reading(
        reader_version="2", kind=Kind.LIST, family=None, charset_declared=None,
        charset_used="utf-8", title=None, lines=(), content_hash=content, links=links,
    )  # fmt: skip
    lease = Lease(
        page_id=number, run_id=1, portal_key="p", url=f"{SITE}/cal{number}.html", method="GET",
        body=None, role=role, depth=1, attempts=0, family=None,
    )  # fmt: skip
    record = Record(
        page_id=number, run_id=1, capture_id=None, outcome=Outcome.NEW, reason="list", at=NOW,
        reading=reading, links=links,
    )  # fmt: skip
    return watch.filter_links(lease, record)


@pytest.mark.parametrize(("same", "limit"), [(True, EQUAL_LISTS_LIMIT + 1), (False, 40)])
def test_lists_met_as_pages_end_the_portal(same: bool, limit: int) -> None:  # noqa: FBT001 - a column
    watch = ListWatch(budgets={}, default=40, lists={})
    for number in range(1, limit):
        assert ended(watch, number, same=same).links
    assert watch.cut("p") is None
    assert ended(watch, limit, same=same).links == ()
    assert str(watch.cut("p")).startswith(CUT)
    assert ended(watch, limit + 1, same=same).links == ()


def test_a_list_called_so_keeps_the_pages_it_names() -> None:
    watch = ListWatch(budgets={}, default=1, lists={})
    left = ended(watch, 1, same=False, role=Role.LIST).links
    assert {link.role for link in left} == {Role.PAGE}
