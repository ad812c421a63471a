"""`gongkai verify --minutes`: every WARC file has its turn, and damage is told until it is mended."""

import argparse
import io
import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from archive.cli.verify_home import verify_behind_crawl
from archive.model.errors import UsageError
from archive.model.reading import Severity
from archive.search.index import open_indexed
from archive.terminal import Ui
from archive.warc.check import Damage
from archive.warc.seen import BETWEEN_FILES
from archive.work import clock
from archive.work.home import Home
from archive.work.preservation.repair import find_loss, mark_loss
from archive.work.preservation.verify import verify_files
from archive.work.preservation.verify_round import NOTED_IN, Round, note_whole_round, round_of
from archive.work.preservation.verify_share import BETWEEN, Share, verify_share
from tests.support.bundle import InProcess
from tests.support.command import Gongkai
from tests.warc.making import packed
from tests.warc.test_check import GOOD

NOW = datetime(2026, 3, 1, 2, tzinfo=UTC)


def warc_names(gongkai: Gongkai) -> list[str]:
    return sorted(path.name for path in (gongkai.home / "warc").glob("*.warc.gz"))


def damage(gongkai: Gongkai, name: str) -> bytes:
    """Flips one bit in the middle of a file; what was there before."""
    path = gongkai.home / "warc" / name
    before = path.read_bytes()
    middle = len(before) // 2
    path.write_bytes(before[:middle] + bytes([before[middle] ^ 1]) + before[middle + 1 :])
    return before


def share(gongkai: Gongkai, files: int = 1, now: datetime = NOW) -> Share:
    """A share that ends when it has gone on so often."""
    left = iter(range(files - 1))
    with open_indexed(gongkai.home) as store:
        return verify_share(
            Home(gongkai.home), store, goes_on=lambda: next(left, None) is not None, now=lambda: now
        )


def test_share_by_share_every_file_has_its_turn(own: Gongkai) -> None:
    names = warc_names(own)
    assert len(names) > 1
    for name in names[:-1]:
        assert share(own).round.after == name
    last = share(own)
    assert last.round.is_ended
    assert (last.round.number, last.looked_at, last.damages) == (1, 1, [])
    assert share(own).round.number == 2


def test_the_end_of_a_round_is_the_end_of_a_share(own: Gongkai) -> None:
    found = share(own, files=100)
    assert (found.looked_at, found.total) == (len(warc_names(own)),) * 2
    assert found.round == Round(number=1, whole_began_at=NOW, whole_ended_at=NOW)


def test_a_clock_that_goes_back_leaves_no_file_out(own: Gongkai) -> None:
    share(own, now=NOW.replace(year=2040))
    found = share(own, files=100, now=NOW.replace(year=2001))
    assert found.looked_at == len(warc_names(own)) - 1
    assert found.round.is_ended


def test_damage_is_told_by_every_share_until_it_is_mended(own: Gongkai) -> None:
    first, *_, last = warc_names(own)
    share(own, files=100)
    whole = damage(own, last)
    assert share(own).damages == [], "its turn has not come"
    assert share(own, files=100).round.damaged == (last,)
    again = share(own)
    assert (again.round.after, again.round.damaged) == (first, (last,))
    assert {Path(each.file).name for each in again.damages} == {last}
    (own.home / "warc" / last).write_bytes(whole)
    mended = share(own)
    assert (mended.damages, mended.round.damaged) == ([], ())


def test_a_missing_file_is_damage_and_so_is_one_that_lost_its_end(own: Gongkai) -> None:
    first, *_, last = warc_names(own)
    (own.home / "warc" / first).unlink()
    path = own.home / "warc" / last
    path.write_bytes(path.read_bytes()[:-40])
    found = share(own, files=100)
    assert {"missing_file", "missing_bytes"} <= {each.rule for each in found.damages}
    assert found.round.damaged == (first, last)


def test_what_repair_has_marked_as_lost_is_no_news(own: Gongkai) -> None:
    damage(own, warc_names(own)[0])
    assert share(own, files=100).round.damaged
    home = Home(own.home)
    with open_indexed(own.home) as store:
        mark_loss(store, find_loss(home, store, lambda: None), NOW)
    found = share(own, files=100)
    assert {each.rule for each in found.damages} == {"known_lost"}
    assert found.round.damaged == ()


