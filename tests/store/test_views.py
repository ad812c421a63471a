"""The analysts' views: the contract's columns, described, and true to the tables."""

import json
from decimal import Decimal

import pytest
from sqlalchemy import insert, inspect, select, table, text

from archive.model.outcome import Outcome
from archive.model.reading import BodyKind, CellState, PublicBody
from archive.store import Store
from archive.store.frontier import hosts
from archive.store.schema import cell, figure
from archive.store.views import VIEWS, described_columns, drop_views, view_statements
from tests.store.making import (
    ENTRY,
    NOW,
    a_figure,
    a_full_reading,
    a_portal,
    a_reading,
    begin,
    finish,
    keep,
    take,
    visit,
)
from tests.support.transactions import commit

CONTRACT = {
    "documents": "portal url kind title agency index_number document_number category report_year"
    " written_on published_on version first_captured_at last_captured_at content_hash text"
    " attachments fields official",
    "versions": "url version content_hash captured_at title text supersedes",
    "captures": "url captured_at status media_type payload_digest size warc_file warc_offset"
    " record_type outcome rendered",
    "outcomes": "run url outcome reason at",
    "figures": "url version report_year body form indicator applicant value unit printed state",
    "figures_current": "body_id body division report_year form indicator applicant value unit"
    " state reader_version url version portal place province level concept certainty captured_at"
    " content_hash kind",
    "bodies": "body_id name division place province level kind portals first_year last_year reports",
    "indicators": "indicator form name name_en label unit parent concept",
    "rules": "rule forms scope text text_en kind strength source",
    "findings": "url version rule severity message evidence",
    "runs": "",
    "portals": "",
    "similarity": "url version report_year body_id body division other_url other_version other_year"
    " other_body_id other_body other_division similarity scope",
    "changes": "url version previous captured_at what name form indicator applicant label old new"
    " removed added title report_year body division body_id portal reader_version",
    "citations": "url version title body report_year captured_at content_hash reader_version"
    " payload_digest warc_file warc_offset",
    "statements": "url version report_year body division body_id concept value unit printed state"
    " period sentence line reader_version current",
    "coverage": "body_id body division place province level kind portal year state due_on"
    " published_on days_late url version reason",
    "withdrawals": "url version reason withdrawn_by withdrawn_at restored_by restored_at "
    "restored_reason",
}
INSTANT = "2026-11-22T08:00:00.000000Z"


def rows(store: Store, view: str):
    with store.read() as connection:
        return connection.execute(select(text("*")).select_from(table(view))).mappings().all()


def decoded(value):
    return json.loads(value) if isinstance(value, str) else value


@pytest.fixture
def filled(store):
    ticket = begin(store)
    visit(store, take(store, ticket.run_id)[0], reading=a_full_reading())
    finish(store, ticket.run_id)
    return store


@pytest.mark.parametrize("view", VIEWS)
def test_a_view_begins_with_the_columns_of_the_contract(store, view):
    with store.read() as connection:
        columns = [each["name"] for each in inspect(connection).get_columns(view)]
    promised = CONTRACT[view].split()
    assert columns[: len(promised)] == promised


@pytest.mark.parametrize("view", VIEWS)
def test_every_exported_column_is_described(store, view):
    with store.read() as connection:
        columns = [each["name"] for each in inspect(connection).get_columns(view)]
    assert [each.name for each in described_columns()[view]] == columns


def test_no_view_is_described_that_does_not_exist():
    assert set(described_columns()) == set(VIEWS)


def test_every_type_is_one_that_exports_know():
    types = {each.type for columns in described_columns().values() for each in columns}
    assert types == {"text", "integer", "number", "instant", "date", "boolean", "json"}


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_no_spelling_is_left_open(dialect):
    statements = view_statements(dialect)
    assert len(statements) == len(VIEWS) + 1  # figures_counted is no export
    assert not any("{json" in each or "{value" in each for each in statements)


def test_a_document_shows_the_field_that_has_a_value(filled):
    [row] = rows(filled, "documents")
    assert (row["agency"], row["published_on"]) == ("嘉善县人民政府", "2025-01-20")


def test_a_document_maps_every_field_once(filled):
    fields = decoded(rows(filled, "documents")[0]["fields"])
    assert fields == {
        "agency": {"value": "嘉善县人民政府", "printed": "嘉善县人民政府", "origin": "meta"},
        "published_on": {"value": "2025-01-20", "printed": "2025年1月20日", "origin": "header"},
    }


def test_a_document_lists_its_attachments(filled):
    attachments = decoded(rows(filled, "documents")[0]["attachments"])
    assert attachments == [{"url": "http://www.jiashan.example/f.pdf", "text": "附件1"}]


def test_a_document_without_fields_or_attachments_has_empty_ones(store):
    visit(store, take(store, begin(store).run_id)[0], reading=a_reading())
    [row] = rows(store, "documents")
    assert (decoded(row["fields"]), decoded(row["attachments"])) == ({}, [])


def test_a_document_is_the_latest_version(filled):
    ticket = begin(filled)
    [lease] = take(filled, ticket.run_id)
    visit(filled, lease, Outcome.CHANGED, reading=a_reading(lines=("改",)))
    [row] = rows(filled, "documents")
    assert (row["version"], row["text"]) == (2, "改")
    assert [each["supersedes"] for each in rows(filled, "versions")] == [None, 1]


def test_instants_read_as_iso_8601_in_any_sqlite_tool(home):
    with Store.open(home) as store:
        visit(store, take(store, begin(store).run_id)[0], reading=a_reading())
        assert rows(store, "documents")[0]["first_captured_at"] == INSTANT


