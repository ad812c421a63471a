"""A small archive of the generator is one that a crawl could have left: sound, read as it is
written, with exports and pages; and the table of answers is made of such a one.
"""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from archive.model.reading import CheckState, Kind
from archive.reading.statistics.prose import read_prose
from archive.search.index_check import index_faults
from archive.store import Store
from archive.store.query.integrity import engine_faults, text_faults
from archive.store.schema import version
from archive.store.write.stored_reading import stored_reading
from bench import country, moulds
from bench.filling import Filled, fill
from bench.questions import drawn, questions
from bench.scale import Load, Scale, Waits, scale_table
from tests.web.conftest import served

SIZE = 0.0001


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("country")
    fill(folder, SIZE, lambda _: None)
    return folder


@pytest.fixture(scope="module")
def store(home: Path) -> Iterator[Store]:
    with Store.open(home, read_only=True) as opened:
        yield opened


def test_it_is_sound_and_each_version_is_what_a_reader_gives(store: Store) -> None:
    assert list(index_faults(store)) == []
    with store.read() as connection:
        assert [*engine_faults(connection), *text_faults(connection)] == []
        ids = list(connection.scalars(select(version.c.id)))
        readings = [stored_reading(connection, each) for each in ids]
    kinds = Counter(each.kind for each in readings)
    assert kinds[Kind.REPORT] > 100
    assert kinds[Kind.LIST] > 5
    assert kinds[Kind.ARTICLE] > 5
    for each in readings:
        if each.kind is Kind.REPORT:
            assert read_prose(each.lines, year=each.report_year) == each.statements
            assert CheckState.VIOLATED not in {check.state for check in each.checks}
        text = "\n".join(each.lines)
        assert all(figure.printed in text for figure in each.figures)


def test_a_mould_gives_what_the_reader_gives() -> None:
    """Of the report that the mould was made of."""
    mould = moulds.mould_of("f21", 2023)
    values = dict.fromkeys(mould.text.holes, mould.text.pieces[0][:0])
    assert len(mould.text.filled(values)) < len(mould.packed.text)
    assert len(json.loads(mould.packed.figures)[0]) == len(json.loads(mould.packed.cells)) > 190


def test_stopped_it_goes_on_where_it_was_and_changes_nothing_twice(home: Path) -> None:
    told: list[str] = []
    again = fill(home, SIZE, told.append)
    assert not [each for each in told if each.startswith("run ")]
    assert again.versions > 150
    assert again.figures > 5_000
    portals = country.portal_count(SIZE)
    offices = [each for n in range(portals) for each in country.planned(n, portals).offices]
    assert again.bodies == len({each.body for each in offices})


def test_exports_and_pages_have_it(store: Store, home: Path) -> None:
    with store.read() as connection:
        sample = drawn(connection)
        for name in ("figures_current", "coverage", "changes", "statements", "captures"):
            rows = connection.exec_driver_sql(f"SELECT count(*) FROM {name}").scalar()  # noqa: S608
            assert rows > 10, name
    assert sample.numbers
    with Store.open(home, read_only=True) as opened, served(opened) as client:
        for question in questions(sample):
            assert client.get(question.paths[0]).status_code == 200, question.name
        number, urls = next(iter(sample.numbers.items()))
        hits = client.get(f"/api/search?q={number}&limit=200").json()["hits"]
        assert urls <= {each["url"] for each in hits}


def test_the_table_says_what_was_kept_and_what_was_not() -> None:
    good = Waits(aim=200.0, ms=[10.0] * 20, cpu_ms=[4.0] * 20)
    slow = Waits(aim=100.0, ms=[300.0] * 20, cpu_ms=[90.0] * 20)
    found = Scale(
        filled=Filled(versions=300_000, bodies=40_000, figures=22_000_000), engine="sqlite",
        waits={"search": good, "/": slow}, held=40, found=40,
        loads=[
            Load(
                what="searches", answers={200: 90, 503: 10}, bare=0, runs_ms=[5.0, 90.0],
                seconds=20.0,
            )
        ],
        export_s=100.0, export_bytes=200 * 1024**2, sizes={"figure": 900 * 1024**2},
    )  # fmt: skip
    told = scale_table(found)
    assert "| search | 20 | 10 | 4 | 10 | 4 | 200 | yes |" in told
    assert "| / | 20 | 300 | 90 | 300 | 90 | 100 | by CPU |" in told
    assert "ask for searches for 20 s get 90 × 200, 10 × 503;\n  0 do not" in told
    assert "900 MiB; by table, with indexes: figure 900" in told
