"""What people corrected in the place of what was read: table, export and the API, on each engine."""

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import openpyxl
import pytest

from archive.model.optical import Certainty
from archive.search.index import open_indexed
from archive.work.corrections.corrections_file import CORRECTIONS_FILE, CorrectionsKept
from tests.support.engines import ENGINES, ledger_on
from tests.support.invented import YUNHE, fill, url
from tests.support.invented_home import Run
from tests.support.pictures import see
from tests.web.conftest import served

CHANGED, OTHER = url(YUNHE, 2021), url(YUNHE, 2022)
NEW, GRANTED, REVIEW = "f21.s3.new", "f21.s3.result.granted", "f21.s4.review.total"
OF_CORRECTIONS = ["read_value", "corrected_by", "correction_reason", "corrected_at"]
Rows = list[dict[str, object]]


@pytest.fixture(scope="module", params=ENGINES)
def home(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Path]:
    """The number of new requests of natural persons and in all is contradicted by a sum."""
    folder = tmp_path_factory.mktemp("corrected")
    with ledger_on(request.param, folder) as place:
        with fill(place) as store:
            see(
                store,
                CHANGED,
                lambda at: Certainty.CONTRADICTED if at in (0, 6) else Certainty.CONFIRMED,
            )
        (folder / "place").write_text(place)
        yield folder