def test_a_file_that_grows_is_looked_at_as_far_as_it_is_committed(own: Gongkai) -> None:
    last = warc_names(own)[-1]
    path = own.home / "warc" / last
    grows = path.rename(path.with_name(f"{last}.open"))
    with grows.open("ab") as stream:
        stream.write(b"half a record")
    assert share(own, files=100).damages == []


def test_a_killed_share_goes_on_behind_what_it_had_noted(own: Gongkai) -> None:
    def stopped() -> bool:
        raise KeyboardInterrupt

    with open_indexed(own.home) as store, pytest.raises(KeyboardInterrupt):
        verify_share(Home(own.home), store, goes_on=stopped, now=lambda: NOW)
    assert round_of(Home(own.home)).after == warc_names(own)[0]


def test_a_disk_that_takes_no_note_hides_no_damage(own: InProcess) -> None:
    (own.home / NOTED_IN).mkdir()
    (own.home / NOTED_IN / "x").touch()
    damage(own, warc_names(own)[0])
    assert warc_names(own)[0] in own.run("verify", "--minutes", "9", status=1)
    assert "warning: how far the round is could not be noted" in own.stderr
    is_good, said = behind(own)
    assert not is_good
    assert "could not be noted" in said

    own.run("verify", status=1)
    assert "warning: what was seen could not be noted" in own.stderr


def noted(**changed: object) -> bytes:
    rows = {"number": 3, "began_at": None, "after": "", "damaged": ["a.warc.gz"], "unresolved": [],
            "whole_began_at": None, "whole_ended_at": None}  # fmt: skip
    return json.dumps(rows | changed).encode()


HOSTILE = (
    b"", b"[]", b'{"number": "x"}', b"\xff", b'{"number": 1}', b"[" * 200_000, b" " * 9_000_000,
    noted(number=float("inf")), noted(number=-5), noted(number=True), noted(number=10**30),
    noted(damaged="abc"), noted(damaged=None), noted(unresolved=["\ud800.warc.gz"]),
    noted(unresolved=["a\n.warc.gz"]), noted(damaged=["../a.warc.gz"]), noted(after="zzz"),
    noted(whole_began_at="2026-11-30T00:00:00"), noted(began_at=5),
)  # fmt: skip


@pytest.mark.parametrize("content", HOSTILE)
def test_a_note_that_cannot_be_read_is_told_and_means_that_nothing_was_looked_at(
    own: InProcess, content: bytes
) -> None:
    (own.home / NOTED_IN).write_bytes(content)
    assert round_of(Home(own.home)) == Round(is_unreadable=True)
    assert f"warn  fixity: what is noted in {NOTED_IN} cannot be read" in own.run(
        "doctor", status=None
    )
    own.run("verify", "--minutes", "9")
    assert f"{NOTED_IN} could not be read: the rounds begin anew" in own.stderr
    assert round_of(Home(own.home)).is_ended
    own.run("verify", "--minutes", "9")
    assert "could not be read" not in own.stderr


def test_what_is_noted_is_read_and_a_pipe_in_its_place_holds_nobody_up(own: Gongkai) -> None:
    path = own.home / NOTED_IN
    path.write_bytes(noted())
    assert round_of(Home(own.home)) == Round(number=3, damaged=("a.warc.gz",))
    path.unlink()
    os.mkfifo(path)
    assert round_of(Home(own.home)).is_unreadable


@pytest.mark.parametrize(("began", "ended"), [(9_000, 9_000), (9_000, 0), (0, -1)])
def test_a_round_of_a_clock_that_was_wrong_is_no_good_one(
    own: InProcess, began: int, ended: int
) -> None:
    now = clock.now()
    for days, level in ((None, "good"), ((began, ended), "warn")):
        at = [now + timedelta(days=each) for each in days or (0, 0)]
        note_whole_round(Home(own.home), [], began_at=at[0], ended_at=at[1])
        told = own.run("doctor", status=None)
        assert f"{level}  fixity: every WARC file was read through" in told
    assert "by a clock that was wrong" in told


def test_verify_of_all_is_a_whole_round(own: Gongkai) -> None:
    share(own)
    own.run("verify")
    found = round_of(Home(own.home))
    assert (found.number, found.after, found.is_ended) == (1, "", True)
    damage(own, warc_names(own)[0])
    own.run("verify", status=1)
    assert round_of(Home(own.home)).damaged == tuple(warc_names(own)[:1])


