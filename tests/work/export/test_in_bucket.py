"""An export goes into a bucket whole, or not at all."""

import tempfile
from pathlib import Path

import pytest

from archive.cli import main
from archive.warc.bucket import Bucket
from tests.support.s3 import BUSY, CUT_SENT, LIE_SENT, FaultyS3, s3, s3_port

__all__ = ["s3", "s3_port"]


@pytest.fixture
def away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where files are made before they are sent."""
    folder = tmp_path / "tmp"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def export(home: Path, url: str, *more: str) -> int:
    return main(["export", "figures", "-o", url, "--home", str(home), *more])


def test_what_lies_there_is_what_a_file_would_have(
    home: Path, s3: FaultyS3, away: Path, tmp_path: Path
) -> None:
    url = s3.make_bucket("whole")
    for ending in ("parquet", "csv"):
        here = tmp_path / f"figures.{ending}"
        assert export(home, str(here)) == 0
        assert export(home, f"{url}/figures.{ending}") == 0
        assert s3.objects(url)[here.name] == here.read_bytes()
    assert list(away.iterdir()) == []


def test_a_file_a_year_and_a_later_one_takes_its_place(
    home: Path, s3: FaultyS3, away: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    url = s3.make_bucket("years")
    assert export(home, f"{url}/f.csv", "--by", "year", "--year", "2021") == 0
    assert f"{url}/f-2021.csv: " in capsys.readouterr().out
    before = s3.objects(url)["f-2021.csv"]
    assert export(home, f"{url}/f-2021.csv", "--year", "2022") == 0
    after = s3.objects(url)
    assert after.keys() == {"f-2021.csv"}
    assert after["f-2021.csv"] != before


@pytest.mark.parametrize("fault", [CUT_SENT, LIE_SENT, BUSY])
def test_what_did_not_come_through_is_said_and_is_not_there(
    fault: int, home: Path, s3: FaultyS3, away: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    url = s3.make_bucket(f"fault{fault}")
    s3.fault = lambda method, path: fault if method == "PUT" and "f.csv" in path else None
    assert export(home, f"{url}/f.csv") == 4
    told = capsys.readouterr().err
    assert ("it was removed" if fault != BUSY else "try again later") in told
    assert "Traceback" not in told
    assert s3.objects(url) == {}
    s3.fault = lambda _method, _path: None
    assert export(home, f"{url}/f.csv") == 0
    assert s3.objects(url).keys() == {"f.csv"}


def test_what_may_not_be_removed_is_said(
    home: Path, s3: FaultyS3, away: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    url = s3.make_bucket("kept")
    # The library asks for several at once to be removed: POST /kept?delete.
    faults = {"PUT": LIE_SENT, "DELETE": BUSY, "POST": BUSY}
    s3.fault = lambda method, _path: faults.get(method)
    assert export(home, f"{url}/f.csv") == 4
    assert "not what was sent; remove it" in capsys.readouterr().err


def test_whoever_ends_it_before_it_is_sent_leaves_nothing(
    home: Path, s3: FaultyS3, away: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = s3.make_bucket("ended")

    def end(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Bucket, "put", end)
    assert export(home, f"{url}/f.csv") == 3
    assert s3.objects(url) == {}
    assert list(away.iterdir()) == []


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("s3://reports", "names a bucket and no file"),
        ("s3://me:hush@reports/f.csv", "-o: the URL is no s3://BUCKET/PREFIX"),
        ("s3://reports/../f.csv", "is no s3://BUCKET/PREFIX"),
        ("s3://no-such-bucket/warc/f.csv", "there is no such bucket"),
        ("{}/f", "the ending says the format"),
        ("{}/f.txt", "the ending says the format"),
    ],
)
def test_a_name_that_is_none_is_refused(
    url: str, told: str, home: Path, s3: FaultyS3, away: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bucket = s3.make_bucket("names")
    assert export(home, url.format(bucket)) in (2, 4)
    said = capsys.readouterr().err
    assert told in said
    assert "hush" not in said
    assert s3.objects(bucket) == {}
