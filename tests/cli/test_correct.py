"""correct as users run it, and where a correction shows."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from lxml import html

from archive.search.index import open_indexed
from archive.work.corrections.corrections_file import CORRECTIONS_FILE, CorrectionsKept
from tests.support.invented import YUNHE, fill, url
from tests.support.invented_home import Run
from tests.web.conftest import served

CHANGED, GRANTED = url(YUNHE, 2021), "f21.s3.result.granted"
NUMBER = ("--indicator", GRANTED, "--applicant", "natural")
WHO = ("--by", "=李", "--reason", "the scan\u202e says <b>64</b>")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("corrected")
    fill(folder).close()
    return folder


@pytest.fixture(autouse=True)
def _nothing_corrected(home: Path) -> Iterator[None]:
    yield
    (home / CORRECTIONS_FILE).unlink(missing_ok=True)


@pytest.fixture(scope="module")
def client(home: Path) -> Iterator[httpx.Client]:
    with open_indexed(home) as store, served(store, corrections=CorrectionsKept(home)) as asking:
        yield asking


def correct(run: Run, *options: str) -> "subprocess.CompletedProcess[bytes]":
    return run("correct", CHANGED, *NUMBER, "--value", "64", *WHO, *options)


def listed(run: Run) -> list[dict[str, object]]:
    found = json.loads(run("correct", "--list", "--json").stdout)
    assert isinstance(found, list)
    return found


def test_a_correction_stands_beside_the_number_on_its_version_alone(
    gongkai: Run, client: httpx.Client
) -> None:
    before = gongkai("export", "figures", "-o", "-").stdout
    told = correct(gongkai)
    assert told.returncode == 0
    assert f"version 2, {GRANTED} natural: 63 → 64 (correction " in told.stdout.decode()
    page = html.fromstring(client.get("/page", params={"url": CHANGED}).text)
    [cell] = page.xpath("//td[@id='t1r6c4']")
    [mark] = cell.xpath("a[@class='corrected']")
    [row] = page.xpath(f"//tr[@id='{mark.get('href')[1:]}']")
    said = " ".join(row.text_content().split())
    assert (mark.text_content(), "63" in cell.text_content()) == ("→ 64", True)
    assert "=李" in said
    assert "the scan says <b>64</b>" in said
    answer = client.get("/api/page", params={"url": CHANGED}).json()
    [is_told] = answer["corrections"]
    corrected = answer["figures"][is_told["figure"]]
    assert (corrected["indicator"], corrected["applicant"]) == (GRANTED, "natural")
    assert (corrected["value"], is_told["printed"], is_told["value"]) == (63, "63", 64)
    assert is_told["corrected_by"] == "=李"
    assert is_told["reason"].endswith("<b>64</b>")
    of_earlier = client.get("/api/page", params={"url": CHANGED, "version": 1}).json()
    assert of_earlier["corrections"] == []
    earlier = client.get("/page", params={"url": CHANGED, "version": 1}).text
    assert 'class="corrected"' not in earlier
    assert "Of this page 1 fit another version" in earlier
    chinese = client.get("/page", params={"url": CHANGED, "lang": "zh"}).text
    assert "更正" in chinese
    assert gongkai("export", "figures", "-o", "-").stdout == before


def test_the_list_says_what_each_is_worth(gongkai: Run, home: Path, tmp_path: Path) -> None:
    assert (listed(gongkai), gongkai("correct", "--list").returncode) == ([], 0)
    correct(gongkai)
    correct(gongkai, "--version", "1")
    assert [(each["fit"], each["version"]) for each in listed(gongkai)] == [
        ("stands", 2), ("earlier", 1)
    ]  # fmt: skip
    kept = tmp_path / "corrections.csv"
    assert gongkai("correct", "--list", "-o", str(kept)).returncode == 0
    assert "'=李" in kept.read_text(encoding="utf-8-sig")
    file = home / CORRECTIONS_FILE
    file.write_text(file.read_text(encoding="utf-8").replace('"63"', '"62"'), encoding="utf-8")
    told = gongkai("correct", "--list")
    assert (told.returncode, b"1 correction that fit nothing" in told.stderr) == (1, True)
    assert b"version 2 is not read so any more" in told.stdout


def test_a_correction_is_taken_back_with_name_and_reason(
    gongkai: Run, client: httpx.Client
) -> None:
    correct(gongkai)
    [each] = listed(gongkai)
    told = gongkai("correct", "--withdraw", str(each["id"]), "--by", "wu", "--reason", "my mistake")
    assert told.returncode == 0
    [each] = listed(gongkai)
    assert (each["fit"], each["why"]) == ("taken_back", "my mistake")
    assert "#correction-" not in client.get("/page", params={"url": CHANGED}).text


def test_a_broken_file_stops_no_page(gongkai: Run, home: Path, client: httpx.Client) -> None:
    (home / CORRECTIONS_FILE).write_text("[[correction]\n", encoding="utf-8")
    shown = client.get("/page", params={"url": CHANGED})
    assert (shown.status_code, "corrected cannot be read" in shown.text) == (200, True)
    assert client.get("/api/page", params={"url": CHANGED}).json()["corrections"] is None
    told = correct(gongkai)
    assert (told.returncode, told.stderr.count(b"\n")) == (2, 1)
    assert (home / CORRECTIONS_FILE).read_text(encoding="utf-8") == "[[correction]\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "name one of these"),
        ([CHANGED, "--list"], "name one of these"),
        (["--list", "--value", "1"], "give its URL"),
        (["--list", "--by", "a"], "leave them out"),
        (["--withdraw", "x", "-o", "f.csv"], "-o is for --list"),
        (["--withdraw", "x", *WHO], "there is no correction 'x'"),
        ([CHANGED, *NUMBER, *WHO], "give --indicator KEY --value V"),
        ([CHANGED, *NUMBER, "--value", "6", "--reason", "a"], "needs a name"),
        ([CHANGED, *NUMBER, "--value", "6", "--by", "a"], "needs its reason"),
        ([CHANGED, *NUMBER, "--value", "=6", *WHO], "is no number"),
        ([CHANGED, *NUMBER, "--value", "63", *WHO], "read as 63 already"),
        ([CHANGED, *NUMBER, "--value", "6", "--version", "9", *WHO], "versions 1 to 2"),
        ([CHANGED, *NUMBER, "--value", "6", "--printed", "7", *WHO], "printed is '63'"),
        ([CHANGED, "--indicator", GRANTED, "--value", "6", *WHO], "one of natural"),
        ([CHANGED, "--indicator", GRANTED[:-1], "--value", "6", *WHO], f"did you mean {GRANTED}"),
        (["http://none.example/", *NUMBER, "--value", "6", *WHO], "no page has the URL"),
    ],
)
def test_wrong_usage_is_one_line_and_2(gongkai: Run, arguments: list[str], message: str) -> None:
    told = gongkai("correct", *arguments)
    assert (told.returncode, told.stderr.decode().count("\n")) == (2, 1)
    assert message in told.stderr.decode()


def test_of_several_at_once_none_is_lost(gongkai: Run, home: Path, root: Path) -> None:
    """Each is kept, or told that another one is at work."""
    some = [
        subprocess.Popen(
            [sys.executable, "-m", "archive.cli", "correct", CHANGED, "--home", str(home),
             "--indicator", "f21.s3.new", "--applicant", applicant, "--value", "77", *WHO],
            cwd=root, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        for applicant in ("natural", "business", "total")
    ]  # fmt: skip
    ended = [each.wait(60) for each in some]
    assert set(ended) <= {0, 4}
    assert len(listed(gongkai)) == ended.count(0) > 0
