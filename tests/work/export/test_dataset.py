"""A dataset: whole or not at all, the same bytes for the same archive, every number to be cited."""

import hashlib
import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import date, datetime
from pathlib import Path

import duckdb
import pytest
import yaml
from pyarrow import parquet

from archive.model.errors import CannotRunError, UsageError
from archive.search.index import open_indexed
from archive.store import Store
from archive.store.views import described_columns
from archive.work.export import dataset
from archive.work.export.dataset import SUMS, write_dataset
from archive.work.export.dataset_files import PARTS, Written
from archive.work.export.dataset_metadata import About, licence_of
from archive.work.export.export import export_file, table_rows
from archive.work.export.filters import RowFilter
from archive.work.open_archive import open_archive
from tests.support.copied import copied
from tests.support.invented import QINGSHAN, YUNHE, url

ABOUT = About(
    title="各县 <figures>", creators=("Li Hua",), licence=licence_of("cc-by-4.0"),
    url="https://example.org/d", software="gongkai 0",
)  # fmt: skip
ALL, YEAR = RowFilter(), RowFilter(years=frozenset({2023}))


def quiet(_rows: int, _table: str) -> None:
    """Nobody watches the progress."""


@pytest.fixture(scope="module")
def made(store: Store, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Written]:
    folder = tmp_path_factory.mktemp("dataset") / "d"
    return folder, write_dataset(store, folder, ABOUT, ALL, quiet)


@pytest.fixture
def folder(made: tuple[Path, Written]) -> Path:
    return made[0]


def rows_of(folder: Path, pattern: str) -> list[dict[str, object]]:
    paths = sorted(folder.glob(pattern))
    return [row for path in paths for row in parquet.read_table(path).to_pylist()]


def files(folder: Path) -> Iterator[str]:
    return (str(each.relative_to(folder)) for each in folder.rglob("*") if each.is_file())


def test_every_file_has_its_checksum(folder: Path) -> None:
    lines = (folder / SUMS).read_text("utf-8").splitlines()
    told = dict(reversed(line.split("  ")) for line in lines)
    assert sorted(told) == sorted({*files(folder)} - {SUMS})
    for path, sha256 in told.items():
        assert hashlib.sha256((folder / path).read_bytes()).hexdigest() == sha256


def test_its_rows_are_those_of_the_archive(store: Store, folder: Path) -> None:
    for part in PARTS:
        wanted = list(table_rows(store, part.name))
        if part.name == "statements":
            wanted = [row for row in wanted if row["current"]]
        if part.name == "coverage":  # as of the last run: what fell due since is no row
            wanted = [row for row in wanted if row["version"] or str(row["due_on"]) < "2026-04-02"]
        assert spelled(rows_of(folder, part.files)) == spelled(wanted), part.name


def spelled(rows: list[dict[str, object]]) -> list[str]:
    def word(value: object) -> object:
        if isinstance(value, (datetime, date)):
            return value.isoformat()
        if isinstance(value, (list, dict)):
            return json.dumps(value, ensure_ascii=False)
        return value if value is None or isinstance(value, (str, bool)) else float(str(value))

    return sorted(json.dumps([word(each) for each in row.values()]) for row in rows)


def test_years_have_files_of_their_own_and_dates_their_type(folder: Path) -> None:
    for year in (2019, 2023):
        found = rows_of(folder, f"data/figures_current/figures_current-{year}.parquet")
        assert {row["report_year"] for row in found} == {year}
    [row] = [row for row in rows_of(folder, "data/coverage/*.parquet")
             if row["url"] == url(YUNHE, 2021)]  # fmt: skip
    assert (row["due_on"], row["published_on"]) == (date(2022, 3, 31), date(2022, 3, 10))


def test_every_number_can_be_cited(folder: Path) -> None:
    captured = {
        (row["url"], row["version"]): (row["captured_at"], row["content_hash"])
        for row in rows_of(folder, "data/citations.parquet")
    }
    figures = rows_of(folder, "data/figures_current/*.parquet")
    for row in figures:
        assert captured[row["url"], row["version"]] == (row["captured_at"], row["content_hash"])
    stated = rows_of(folder, "data/statements/*.parquet")
    assert {(row["url"], row["version"]) for row in stated} <= captured.keys()
    assert len(figures) > 400
    assert stated


def test_the_same_archive_gives_the_same_bytes(store: Store, folder: Path, tmp_path: Path) -> None:
    write_dataset(store, tmp_path / "again", ABOUT, ALL, quiet)
    assert (tmp_path / "again" / SUMS).read_bytes() == (folder / SUMS).read_bytes()


