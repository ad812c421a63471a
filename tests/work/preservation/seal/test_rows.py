"""What is hashed of the ledger: the same on both engines, and what a third party can recompute from
the exported tables.
"""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from archive.store import Store
from archive.store.query import sealed_rows
from archive.store.query.sealed_rows import FIGURES, figure_rows, number_rows, read_versions
from archive.work.export.export import export_file
from archive.work.preservation.seal import measured as measured_module
from archive.work.preservation.seal.manifest import Rows
from archive.work.preservation.seal.measured import (
    Versions,
    captures_in,
    outcomes_of,
    run_sha256,
)
from tests.support.engines import SERVER, empty_database
from tests.support.invented import YUNHE, fill, url

FILE = "test.warc.gz"
PLACE = (url(YUNHE, 2021), 2)


def measured(store: Store) -> list[object]:
    with store.read() as connection:
        return [
            captures_in(connection, FILE),
            outcomes_of(connection, 1),
            outcomes_of(connection, 2),
            run_sha256(connection, 2),
            Versions(connection).sha256(*PLACE),
        ]


@pytest.fixture
def on_postgresql() -> Iterator[str]:
    if not SERVER:
        pytest.skip("GONGKAI_TEST_PG names no PostgreSQL database")
    with empty_database() as place:
        yield place


def test_both_engines_give_the_same_digests(tmp_path: Path, on_postgresql: str) -> None:
    with fill(tmp_path) as sqlite, fill(on_postgresql) as postgresql:  # type: ignore[arg-type]  # a URL will do
        assert measured(sqlite) == measured(postgresql)


def test_exported_tables_give_the_same_digests(tmp_path: Path) -> None:
    """As docs/how-to/seals.md says, with nothing of ours but the export."""
    with fill(tmp_path) as store:
        names = ("captures", "outcomes", "runs", "versions", "documents", "figures", "statements")
        tables = {name: exported(store, name, tmp_path / f"{name}.jsonl") for name in names}
        columns = "url captured_at status media_type payload_digest size warc_file warc_offset"
        columns += " record_type rendered source source_sha256 source_part source_offset"
        captures = digest(tables["captures"], f"{columns} source_record_id", warc_file=FILE)
        first = digest(tables["outcomes"], "run url outcome reason at", run=1)
        second = digest(tables["outcomes"], "run url outcome reason at", run=2)
        columns = "run job mode started_at ended_at status verdict reason counts portals"
        [row] = [row for row in tables["runs"] if row["run"] == 2]
        run = hashlib.sha256(line_of([row[name] for name in columns.split()])).hexdigest()
        where = {"url": PLACE[0], "version": PLACE[1]}
        columns = "form indicator applicant value unit printed state label place"
        figures = digest(tables["figures"], columns, **where)
        columns = "concept period unit value printed state line sentence"
        statements = digest(tables["statements"], columns, **where)
        [row] = [row for row in tables["versions"] if where.items() <= row.items()]
        [shown] = [row for row in tables["documents"] if where.items() <= row.items()]
        columns = "url version content_hash captured_at title text supersedes body division"
        values = [row[name] for name in f"{columns} reader_version".split()]
        values += [shown[name] for name in ("kind", "report_year", "official")]
        version = hashlib.sha256(line_of([*values, figures.sha256, statements.sha256])).hexdigest()
        assert measured(store) == [captures, first, second, run, version]
        assert statements.rows == 4
        assert (
            figures.rows == len([r for r in tables["figures"] if where.items() <= r.items()]) > 50
        )


def exported(store: Store, name: str, path: Path) -> list[dict[str, object]]:
    export_file(store, name, path, lambda _: None, ending=".jsonl")
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    for row in rows:
        for column in {"at", "captured_at", "started_at", "ended_at"} & set(row):
            row[column] = row[column].replace("Z", ".000000Z")
        if row.get("value") is not None:
            row["value"] = str(row["value"])
    return rows


def line_of(row: list[object]) -> bytes:
    plain = [int(each) if isinstance(each, bool) else each for each in row]
    return json.dumps(plain, sort_keys=True, separators=(",", ":")).encode() + b"\n"


def digest(rows: list[dict[str, object]], columns: str, **where: object) -> Rows:
    chosen = [row for row in rows if where.items() <= row.items()]
    lines = sorted({line_of([row[name] for name in columns.split()]) for row in chosen})
    return Rows(rows=len(lines), sha256=hashlib.sha256(b"".join(lines)).hexdigest())


def test_figures_by_cell_are_those_of_the_view(
    location: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealed_rows, "_BATCH", 2)
    names = ", ".join(FIGURES)
    view = text(f"SELECT {names} FROM figures WHERE url = :url AND version = :number")  # noqa: S608 - our own names
    with fill(location) as store, store.read() as connection:  # type: ignore[arg-type]  # a URL will do
        seen = 0
        for each in read_versions(connection):
            rows = number_rows(connection, each.url, each.version)
            found = figure_rows(connection, rows)
            wanted = connection.execute(view, {"url": each.url, "number": each.version})
            assert set(map(repr, found.values())) == {repr(tuple(row)) for row in wanted}
            seen += len(rows)
        assert seen > 20
        assert figure_rows(connection, [(-1, 5, "5", "given")]) == {}


def test_what_is_kept_of_other_versions_changes_no_digest(
    location: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with fill(location) as store, store.read() as connection:  # type: ignore[arg-type]  # a URL will do
        places = [(each.url, each.version) for each in read_versions(connection)]
        alone = [Versions(connection).sha256(*place) for place in places]
        for lines, short in ((10_000, 500), (1, 500), (10_000, 0)):
            monkeypatch.setattr(measured_module, "_MOST_LINES", lines)
            monkeypatch.setattr(measured_module, "_SHORT", short)
            versions = Versions(connection)
            assert [versions.sha256(*place) for place in [*places, *places]] == [*alone, *alone]
        assert Versions(connection).sha256("http://nobody.example/", 1) is None
