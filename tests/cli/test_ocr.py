"""What `gongkai ocr` says and when it ends; what a crawl does behind its run."""

import argparse
import io
from collections import Counter
from pathlib import Path

import pytest

from archive.cli import ocr
from archive.model.errors import HomeLockedError
from archive.model.optical import Certainty
from archive.terminal import Ui
from archive.work.preservation.ocr import Came, PicturesReport
from tests.support.invented_home import Run


def without_package(name: str) -> None:
    assert name == "rapidocr"


def test_without_the_package_one_line_says_what_to_install(
    gongkai: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ocr, "find_spec", without_package)
    done = gongkai("ocr")
    assert done.returncode == 4
    assert done.stderr == b'gongkai: reading pictures needs a package: pip install "gongkai[ocr]"\n'


def test_an_archive_without_pictures_starts_nothing(
    gongkai: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ocr, "find_spec", lambda _: True)
    monkeypatch.setattr(ocr, "engine_of", None)
    assert gongkai("ocr").stdout == b"no report waits for its pictures to be read\n"
    done = gongkai("ocr", "--portal", "yunhee")
    assert done.returncode == 2
    assert b"yunhe" in done.stderr


def test_it_ends_by_number_and_by_time() -> None:
    counts: Counter[str] = Counter()
    now = iter([1.0, 9.9, 10.0])
    told = ocr._Results(Ui(err=io.StringIO()), counts, limit=2, until=10.0, clock=lambda: next(now))
    assert told.goes_on()
    assert told.goes_on()
    assert not told.goes_on()
    few = ocr._Results(Ui(err=io.StringIO()), counts, limit=1)
    assert few.goes_on()
    few.take(PicturesReport(url="http://x.example/1", version=1, came=Came.READ))
    assert not few.goes_on()


def test_the_summary_counts_figures_and_names_what_brings_pictures() -> None:
    counts = Counter(
        {
            "versions": 3,
            Came.READ: 2,
            "recognised": 1,
            Certainty.CONFIRMED: 7,
            "missing pictures": 4,
            Came.UNREADABLE: 1,
            Came.FAILED: 1,
        }
    )
    told = ocr._summary(counts, dry_run=False)
    assert told.startswith(
        "2 reports read from pictures (1 recognised now): 7 figures, 7 confirmed, 0 contradicted"
    )
    assert (
        "4 pictures not captured (gongkai crawl KEY --unconditional --requisites brings them)"
        in told
    )
    assert "; 1 report not read: the pictures cannot be read; " in told
    assert told.endswith("1 report could not be read (the next gongkai ocr tries again)")


@pytest.mark.parametrize("minutes", ["0", "5"])
def test_behind_a_crawl_it_is_silent_and_changes_nothing(
    home: Path, monkeypatch: pytest.MonkeyPatch, minutes: str
) -> None:
    """0 switches it off; without pictures that wait nothing is said."""
    monkeypatch.setenv("GONGKAI_OCR_MINUTES", minutes)
    monkeypatch.setattr(ocr, "find_spec", lambda _: True)
    err = io.StringIO()
    ocr.read_behind_crawl(argparse.Namespace(home=home, json=False), Ui(err=err, out=io.StringIO()))
    assert not err.getvalue()


def test_what_goes_wrong_behind_a_crawl_is_a_warning(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise HomeLockedError("process 7 works on it")

    monkeypatch.setattr(ocr, "find_spec", lambda _: True)
    monkeypatch.setattr(ocr, "_read", refuse)
    err = io.StringIO()
    ocr.read_behind_crawl(argparse.Namespace(home=home, json=False), Ui(err=err, out=io.StringIO()))
    assert err.getvalue() == "warning: pictures: process 7 works on it\n"


def test_a_crawl_says_what_to_install_where_reports_wait(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ocr, "find_spec", without_package)
    err = io.StringIO()
    args = argparse.Namespace(home=home, json=False)
    ocr.read_behind_crawl(args, Ui(err=err, out=io.StringIO()))
    assert not err.getvalue(), "none waits"
    monkeypatch.setattr(ocr, "count_picture_versions", lambda *_: 1_200)
    ocr.read_behind_crawl(args, Ui(err=err, out=io.StringIO()))
    assert err.getvalue() == f"1,200 reports not read: {ocr.MISSING}\n"
    monkeypatch.setenv("GONGKAI_OCR_MINUTES", "0")
    ocr.read_behind_crawl(args, Ui(err=err, out=io.StringIO()))
    assert err.getvalue().count("\n") == 1
