"""coverage and search --division as people type them."""

import json

import pytest

from archive import progress as progress_module
from archive.cli import main
from archive.model.portal import Portal
from archive.model.reading import BodyKind, PublicBody
from archive.store import Store
from tests.store.making import a_reading, begin, finish, take, visit
from tests.support import counted
from tests.support.engines import ENGINES, ledger_on

GANGZHA = PublicBody(name="港闸区人民政府", division="320611", kind=BodyKind.GOVERNMENT)
PORTAL = Portal(
    key="gz", name="南通市港闸区", entries=("http://gz.example/2016.htm",), division="320611",
)  # fmt: skip


@pytest.fixture(params=ENGINES)
def ledger(request, tmp_path):
    with ledger_on(request.param, tmp_path) as place:
        with Store.open(place) as store:
            ticket = begin(store, PORTAL)
            [lease] = take(store, ticket.run_id)
            reading = a_reading(title="年报", report_year=2016, publisher=GANGZHA)
            visit(store, lease, reading=reading)
            finish(store, ticket.run_id)
        yield place


@pytest.fixture
def home(ledger, tmp_path, monkeypatch):
    """The folder of the archive; a database is named by the environment."""
    if "://" in ledger:
        monkeypatch.setenv("GONGKAI_DATABASE_URL", ledger)
    return str(tmp_path)


@pytest.fixture
def print_of(home, capsys):
    def run(*words):
        assert main([*words, "--home", home]) == 0
        return capsys.readouterr().out

    return run


def test_the_first_time_tells_how_far_it_is(home, capsys, monkeypatch):
    monkeypatch.setattr(progress_module, "_LINE_EVERY_S", 0)
    for expected in (1, 0):  # the second time there is nothing to do
        assert main(["coverage", "--progress", "--home", home]) == 0
        told = capsys.readouterr().err
        assert told.count("coverage, bodies: ") == expected, told
        assert ("put together" in told) == bool(expected)


def test_the_table_has_a_line_a_body_and_a_column_a_year(print_of):
    out = print_of("coverage", "--portal", "gz", "--from", "2015", "--to", "2017")
    head, line, *_ = out.splitlines()
    assert head.split() == ["body", "15", "16", "17"]
    assert line.split()[:3] == ["港闸区人民政府", "?", "+"]


def test_json_has_a_row_a_cell_with_its_reason(print_of):
    rows = json.loads(print_of("coverage", "--json", "--division", "崇川区", "--from", "2015"))
    by_year = {row["year"]: row for row in rows if row["body"] == GANGZHA.name}
    assert by_year[2016]["state"] == "present"
    assert by_year[2016]["url"] == "http://gz.example/2016.htm"
    assert by_year[2015]["state"] == "not_looked_at", "no list was read"
    assert by_year[2015]["due_on"] == "2016-03-31"
    assert by_year[2015]["reason"]


def test_a_report_of_an_abolished_district_is_found_under_what_took_it_over(print_of):
    hits = json.loads(print_of("search", "年报", "--division", "320613", "--json"))
    assert [hit["url"] for hit in hits] == ["http://gz.example/2016.htm"]
    assert json.loads(print_of("search", "年报", "--division", "崇明区", "--json")) == []


def test_a_report_that_names_nobody_is_of_its_portal_s_place(tmp_path, capsys):
    with Store.open(tmp_path) as store:
        ticket = begin(store, PORTAL)
        [lease] = take(store, ticket.run_id)
        visit(store, lease, reading=a_reading(title="年报"))
        finish(store, ticket.run_id)
    assert main(["search", "年报", "--division", "港闸区", "--json", "--home", str(tmp_path)]) == 0
    assert len(json.loads(capsys.readouterr().out)) == 1


def test_the_analysts_views_show_the_body(ledger):
    with Store.open(ledger) as store, store.read() as connection:
        rows = connection.exec_driver_sql("SELECT body, division FROM documents").all()
    assert rows == [("港闸区人民政府", "320611")]


def test_an_unknown_portal_is_refused(home, capsys):
    assert main(["coverage", "--portal", "nobody", "--home", home]) == 2
    assert "nobody" in capsys.readouterr().err


def test_namesakes_stand_with_the_place_above_theirs(tmp_path, capsys):
    drum = (counted.government("鼓楼区人民政府", code) for code in ("320106", "320302"))
    with Store.open(tmp_path) as store:
        counted.fill(store, {(body, 2022): {} for body in (*drum, counted.RUDONG)})
    assert main(["coverage", "--from", "2022", "--to", "2022", "--home", str(tmp_path)]) == 0
    bodies = {line.split(" ")[0] for line in capsys.readouterr().out.splitlines()}
    assert bodies >= {"南京市鼓楼区人民政府", "徐州市鼓楼区人民政府", counted.RUDONG.name}


@pytest.mark.parametrize("words", [(), ("--by", "province"), ("--by", "body"), ("--undated",)])
def test_late_in_an_empty_archive_is_a_note_alone(tmp_path, capsys, words):
    Store.open(tmp_path).close()
    assert main(["late", *words, "--home", str(tmp_path)]) == 0
    assert capsys.readouterr().out == ""