def test_what_no_file_shows_by_itself_stays_told_until_the_whole_is_verified(
    own: InProcess,
) -> None:
    """A revisit whose original is gone with its file: the file of the revisit is whole."""
    last, home = warc_names(own)[-1], Home(own.home)
    gone = Damage(
        file=f"warc/{last}", offset=9, severity=Severity.ERROR, rule="unresolved_revisit",
        message="a revisit of what is gone",
    )  # fmt: skip
    note_whole_round(home, [gone], began_at=NOW, ended_at=NOW)
    found = share(own, files=100)
    assert [each.rule for each in found.damages] == [BETWEEN]
    assert found.round.with_damage == [last]
    assert "between files" in own.run("verify", "--minutes", "0", status=1)
    assert "bad   fixity: damage was seen in" in own.run("doctor", status=1)
    own.run("verify")
    assert round_of(home).with_damage == []


def test_rules_of_what_lies_between_files_are_those_that_are_found_there(tmp_path: Path) -> None:
    """Two files that have the same records: each is whole, together ids stand twice."""
    record = packed(GOOD)
    paths = [tmp_path / "a.warc.gz", tmp_path / "b.warc.gz"]
    for path in paths:
        path.write_bytes(record)
    rules = {each.rule for each in verify_files(paths) if each.severity is Severity.ERROR}
    assert rules == {"record_id_twice"} <= BETWEEN_FILES
    for path in paths:
        assert not [each for each in verify_files([path]) if each.severity is Severity.ERROR]


def test_a_disk_that_refuses_is_damage_of_its_file_and_the_others_are_looked_at(
    own: InProcess,
) -> None:
    """Reading the memory of a process at 0 is an input/output error."""
    first = warc_names(own)[0]
    (own.home / "warc" / first).unlink()
    (own.home / "warc" / first).symlink_to("/proc/self/mem")
    found = share(own, files=100)
    assert (found.looked_at, found.round.damaged) == (len(warc_names(own)), (first,))
    [refused] = [each for each in found.damages if each.rule == "file"]
    assert "Input/output error" in refused.message
    assert f"{first}  " in own.run("verify", status=1)


def test_the_command_says_how_far_it_is(own: Gongkai) -> None:
    names = warc_names(own)
    told = own.run("verify", "--minutes", "0")
    assert told == (
        f"1 of {len(names)} WARC files, round 1 (goes on behind {names[0]}): 0 errors, 0 warnings\n"
    )
    damage(own, names[-1])
    told = own.run("verify", "--minutes", "9", "--json", status=1)
    assert {Path(row["file"]).name for row in json.loads(told)} == {names[-1]}


@pytest.mark.parametrize("beside", ["--deep", "--seals", "--rebuild-index", "a.warc.gz"])
def test_a_share_is_of_files_of_the_archive_alone(own: InProcess, beside: str) -> None:
    own.run("verify", "--minutes", "1", beside, status=2)
    assert "--minutes is for a share" in own.stderr


def behind(own: Gongkai) -> tuple[bool, str]:
    err = io.StringIO()
    args = argparse.Namespace(home=own.home, json=False)
    return verify_behind_crawl(args, Ui(err=err, out=io.StringIO())), err.getvalue()


def test_behind_a_crawl_it_is_silent_where_nothing_is_wrong(
    own: Gongkai, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert behind(own) == (True, "")
    assert round_of(Home(own.home)).number == 1
    damage(own, warc_names(own)[0])
    is_good, said = behind(own)
    assert not is_good
    assert warc_names(own)[0] in said
    assert "gongkai repair" in said
    with monkeypatch.context() as elsewhere:
        elsewhere.setenv("GONGKAI_WARC_URL", "nowhere")
        is_good, said = behind(own)
    assert (is_good, "no WARC file could be verified" in said) == (False, True)
    monkeypatch.setenv("GONGKAI_VERIFY_MINUTES", "0")
    assert behind(own) == (True, "")
    monkeypatch.setenv("GONGKAI_VERIFY_MINUTES", "-1")
    with pytest.raises(UsageError, match="GONGKAI_VERIFY_MINUTES"):
        behind(own)


def test_time_is_told_by_the_clock_of_all_commands(
    own: Gongkai, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    own.run("verify", "--minutes", "9")
    assert round_of(Home(own.home)).whole_ended_at == NOW
