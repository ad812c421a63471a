"""HOME/corrections.toml: what is appended stays as it is, and what is broken is told in one line."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from archive.model.errors import HomeLockedError, UsageError
from archive.work.corrections.corrections_file import (
    CORRECTIONS_FILE,
    LONGEST_LINE,
    MOST_BYTES,
    Correction,
    CorrectionsKept,
    TakenBack,
    TakenOver,
    add_correction,
    number_of,
    one_line,
    read_corrections,
    take_back,
    take_over,
)
from archive.work.home import Home

AT = datetime(2026, 3, 2, 8, tzinfo=UTC)
ONE = Correction(
    id="", url="http://x.gov.cn/1", content_hash="c1:ab", indicator="f21.s3.new",
    applicant="total", printed="16", value=Decimal(61), by="=李", reason="\u201cscan\u201d", at=AT,
)  # fmt: skip
BY_HAND = """[[correction]]
id = "a"
url = "http://x.gov.cn/1"
content_hash = "c1:ab"
indicator = "f14.s2.x"
printed = ""
value = 0.5
by = "a\\u202eb\\u0000"
reason = "r"
at = 2026-03-02T16:00:00+08:00
"""


def put(home: Path, text: str) -> Path:
    path = home / CORRECTIONS_FILE
    path.write_text(text, encoding="utf-8")
    return path


def test_what_is_added_is_read_again_and_what_a_person_wrote_stays(tmp_path: Path) -> None:
    before = f"\ufeff# mine\n{BY_HAND}"
    path = put(tmp_path, before)
    kept = add_correction(tmp_path, ONE)
    [mine, added] = read_corrections(tmp_path)
    assert added == kept == replace(ONE, id=kept.id)
    assert (mine.applicant, mine.value, mine.by, mine.at) == (None, Decimal("0.5"), "a b", AT)
    assert path.read_text(encoding="utf-8").startswith(before.removeprefix("\ufeff"))
    taken = TakenBack(by="wu", reason="no", at=AT)
    assert take_back(tmp_path, kept.id, taken).taken_back == taken
    assert read_corrections(tmp_path)[1].taken_back == taken
    assert add_correction(tmp_path, ONE).id != kept.id


def test_a_number_is_corrected_once_and_taken_back_once(tmp_path: Path) -> None:
    kept = add_correction(tmp_path, ONE)
    with pytest.raises(UsageError, match=f"--withdraw {kept.id}"):
        add_correction(tmp_path, replace(ONE, value=Decimal(3)))
    taken = TakenBack(by="wu", reason="no", at=AT)
    with pytest.raises(UsageError, match="there is no correction 'x y'"):
        take_back(tmp_path, "x\ny", taken)
    take_back(tmp_path, kept.id, taken)
    with pytest.raises(UsageError, match="taken back already"):
        take_back(tmp_path, kept.id, taken)


def test_what_another_home_has_is_taken_over_once(tmp_path: Path) -> None:
    mine, other = tmp_path / "mine", tmp_path / "other"
    other.mkdir()
    two = replace(ONE, indicator="f21.s3.old", reason="乙")
    first, second = add_correction(other, ONE), add_correction(other, two)
    said = read_corrections(other)
    assert take_over(mine, said, check_only=True).added == 2
    assert not (mine / CORRECTIONS_FILE).exists()
    assert take_over(mine, said).added == 2
    assert read_corrections(mine) == said == (first, second)
    before = (mine / CORRECTIONS_FILE).read_bytes()
    assert take_over(mine, said) == TakenOver(added=0, apart=0)
    assert (mine / CORRECTIONS_FILE).read_bytes() == before
    take_back(other, first.id, TakenBack(by="wu", reason="no", at=AT))
    add_correction(other, replace(ONE, value=Decimal(7)))
    assert take_over(mine, read_corrections(other)).added == 1, "the old one was taken back there"
    assert read_corrections(mine) == read_corrections(other)


def test_who_corrected_a_number_here_is_not_overruled_by_another_home(tmp_path: Path) -> None:
    kept = add_correction(tmp_path, ONE)
    theirs = replace(ONE, id="t", value=Decimal(3)), replace(ONE, id=kept.id, indicator="f21.x")
    assert take_over(tmp_path, theirs) == TakenOver(added=1, apart=1)
    [mine, came] = read_corrections(tmp_path)
    assert (mine, came.indicator) == (kept, "f21.x")
    assert came.id != kept.id, "one id was given in both homes"
    taken = TakenBack(by="wu", reason="no", at=AT)
    take_back(tmp_path, kept.id, taken)
    assert take_over(tmp_path, (kept, *theirs)) == TakenOver(added=1, apart=0)
    assert read_corrections(tmp_path)[0].taken_back == taken, "what was taken back here stays so"
    twice = (replace(kept, id="p", taken_back=taken), replace(kept, id="q", taken_back=taken))
    fresh = tmp_path / "fresh"
    add_correction(fresh, ONE)
    assert take_over(fresh, twice) == TakenOver(added=0, apart=0)
    [once] = read_corrections(fresh)
    assert once.taken_back == taken


def test_what_does_not_fit_into_the_file_is_told_before_anything_is_written(
    tmp_path: Path,
) -> None:
    path = put(tmp_path, "#\n" * (MOST_BYTES // 2 - 10))
    before = path.read_bytes()
    for check_only in (True, False):
        with pytest.raises(UsageError, match="larger than 2 MB"):
            take_over(tmp_path, [replace(ONE, id="t")], check_only=check_only)
    assert path.read_bytes() == before


def test_a_link_into_version_control_stays_one(tmp_path: Path) -> None:
    (tmp_path / "git").mkdir()
    (tmp_path / CORRECTIONS_FILE).symlink_to(tmp_path / "git" / "mine.toml")
    add_correction(tmp_path, ONE)
    assert (tmp_path / CORRECTIONS_FILE).is_symlink()
    assert len(read_corrections(tmp_path)) == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[correction]\n", "not valid TOML"),
        ("a = \x00", "not valid TOML"),
        ("x = " + "[" * 9_000, "not valid TOML"),
        (f"x = {'9' * 5_000}", "not valid TOML"),
        ("x = 1e99999999999999999999", "not valid TOML"),
        ("[[corection]]\n", "did you mean correction"),
        ("correction = 1\n", r"begins with \[\[correction\]\]"),
        (BY_HAND.replace("reason", "resaon"), "correction 1: there is no field 'resaon'; did you"),
        (BY_HAND.replace('by = "a\\u202eb\\u0000"\n', ""), "correction 1: `by` is missing"),
        (BY_HAND.replace('"a\\u202eb\\u0000"', '"\\u202e"'), "`by` must be some words"),
        (BY_HAND.replace("0.5", '"0.5"'), "`value` must be a number"),
        (BY_HAND.replace("0.5", "true"), "`value` must be a number"),
        (BY_HAND.replace("0.5", "nan"), "`value` must be a number"),
        (BY_HAND.replace("0.5", "-1"), "`value` must be a number"),
        (BY_HAND.replace("+08:00", ""), "`at` must be a day and a time with its zone"),
        (BY_HAND.replace('id = "a"', 'id = "<b>"'), "`id` must be"),
        (BY_HAND * 2, "correction 2: the id a is given twice"),
        ('[[withdrawal]]\nid = "a"\nby = "b"\nreason = "c"\nat = 2026-01-01T00:00:00Z\n',
         "withdrawal 1: a is no correction that stands"),
        ("#" * (LONGEST_LINE + 1), "line 1 has more than"),
        ("#\n" * (MOST_BYTES // 2 + 1), "larger than 2 MB"),
        (f"\nx = {{ {'a.' * 50}a = 1 }}", "line 2 has a key of more than 50 parts"),
        ("['a'" + ' . "\\""' * 50 + "]", "line 1 has a key of more than 50 parts"),
    ],
)  # fmt: skip
def test_a_broken_file_is_one_line_and_stays(tmp_path: Path, text: str, message: str) -> None:
    path = put(tmp_path, text)
    with pytest.raises(UsageError, match=message) as told:
        add_correction(tmp_path, ONE)
    assert "\n" not in str(told.value)
    assert path.read_text(encoding="utf-8") == text


def test_bytes_of_another_charset_and_pipes_are_told(tmp_path: Path) -> None:
    path = tmp_path / CORRECTIONS_FILE
    path.write_bytes("# 更正".encode("gb18030"))
    with pytest.raises(UsageError, match="not UTF-8 at byte 2"):
        read_corrections(tmp_path)
    path.unlink()
    path.mkdir()
    with pytest.raises(UsageError, match="no regular file"):
        read_corrections(tmp_path)


def test_two_at_once_wait_or_are_told(tmp_path: Path) -> None:
    with (
        Home(tmp_path).locked("correct", file="corrections.lock"),
        pytest.raises(HomeLockedError, match="gongkai correct"),
    ):
        add_correction(tmp_path, ONE)
    assert read_corrections(tmp_path) == ()


def test_what_is_kept_follows_the_file(tmp_path: Path) -> None:
    kept = CorrectionsKept(tmp_path)
    assert kept() == ()
    add_correction(tmp_path, ONE)
    assert kept() is kept()
    assert len(kept()) == 1
    put(tmp_path, "broken")
    with pytest.raises(UsageError):
        kept()


@pytest.mark.parametrize(
    "text", ["", "x", "-1", "1e9", "1 0", "1.", "٣", "１", "9" * 16, "nan", "=1", "1\n"]
)
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="is no number"):
        number_of(text)


def test_names_are_one_line_and_bounded() -> None:
    assert one_line("a\u202e\n\udc80b", "a name", 9) == "a ?b"
    with pytest.raises(UsageError, match="needs a name"):
        one_line("\n\u202e", "a name", 9)
    with pytest.raises(UsageError, match="longer than 3"):
        one_line("abcd", "a name", 3)