def test_the_data_package_describes_every_column_of_every_file(folder: Path) -> None:
    package = json.loads((folder / "datapackage.json").read_text("utf-8"))
    assert package["licenses"][0]["name"] == "CC-BY-4.0"
    assert package["contributors"] == [{"title": "Li Hua", "roles": ["creator"]}]
    assert (package["version"], package["created"]) == ("2026.4.2", "2026-04-02T01:33:00Z")
    resources = {each["path"]: each for each in package["resources"]}
    assert sorted(resources) == sorted(each for each in files(folder) if each.startswith("data/"))
    types = {"string": "string", "integer": "int64", "number": "double", "boolean": "bool",
             "date": "date32[day]", "datetime": "timestamp[us, tz=UTC]"}  # fmt: skip
    for path, resource in resources.items():
        assert resource["bytes"] == (folder / path).stat().st_size
        fields = resource["schema"]["fields"]
        schema = parquet.read_schema(folder / path)
        assert [(each["name"], types[each["type"]]) for each in fields] == [
            (each.name, str(each.type)) for each in schema
        ]
        assert all(each["description"] for each in fields)
    late = next(each for each in resources.values() if each["name"] == "coverage-2021")
    units = {each["name"]: each.get("unit") for each in late["schema"]["fields"]}
    assert units["days_late"] == "days"


def test_frictionless_reads_the_data_package(folder: Path, root: Path) -> None:
    python = root / ".venv-replay" / "bin" / "python"
    if not python.exists():
        pytest.skip("the environment with frictionless is made by `make setup`")
    script = """
import json, sys
from frictionless import Package
assert list(Package.metadata_validate(json.load(open(sys.argv[1])))) == []
package = Package(sys.argv[1])
assert package.get_resource("citations").schema.primary_key == ["url", "version"]
print(len(package.resources))
"""
    done = subprocess.run([python, "-c", script, folder / "datapackage.json"],
                          check=True, capture_output=True, text=True)  # fmt: skip
    assert int(done.stdout) == len([*folder.glob("data/**/*.parquet")])


def test_croissant_has_what_its_readers_need(folder: Path) -> None:
    told = json.loads((folder / "croissant.json").read_text("utf-8"))
    wanted = "@context @type conformsTo name description license url creator datePublished version"
    assert {*wanted.split(), "citeAs", "distribution", "recordSet"} <= told.keys()
    assert re.fullmatch(r"\d+\.\d+\.\d+", told["version"])
    objects = {each["@id"]: each for each in told["distribution"]}
    for each in objects.values():
        assert each["encodingFormat"] == "application/x-parquet"
        if each["@type"] == "cr:FileObject":
            assert len(each["sha256"]) == 64
        else:
            assert list(folder.glob(each["includes"]))
    for records in told["recordSet"]:
        sources = {field["source"]["fileSet"]["@id"] for field in records["field"]}
        [table] = sources
        assert objects[table]["@type"] == "cr:FileSet"
        columns = [field["source"]["extract"]["column"] for field in records["field"]]
        assert columns == [each.name for each in described_columns()[table]]


def test_people_are_told_how_to_load_and_cite_it(
    folder: Path, made: tuple[Path, Written], monkeypatch: pytest.MonkeyPatch
) -> None:
    readme = (folder / "README.md").read_text("utf-8")
    for library in ("polars.", "duckdb.", "pandas.", "arrow::"):
        assert library in readme
    [line] = [line for line in readme.splitlines() if line.startswith("duckdb.")]
    monkeypatch.chdir(folder)
    loaded = eval(line, {"duckdb": duckdb})  # noqa: S307 - a line of our own
    assert len(loaded.fetchall()) == made[1].rows_of("figures_current")
    assert (
        loaded.columns
        == parquet.read_schema(folder / "data/figures_current/figures_current-2023.parquet").names
    )
    assert "Creative Commons Attribution 4.0" in readme
    assert "as of 2026-04-02" in readme
    cited = yaml.safe_load((folder / "CITATION.cff").read_text("utf-8"))
    assert (cited["cff-version"], cited["type"]) == ("1.2.0", "dataset")
    assert (cited["title"], cited["authors"]) == ("各县 <figures>", [{"name": "Li Hua"}])
    assert (cited["license"], cited["version"]) == ("CC-BY-4.0", "2026.4.2")
    codebook = (folder / "CODEBOOK.md").read_text("utf-8")
    for part in PARTS:
        assert f"### {part.name}\n" in codebook
    assert "| `f21.s2.i1.rules.issued` | 规章/本年制发件数 |" in codebook