@pytest.fixture(autouse=True)
def _of_ledger(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    place = (home / "place").read_text()
    if "://" in place:
        monkeypatch.setenv("GONGKAI_DATABASE_URL", place)
    yield
    (home / CORRECTIONS_FILE).unlink(missing_ok=True)


@pytest.fixture
def correct(gongkai: Run) -> Callable[..., None]:
    def run(page: str, indicator: str, applicant: str, value: str, *options: str) -> None:
        who = ("--by", "Li Wei", "--reason", "the scan says so")
        of = ("--indicator", indicator, *(("--applicant", applicant) if applicant else ()))
        done = gongkai("correct", page, *of, "--value", value, *who, *options)
        assert done.returncode == 0, done.stderr

    return run


def rows(done: "subprocess.CompletedProcess[bytes]") -> Rows:
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def marked(found: Rows) -> dict[tuple[object, object], dict[str, object]]:
    return {(each["indicator"], each["applicant"]): each for each in found if each["corrected_by"]}


def exported(gongkai: Run, table: str, *options: str) -> Rows:
    return rows(gongkai("export", table, "-o", "-", *options))


def asked(gongkai: Run, *words: str) -> Rows:
    found = json.loads(gongkai("table", *words, "--json").stdout)
    assert isinstance(found, list)
    return found


def test_corrections_stand_in_both_tables_of_figures(gongkai: Run, correct) -> None:
    before = {name: exported(gongkai, name) for name in ("figures", "figures_current")}
    correct(CHANGED, NEW, "natural", "140")
    correct(CHANGED, GRANTED, "natural", "64.5")
    for name, plain in before.items():
        assert exported(gongkai, name) == plain, "nothing changes for who does not ask"
        found = exported(gongkai, name, "--corrected")
        its = marked(found)
        assert {each["origin"] for each in its.values()} == {"corrected"}
        assert [list(found[0])[-4:]] == [OF_CORRECTIONS]
        facts = {
            key: (each["value"], each["read_value"], each["state"], each["confirmation"])
            for key, each in its.items()
        }
        assert facts == {
            (NEW, "natural"): (140, 139, "given", "contradicted"),
            (GRANTED, "natural"): (64.5, 63, "given", "confirmed"),
        }
        assert {(each["corrected_by"], each["correction_reason"]) for each in its.values()} == {
            ("Li Wei", "the scan says so")
        }
        assert all(str(each["corrected_at"]).endswith("Z") for each in its.values())
        others = [
            {key: value for key, value in each.items() if key not in OF_CORRECTIONS}
            for each in found if not each["corrected_by"]
        ]  # fmt: skip
        kept = [
            each for each in plain
            if (each["url"], each["version"], each["indicator"], each["applicant"])
            not in {(CHANGED, 2, *key) for key in its}
        ]  # fmt: skip
        assert others == kept
    # A number that a sum refutes counts once a person has corrected it.
    assert len(exported(gongkai, "figures_current", "--corrected")) == len(
        before["figures_current"]
    ) + 1  # fmt: skip


def test_a_correction_of_an_earlier_version_stands_there_alone(gongkai: Run, correct) -> None:
    correct(CHANGED, NEW, "natural", "150", "--version", "1")
    found = exported(gongkai, "figures", "--corrected")
    assert {(each["url"], each["version"]) for each in marked(found).values()} == {(CHANGED, 1)}
    assert not marked(exported(gongkai, "figures_current", "--corrected"))


def test_what_is_taken_back_or_fits_nothing_counts_for_nothing(
    gongkai: Run, correct, home: Path
) -> None:
    correct(CHANGED, GRANTED, "natural", "64")
    file = home / CORRECTIONS_FILE
    file.write_text(file.read_text(encoding="utf-8").replace('"63"', '"62"'), encoding="utf-8")
    done = gongkai("export", "figures", "-o", "-", "--corrected")
    assert b"warning: 1 correction that fit nothing any more" in done.stderr
    assert not marked(rows(done))
    file.unlink()
    correct(CHANGED, GRANTED, "natural", "64")
    [each] = json.loads(gongkai("correct", "--list", "--json").stdout)
    gongkai("correct", "--withdraw", each["id"], "--by", "wu", "--reason", "my mistake")
    assert not marked(exported(gongkai, "figures", "--corrected"))


def test_of_two_about_one_number_the_later_one_counts(gongkai: Run, correct, home: Path) -> None:
    correct(CHANGED, GRANTED, "natural", "64")
    file = home / CORRECTIONS_FILE
    first = file.read_text(encoding="utf-8")
    entry = first[first.index("[[") :].replace('id = "', 'id = "x').replace("= 64", "= 65")
    file.write_text(f"{first}\n{entry}", encoding="utf-8")
    assert [
        each["value"] for each in marked(exported(gongkai, "figures", "--corrected")).values()
    ] == [65]


def test_a_table_marks_what_people_corrected(gongkai: Run, correct) -> None:
    words = ("requests_received", "--from", "2021", "--to", "2022")
    plain = asked(gongkai, *words)
    assert not [each for each in plain if each["report_year"] == 2021], "a sum refutes it"
    none = asked(gongkai, *words, "--corrected")
    assert [{key: each[key] for key in plain[0]} for each in none] == plain
    correct(CHANGED, NEW, "total", "148")
    correct(OTHER, NEW, "total", "150")
    found = asked(gongkai, *words, "--corrected")
    facts = [
        (each["body"], each["report_year"], each["value"], each["read_value"], each["certainty"])
        for each in found
    ]  # fmt: skip
    assert facts == [
        ("云河县人民政府", 2021, 148, 147, "corrected"),
        ("云河县人民政府", 2022, 150, 147, "corrected"),
        ("青山区人民政府", 2022, 147, None, "table"),
    ]
    assert found[0]["corrected_by"] == "Li Wei"
    sums = asked(gongkai, *words, "--corrected", "--by", "year")
    counted = [
        (each["report_year"], each["value"], each["bodies"], each["corrected"]) for each in sums
    ]
    assert counted == [(2021, 148, 1, 1), (2022, 297, 2, 1)]
    assert asked(gongkai, *words) == plain


def test_a_terminal_says_what_was_corrected_and_why(gongkai: Run, correct) -> None:
    correct(CHANGED, NEW, "total", "148")
    done = gongkai("table", "requests_received", "--corrected")
    assert "148" in done.stdout.decode()
    told = f"corrected: 云河县人民政府 2021, {NEW}: 147 → 148 by Li Wei: the scan says so"
    assert told in done.stderr.decode()
    assert "corrected" not in gongkai("table", "requests_received").stderr.decode()


def test_a_workbook_says_what_the_columns_mean(gongkai: Run, correct, tmp_path: Path) -> None:
    correct(CHANGED, NEW, "total", "148")
    for words in (("export", "figures"), ("table", "requests_received")):
        file = tmp_path / f"{words[0]}.xlsx"
        assert gongkai(*words, "--corrected", "-o", str(file)).returncode == 0
        sheet = openpyxl.load_workbook(file, read_only=True)["columns"]
        told = {row[0] for row in sheet.iter_rows(values_only=True)}
        assert {"read_value", "corrected_by", "correction_reason"} <= told


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("export", "findings", "-o", "-"), "--corrected is for the tables figures and"),
        (("export", "figures", "-o", "-", "--reader", "1"), "leave out --corrected"),
        (("table", "reviews", "--from", "2021", "--to", "2022", "--change", "up"), "as they were"),
        (("table", "reviews", "--wide", "--json"), "leave out --wide"),
    ],
)
def test_where_nothing_can_be_marked_it_is_refused(
    gongkai: Run, words: tuple[str, ...], told: str
) -> None:
    done = gongkai(*words, "--corrected")
    assert (done.returncode, told in done.stderr.decode()) == (2, True), done.stderr


