"""Personal numbers of an archive: listed, and masked in exports."""

import csv
import json
from dataclasses import replace
from pathlib import Path

import pytest

from archive.model.content import content_hash
from archive.model.reading import Field
from archive.search.index import open_indexed
from tests.support.invented import DAY, YUNHE, Site, county, crawl, report, url
from tests.support.invented_home import Run

ID = "11010519491231002X"
PAGE = url(YUNHE, 2021)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """One report with an applicant's numbers in its text and a field, and an office's."""
    plain = report("云河县", 2021)
    lines = (*plain.lines, f"申请人张某（身份证号{ID}，手机13800138000）", "办公电话：13900139000")
    field = Field(name="主题词", value="x", printed="手机１３８ ００１３ ８０００", origin="header")
    reading = replace(plain, lines=lines, fields=(*plain.fields[:-1], field),
                      content_hash=content_hash(plain.title, lines))  # fmt: skip
    with open_indexed(tmp_path) as store:
        crawl(store, Site(readings=county(YUNHE, "云河县", (2021,), **{PAGE: reading})), now=DAY)
    return tmp_path


def test_places_are_listed_without_the_numbers(gongkai: Run) -> None:
    found = json.loads(gongkai("personal", "--json").stdout)
    line = len(report("云河县", 2021).lines) + 1
    assert [(each["url"], each["kind"], each["place"], each["shown"]) for each in found] == [
        (PAGE, "id_card", f"line {line}", "110*************2X"),
        (PAGE, "mobile", f"line {line}", "138******00"),
        (PAGE, "mobile", "field 主题词", "１３８********００"),
    ]
    told = gongkai("personal").stdout.decode()
    assert told.endswith("2 mobile numbers, 1 identity card number\n")
    assert ID not in told


def test_an_export_is_masked_on_request_and_says_how_much(gongkai: Run, tmp_path: Path) -> None:
    path = tmp_path / "documents.csv"
    plain = gongkai("export", "documents", "-o", str(path))
    assert b"masked" not in plain.stderr
    assert ID in path.read_text("utf-8")
    told = gongkai("export", "documents", "-o", str(path), "--mask-personal")
    assert "masked: 2 mobile numbers, 1 identity card number" in told.stderr.decode()
    with path.open(encoding="utf-8-sig", newline="") as file:
        [row] = [each for each in csv.DictReader(file) if each["url"] == PAGE]
    assert f"身份证号{'*' * 18}，手机{'*' * 11}）" in row["text"]
    assert "办公电话：13900139000" in row["text"]
    assert json.loads(row["fields"])["主题词"]["printed"] == f"手机{'*' * 13}"
    assert row["content_hash"]


def test_an_archive_without_any_says_so(gongkai: Run) -> None:
    masked = gongkai("export", "figures", "-o", "-", "--mask-personal")
    assert masked.stdout == gongkai("export", "figures", "-o", "-").stdout
    assert "masked: 0 mobile numbers" in masked.stderr.decode()