def test_who_names_no_licence_gives_none(store: Store, tmp_path: Path) -> None:
    about = About(
        title="x", creators=(), licence=licence_of("notspecified"), url=None, software="g"
    )
    write_dataset(store, tmp_path / "d", about, YEAR, quiet)
    package = json.loads((tmp_path / "d" / "datapackage.json").read_text("utf-8"))
    assert package["licenses"][0]["name"] == "notspecified"
    assert "contributors" not in package
    assert "**not specified**" in (tmp_path / "d" / "README.md").read_text("utf-8")
    cited = yaml.safe_load((tmp_path / "d" / "CITATION.cff").read_text("utf-8"))
    assert "license" not in cited
    assert cited["authors"] == [{"name": "anonymous"}]


def test_an_unknown_licence_names_near_ones_and_a_url_is_one() -> None:
    with pytest.raises(UsageError, match=r"did you mean .*CC-BY-4\.0"):
        licence_of("CC-BY-4")
    assert licence_of("https://example.org/l").url == "https://example.org/l"
    with pytest.raises(UsageError):
        licence_of("https://example.org/l\n\nx")


def test_what_is_narrowed_leaves_the_rows_that_belong_to_it(store: Store, tmp_path: Path) -> None:
    only = RowFilter(portals=frozenset({QINGSHAN}), years=frozenset({2022}))
    write_dataset(store, tmp_path / "d", ABOUT, only, quiet)
    figures = rows_of(tmp_path / "d", "data/figures_current/*.parquet")
    assert {(row["portal"], row["report_year"]) for row in figures} == {(QINGSHAN, 2022)}
    for table in ("citations", "findings"):
        found = {row["url"] for row in rows_of(tmp_path / "d", f"data/{table}.parquet")}
        assert found <= {url(QINGSHAN, 2022)}
    [portal] = rows_of(tmp_path / "d", "data/portals.parquet")
    assert portal["portal"] == QINGSHAN


def test_a_place_has_the_pairs_of_either_report_and_their_portal(tmp_path: Path) -> None:
    copied(tmp_path / "home").close()
    with closing(sqlite3.connect(tmp_path / "home" / "archive.sqlite")) as ledger, ledger:
        ledger.execute("UPDATE public_body SET division = '330421' WHERE name = '云河县教育局'")
    with open_archive(tmp_path / "home") as moved:
        for code in ("320613", "330421"):
            only = RowFilter(divisions=frozenset({code}))
            write_dataset(moved, tmp_path / code, ABOUT, only, quiet)
            pairs = rows_of(tmp_path / code, "data/similarity.parquet")
            across = {(row["division"], row["other_division"]) for row in pairs}
            assert len({*next(iter(across - {(code, code)}))} - {code}) == 1
            [portal] = rows_of(tmp_path / code, "data/portals.parquet")
            assert (portal["portal"], portal["division"]) == ("sim", "320613")


def test_an_indicator_brings_the_prose_of_its_concept(store: Store, tmp_path: Path) -> None:
    only = RowFilter(indicators=frozenset({"f21.s3.result.granted"}), years=YEAR.years)
    write_dataset(store, tmp_path / "one", ABOUT, only, quiet)
    figures = rows_of(tmp_path / "one", "data/figures_current/*.parquet")
    assert {row["indicator"] for row in figures} == {"f21.s3.result.granted"}
    every = {part.indicator for part in dataset_concept("reviews")}
    write_dataset(
        store,
        tmp_path / "two",
        ABOUT,
        RowFilter(indicators=frozenset(every), years=YEAR.years),
        quiet,
    )
    stated = rows_of(tmp_path / "two", "data/figures_current/*.parquet")
    assert {(row["concept"], row["certainty"]) for row in stated} == {("reviews", "prose")}
    assert rows_of(tmp_path / "two", "data/coverage/*.parquet")
    path = tmp_path / "figures_current.jsonl"
    only = RowFilter(indicators=frozenset(every), years=YEAR.years)
    export_file(store, "figures_current", path, lambda _: None, ending=".jsonl", only=only)
    exported = [json.loads(line) for line in path.read_text().splitlines()]
    assert {(row["concept"], row["certainty"]) for row in exported} == {("reviews", "prose")}