def test_a_figure_is_a_number_with_its_state(filled):
    shown = {row["state"]: (row["value"], row["printed"]) for row in rows(filled, "figures")}
    assert shown == {"given": (12, "12"), "placeholder": (None, "/")}


@pytest.mark.parametrize("printed", ["0.1", "1234567.89", "123456789012345678.25", "-8"])
def test_a_figure_keeps_every_digit(store, printed):
    number = a_figure("f21.x", printed, Decimal(printed), CellState.GIVEN)
    visit(store, take(store, begin(store).run_id)[0], reading=a_reading(figures=(number,)))
    assert Decimal(str(rows(store, "figures")[0]["value"])) == Decimal(printed)


def test_figures_speak_for_the_agency_or_else_the_portal(store):
    number = a_figure("f21.x", "1", Decimal(1), CellState.GIVEN)
    visit(store, take(store, begin(store).run_id)[0], reading=a_reading(figures=(number,)))
    assert rows(store, "figures")[0]["body"] == "jiashan县"


def test_a_capture_shows_its_outcome_once_it_is_recorded(store):
    ticket = begin(store)
    [lease] = take(store, ticket.run_id)
    keep(store, [lease])
    assert rows(store, "captures")[0]["outcome"] is None


def test_a_rendered_document_is_marked(store):
    ticket = begin(store)
    keep(store, take(store, ticket.run_id), record_type="resource")
    assert bool(rows(store, "captures")[0]["rendered"])


def test_outcomes_and_findings_and_portals_name_their_page(filled):
    assert rows(filled, "outcomes")[0]["url"] == ENTRY
    assert rows(filled, "findings")[0]["rule"] == "R9"
    assert rows(filled, "portals")[0]["reports"] == 1


def test_a_run_shows_how_it_ended(filled):
    [row] = rows(filled, "runs")
    assert (row["status"], row["verdict"], row["job"]) == ("finished", "good", "all")


def test_a_time_without_zone_is_refused(store):
    from sqlalchemy.exc import StatementError

    from archive.store.rows import HostState

    with pytest.raises(StatementError, match="without zone"):
        commit(store, hosts.save_host, HostState(host="h", last_visit_at=NOW.replace(tzinfo=None)))


def test_a_figure_without_a_version_is_refused(store):
    from archive.model.errors import CannotRunError

    known = {"id": 1, "digest": b"1", "form": "f21", "label": "", "place": ""}
    row = {"version_id": 999, "position": 0, "cell_id": 1, "state": 1}
    with store.write() as connection:
        connection.execute(insert(cell), [known])
    with pytest.raises(CannotRunError, match=r"(?i)foreign key"), store.write() as connection:
        connection.execute(insert(figure), [row])


def test_a_figure_without_a_cell_is_refused(store):
    from archive.model.errors import CannotRunError

    row = {"position": 9, "cell_id": 999, "state": 1}
    made = visit(store, take(store, begin(store).run_id)[0], reading=a_reading())
    with pytest.raises(CannotRunError, match=r"(?i)foreign key"), store.write() as connection:
        connection.execute(insert(figure), [row | {"version_id": made.version_id}])


def test_figures_come_as_they_stand_in_the_report(store):
    numbers = tuple(
        a_figure(key, "1", Decimal(1), CellState.GIVEN) for key in ("f21.b", "f21.c", "f21.a")
    )
    visit(store, take(store, begin(store).run_id)[0], reading=a_reading(figures=numbers))
    assert [row["indicator"] for row in rows(store, "figures")] == ["f21.b", "f21.c", "f21.a"]


def test_superseded_figures_are_told_from_current_ones(store):
    for value, outcome in (("1", Outcome.NEW), ("2", Outcome.CHANGED)):
        number = a_figure("f21.a", value, Decimal(value), CellState.GIVEN)
        ticket = begin(store)
        [lease] = take(store, ticket.run_id)
        visit(store, lease, outcome, reading=a_reading(lines=(value,), figures=(number,)))
        finish(store, ticket.run_id)
    assert [(row["value"], bool(row["current"])) for row in rows(store, "figures")] == [
        (1, False),
        (2, True),
    ]


def report_of(name, division, value, **changes):
    number = a_figure("f21.a", value, Decimal(value), CellState.GIVEN)
    body = PublicBody(name=name, division=division, kind=BodyKind.GOVERNMENT)
    return a_reading(lines=(name, value), figures=(number,), publisher=body, **changes)


def crawled(store, *readings):
    """Each reading on a portal of its own."""
    portals = [a_portal(f"p{n}", f"http://p{n}.example/") for n in range(len(readings))]
    leases = take(store, begin(store, *portals).run_id)
    for lease, reading in zip(sorted(leases, key=lambda each: each.url), readings, strict=True):
        visit(store, lease, reading=reading)


def test_offices_of_one_name_in_two_places_are_two(store):
    name = "鼓楼区人民政府"
    places = ["320106", "320302", "350102", "410204"]
    crawled(store, *(report_of(name, place, str(n)) for n, place in enumerate(places)))
    for view in ("documents", "versions", "figures"):
        found = rows(store, view)
        assert {(row["body"], row["division"]) for row in found} == {(name, p) for p in places}
        assert len({row["body_id"] for row in found}) == 4, view


def test_views_of_another_release_are_made_anew(location):
    with Store.open(location) as store, store.write() as connection:
        drop_views(connection)
        connection.exec_driver_sql("CREATE VIEW documents AS SELECT 1 AS one")
    with Store.open(location) as store:
        assert rows(store, "figures_current") == []