def test_a_broken_file_of_corrections_ends_it_in_one_line(gongkai: Run, home: Path) -> None:
    (home / CORRECTIONS_FILE).write_text("[[correction]\n", encoding="utf-8")
    for words in (("export", "figures", "-o", "-"), ("table", "reviews")):
        done = gongkai(*words, "--corrected")
        assert (done.returncode, done.stderr.count(b"\n"), done.stdout) == (2, 1, b"")


@pytest.fixture
def client(home: Path) -> Iterator[httpx.Client]:
    place = (home / "place").read_text()
    with open_indexed(place) as store, served(store, corrections=CorrectionsKept(home)) as asking:
        yield asking


def test_the_api_and_its_csv_have_them_where_they_are_asked_for(
    gongkai: Run, correct, client: httpx.Client, home: Path
) -> None:
    correct(CHANGED, NEW, "total", "148")
    given = {"indicator": "requests_received", "from": "2021", "to": "2021"}
    assert client.get("/api/table", params=given).json()["rows"] == []
    [row] = client.get("/api/table", params={**given, "corrected": "true"}).json()["rows"]
    assert (row["value"], row["read_value"], row["corrected_by"]) == (148, 147, "Li Wei")
    shown = client.get("/page", params={"url": CHANGED}).text
    assert ('class="corrected"' in shown, "the scan says so" in shown) == (True, True)
    by_year = client.get("/api/table", params={**given, "corrected": "true", "by": "year"}).json()
    assert [each["corrected"] for each in by_year["rows"]] == [1]
    as_csv = {**given, "format": "csv"}
    assert "read_value" not in client.get("/api/table", params=as_csv).text
    head, line, *_ = client.get("/api/table", params={**as_csv, "corrected": "1"}).text.splitlines()
    assert head.endswith("read_value,corrected_by,correction_reason,corrected")
    assert "147,Li Wei,the scan says so" in line
    refused = client.get("/api/table", params={**given, "corrected": "true", "to": "2022",
                                               "change": "up"})  # fmt: skip
    assert refused.status_code == 400
    (home / CORRECTIONS_FILE).write_text("[[correction]\n", encoding="utf-8")
    refused = client.get("/api/table", params={**given, "corrected": "true"})
    assert (refused.status_code, str(home) in refused.text) == (400, False)


def test_pages_of_the_api_go_on_where_the_last_one_ended(
    gongkai: Run, correct, client: httpx.Client
) -> None:
    correct(CHANGED, NEW, "total", "148")
    given = {"indicator": "requests_received", "corrected": "true", "limit": "3"}
    seen, following = [], ""
    while following is not None:
        answer = client.get(
            "/api/table", params=given | ({"after": following} if following else {})
        ).json()
        seen += [(each["body"], each["report_year"], each["value"]) for each in answer["rows"]]
        following = answer["next"]
    whole = client.get("/api/table", params=given | {"limit": "100"}).json()["rows"]
    assert seen == [(each["body"], each["report_year"], each["value"]) for each in whole]
    assert ("云河县人民政府", 2021, 148) in seen