def dataset_concept(key: str) -> tuple:
    from archive.codebook.indicators import concepts

    return concepts()[key].parts


def test_a_run_that_ends_early_leaves_the_earlier_dataset(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "d"
    write_dataset(store, target, ABOUT, YEAR, quiet)
    sums = (target / SUMS).read_bytes()
    moved = dataset.move_durably

    def full(*_: object) -> str:
        raise OSError(28, "No space left on device")

    def stopped(_rows: int, table: str) -> None:
        if table == "citations":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_dataset(store, target, ABOUT, YEAR, stopped)
    for name, instead in (
        ("_sums", full),
        ("move_durably", lambda a, b: moved(a, b) if b != target else full()),
    ):
        monkeypatch.setattr(dataset, name, instead)
        with pytest.raises(CannotRunError, match="make room"):
            write_dataset(store, target, ABOUT, YEAR, quiet)
        monkeypatch.undo()
        assert [each.name for each in tmp_path.iterdir()] == ["d"]
        assert (target / SUMS).read_bytes() == sums
    (target / "README.md").write_text("old")
    write_dataset(store, target, ABOUT, YEAR, quiet)
    assert (target / "README.md").read_text("utf-8") != "old"


def test_a_killed_run_leaves_nothing_and_the_same_command_finishes(
    home: Path, root: Path, tmp_path: Path
) -> None:
    script = (
        "import os, signal\nfrom archive.work.export import dataset\n"
        "dataset._sums = lambda *_: os.kill(os.getpid(), signal.SIGKILL)\n"
        "from archive.cli import main\nmain(['dataset', '-o', 'd', '--year', '2023'])"
    )
    clean = {"PATH": os.environ["PATH"], "GONGKAI_HOME": str(home), "PYTHONPATH": str(root)}
    killed = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, env=clean, check=False)
    assert killed.returncode == -signal.SIGKILL
    [left] = tmp_path.iterdir()
    assert left.name.endswith(".new")
    with open_archive(home) as archive:
        write_dataset(archive, tmp_path / "d", ABOUT, YEAR, quiet)
    assert [each.name for each in tmp_path.iterdir()] == ["d"]


def test_a_folder_with_something_else_is_left_alone(
    store: Store, folder: Path, tmp_path: Path
) -> None:
    for names, said in (
        (["letter.txt"], "no dataset"), ([SUMS, "my.ipynb"], "holds my.ipynb"), (None, "no folder"),
    ):  # fmt: skip
        target = tmp_path / said.replace(" ", "_")
        if names is None:
            target.write_text("a file")
        else:
            target.mkdir()
        for name in names or ():
            (target / name).write_text("mine")
        with pytest.raises(UsageError, match=said):
            write_dataset(store, target, ABOUT, ALL, quiet)
    with pytest.raises(UsageError, match="there is no folder"):
        write_dataset(store, tmp_path / "no" / "d", ABOUT, ALL, quiet)


def test_an_empty_archive_gives_tables_without_rows(tmp_path: Path) -> None:
    with open_indexed(tmp_path / "home") as empty:
        written = write_dataset(empty, tmp_path / "d", ABOUT, ALL, quiet)
    assert written.rows_of("figures_current") == 0
    assert rows_of(tmp_path / "d", "data/figures_current/*.parquet") == []
    names = {each.name for each in parquet.read_schema(
        tmp_path / "d/data/figures_current/figures_current.parquet")}  # fmt: skip
    assert "value" in names
    assert "date-released" not in (tmp_path / "d" / "CITATION.cff").read_text("utf-8")


def test_the_command_says_what_it_wrote_and_what_cannot_be_meant(gongkai, tmp_path: Path) -> None:
    done = gongkai("dataset", "-o", str(tmp_path / "d"), "--year", "2023", "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert {each["year"] for each in told["files"] if each["table"] == "figures_current"} == {
        "2023"
    }
    for words, said in (
        (["--portal", "yunh"], b"did you mean yunhe"), (["--license", "CC"], b"is no licence"),
        (["--indicator", "reviws"], b"did you mean reviews"), (["--url", "x"], b"is no URL"),
        (["--division", "999999"], b"999999"),
    ):  # fmt: skip
        refused = gongkai("dataset", "-o", str(tmp_path / "e"), *words)
        assert (refused.returncode, said in refused.stderr) == (2, True), refused.stderr
    assert [each.name for each in tmp_path.iterdir()] == ["d"]
