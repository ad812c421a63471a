"""What a seal takes in, what it leaves for later, and what it refuses."""

import json
import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from archive.cli import main
from archive.model.errors import CannotRunError, DamageError, HomeLockedError
from archive.reading import READER_VERSION
from archive.store import Store
from archive.store.frontier import runs
from archive.work.home import Home
from archive.work.preservation.seal.folder import sealing
from archive.work.preservation.seal.run_end import seal_run
from tests.support.invented import DAY, PORTALS
from tests.support.transactions import commit
from tests.work.preservation.seal.archives import (
    PAGE,
    Sealed,
    add_outcome,
    change,
    forged_title,
    name_of,
    put_warc,
    removed_seal,
    removed_warc,
    run,
    save_public,
    script,
    seal,
)


def listed(home: Path, number: int) -> dict[str, list[dict[str, object]]]:
    return json.loads((home / "seals" / f"{number}.json").read_bytes())


def verified(sealed: Sealed, *more: str) -> int:
    args = ["verify", "--seals", "--home", str(sealed.home), "--key", str(sealed.public)]
    return main([*args, *more])


def test_each_seal_names_what_is_new_and_follows_the_one_before(sealed_once: Sealed) -> None:
    first, second = listed(sealed_once.home, 1), listed(sealed_once.home, 2)
    assert [each["name"] for each in first["files"]] == [name_of(1)]
    assert [each["name"] for each in second["files"]] == [name_of(2)]
    assert [each["run"] for each in second["runs"]] == [2]
    assert len(first["versions"]) == 3
    assert [each["version"] for each in second["versions"]] == [2]
    assert second["archive"] == first["archive"]


def test_without_news_there_is_no_new_seal(
    sealed: Sealed, capsys: pytest.CaptureFixture[str]
) -> None:
    again = seal(sealed.home, sealed.key)
    assert (again.made, again.number, again.signed) == (False, 3, True)
    assert main(["seal", "--home", str(sealed.home)]) == 0
    told = capsys.readouterr().out
    assert "3.json: nothing is new" in told
    assert again.sha256 in told


def test_many_versions_make_several_seals_that_follow_each_other(sealed: Sealed) -> None:
    """What is new is never in memory as a whole."""
    for path in (sealed.home / "seals").glob("*.json"):
        path.unlink()
    made = seal(sealed.home, sealed.key, max_versions=2)
    each = [listed(sealed.home, number) for number in range(1, made.seals + 1)]
    assert [len(one["versions"]) for one in each][:-1] == [2] * (made.seals - 1)
    assert made.seals == made.number > 1
    assert made.versions == sum(len(one["versions"]) for one in each) > 2
    assert [bool(one["files"]) for one in each] == [True] + [False] * (made.seals - 1)
    assert made.read_again == 0
    assert verified(sealed) == 0
    args = script(sealed.home, "--key", sealed.public)
    assert subprocess.run(args, check=False).returncode == 0, "the stand-alone script agrees"


def test_a_growing_file_and_a_running_run_wait_for_their_seal(sealed: Sealed) -> None:
    put_warc(sealed.home, 4, PAGE)
    path = sealed.home / "warc" / name_of(4)
    path.rename(path.with_name(path.name + ".open"))
    with Store.open(sealed.home) as store:
        commit(store, runs.begin_run, job="x", portals=PORTALS, options={}, mode="full",
               now=DAY, pid=1)  # fmt: skip
    add_outcome(sealed.home, 4, 1)
    assert not seal(sealed.home, sealed.key).made
    assert verified(sealed) == 0


def test_a_run_that_went_on_is_sealed_again(sealed: Sealed) -> None:
    """Interrupted, sealed, resumed under its own number, finished."""
    change(sealed.home, "UPDATE run SET status = 'interrupted' WHERE id = 3")
    for name in ("2.json", "3.json"):
        (sealed.home / "seals" / name).unlink()
    seal(sealed.home, sealed.key)
    assert listed(sealed.home, 2)["runs"][-1]["status"] == "interrupted"
    columns = "url, method, host, portal_key, role, depth, first_seen_at, versions"
    change(
        sealed.home,
        f"INSERT INTO page (id, key, {columns}) SELECT 99, 'http://x/', {columns} FROM page"  # noqa: S608 - ours
        " WHERE id = 1",
    )
    add_outcome(sealed.home, 3, 99)
    change(sealed.home, "UPDATE run SET status = 'running' WHERE id = 3")
    assert verified(sealed) == 0, "it goes on"
    change(sealed.home, "UPDATE run SET status = 'finished' WHERE id = 3")
    seal(sealed.home, sealed.key)
    [again] = listed(sealed.home, 3)["runs"]
    assert (again["run"], again["status"]) == (3, "finished")
    assert verified(sealed) == 0


def test_a_version_read_again_by_newer_code_is_sealed_again(
    sealed: Sealed, capsys: pytest.CaptureFixture[str]
) -> None:
    again = f"UPDATE version SET title = '好', reader_version = '{READER_VERSION}' WHERE id = 2"  # noqa: S608 - ours
    change(sealed.home, again)
    assert verified(sealed) == 1
    assert f"was read again, by reader {READER_VERSION} (" in capsys.readouterr().out
    made = seal(sealed.home, sealed.key)
    assert (made.versions, made.read_again) == (1, 1)
    assert listed(sealed.home, 4)["versions"][0]["reader"] == READER_VERSION
    capsys.readouterr()
    assert verified(sealed) == 0
    assert "1 read again since an earlier seal" in capsys.readouterr().out


def test_reread_ends_with_a_seal(sealed: Sealed, tmp_path: Path) -> None:
    run(sealed.home, 4)
    reread = ["reread", "--home", str(sealed.home), "--reader-below", "1"]
    assert main([*reread, "--dry-run"]) == 1, "its captures are made up"
    assert not (sealed.home / "seals" / "4.json").exists()
    assert main(reread) == 1
    assert (sealed.home / "seals" / "4.json").exists()


def test_a_version_of_a_reader_that_this_code_is_not_is_not_sealed_anew(sealed: Sealed) -> None:
    """Else whoever forges a title would only have to name another reader, and wait for a seal."""
    change(sealed.home, "UPDATE version SET title = '好', reader_version = '99' WHERE id = 2")
    assert not seal(sealed.home, sealed.key).made
    assert verified(sealed) == 1


def test_a_version_changed_without_being_read_again_is_never_sealed_anew(sealed: Sealed) -> None:
    forged_title(sealed.home)
    assert not seal(sealed.home, sealed.key).made
    run(sealed.home, 4)
    assert seal(sealed.home, sealed.key).made
    assert verified(sealed) == 1


def test_a_sealed_file_that_is_gone_is_told_and_the_rest_is_sealed(
    sealed: Sealed, capsys: pytest.CaptureFixture[str]
) -> None:
    removed_warc(sealed.home)
    run(sealed.home, 4)
    assert main(["seal", "--home", str(sealed.home)]) == 1
    assert f"{name_of(1)} is missing, which seal 1 names" in capsys.readouterr().err
    assert (sealed.home / "seals" / "4.json").exists()


def test_a_damaged_chain_is_not_sealed_upon(
    sealed: Sealed, capsys: pytest.CaptureFixture[str]
) -> None:
    removed_seal(sealed.home)
    with pytest.raises(DamageError, match=r"2\.json: the seal is missing"):
        seal(sealed.home, sealed.key)
    assert main(["seal", "--home", str(sealed.home)]) == 1
    assert capsys.readouterr().err.count("\n") == 1


def test_a_seal_of_another_archive_is_told(sealed: Sealed) -> None:
    change(sealed.home, "UPDATE archive SET id = 'other'")
    with pytest.raises(DamageError, match="of another archive"):
        seal(sealed.home, sealed.key)


def test_only_one_process_seals(sealed: Sealed, capsys: pytest.CaptureFixture[str]) -> None:
    with sealing(sealed.home / "seals"):
        with pytest.raises(HomeLockedError, match="another process is sealing"):
            seal(sealed.home, sealed.key)
        assert main(["seal", "--home", str(sealed.home)]) == 4
    assert "wait for it" in capsys.readouterr().err


def test_a_new_key_signs_what_the_one_before_signed(sealed: Sealed, tmp_path: Path) -> None:
    other = Ed25519PrivateKey.generate()
    assert seal(sealed.home, other).made, "though nothing is new"
    assert not seal(sealed.home, other).made
    assert verified(sealed) == 1
    assert verified(sealed, "--key", str(save_public(other, tmp_path / "other.pub"))) == 0


def test_a_chain_without_a_key_says_so_until_one_signs_it(
    sealed: Sealed, capsys: pytest.CaptureFixture[str]
) -> None:
    for path in (sealed.home / "seals").iterdir():
        path.unlink()
    made = seal(sealed.home)
    assert not made.signed
    args = ["verify", "--seals", "--home", str(sealed.home)]
    assert main(args) == 0, "all is as it was sealed"
    assert "warning   seal_unsigned  not signed (1)" in capsys.readouterr().out
    assert main([*args, "--key", str(sealed.public)]) == 1
    assert main([*args, "--expect", made.sha256]) == 0
    assert main([*args, "--expect", "0" * 64]) == 1
    run(sealed.home, 4)
    seal(sealed.home)
    assert main([*args, "--expect", made.sha256]) == 1, "what came after it nobody noted"
    seal(sealed.home, sealed.key)
    assert verified(sealed) == 0


def test_a_signed_chain_wants_to_know_whom_to_trust(
    sealed: Sealed, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["verify", "--seals", "--home", str(sealed.home)]) == 2
    assert "--key FILE" in capsys.readouterr().err


def test_without_any_seal_the_command_that_makes_one_is_told(
    sealed: Sealed, capsys: pytest.CaptureFixture[str]
) -> None:
    for path in (sealed.home / "seals").iterdir():
        path.unlink()
    assert verified(sealed) == 1
    assert "make one: gongkai seal" in capsys.readouterr().err


def test_a_runs_end_does_not_hash_an_old_archive(sealed: Sealed) -> None:
    put_warc(sealed.home, 4, PAGE)
    ledger = partial(Store.open, sealed.home)
    [warning] = seal_run(Home(sealed.home), ledger, sealed.key, max_bytes=10)
    assert "run gongkai seal once" in warning
    assert seal_run(Home(sealed.home), ledger, sealed.key) == ()
    assert (sealed.home / "seals" / "4.json").exists()


def test_seals_removed_with_all_they_name_are_missed_beside_the_key(
    sealed: Sealed, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The archive of some days ago is a good one; only the notes outside know of more."""
    public = save_public(sealed.key, tmp_path / "key.pem.pub")
    notes = tmp_path / "key.pem.heads"
    verify = ["verify", "--seals", "--home", str(sealed.home), "--key", str(public)]
    before = shutil.copytree(sealed.home, tmp_path / "before")
    run(sealed.home, 4)
    assert seal(sealed.home, sealed.key, notes=notes).made
    assert main(verify) == 0
    shutil.rmtree(sealed.home)
    before.rename(sealed.home)
    assert verified(sealed) == 0, "as long as nobody looks at the notes"
    capsys.readouterr()
    assert main(verify) == 1
    assert "seal 4, which" in capsys.readouterr().out
    run(sealed.home, 5)
    with pytest.raises(DamageError, match="was removed or made anew; restore it"):
        seal(sealed.home, sealed.key, notes=notes)
    notes.write_text(notes.read_text() + "other 9 0\nnonsense\n")
    assert main(verify) == 1
    notes.unlink()
    assert seal(sealed.home, sealed.key, notes=notes).number == 4
    assert main(verify) == 0


def test_notes_that_cannot_be_kept_cost_no_seal(sealed: Sealed, tmp_path: Path) -> None:
    run(sealed.home, 4)
    with pytest.raises(CannotRunError, match="cannot write"):
        seal(sealed.home, sealed.key, notes=tmp_path / "no" / "key.heads")
    assert verified(sealed) == 0
    assert not seal(sealed.home, sealed.key, notes=tmp_path / "noted").made
    assert "4 " in (tmp_path / "noted").read_text(), "the same command notes it"
    (tmp_path / "key.heads").mkdir()
    with pytest.raises(CannotRunError, match="cannot read"):
        seal(sealed.home, sealed.key, notes=tmp_path / "key.heads")


def test_only_time_stamps_need_their_package(sealed: Sealed) -> None:
    """An archive that was updated without `make setup` is sealed and checked all the same."""
    home, key = str(sealed.home), str(sealed.public)
    make, check = ["seal", "--home", home], ["verify", "--seals", "--home", home, "--key", key]
    stamped = [*make, "--tsa", "http://127.0.0.1:9/"]
    assert without_the_package(make, check, stamped) == [0, 0, 4]
    (sealed.home / "seals" / f"3.{'0' * 16}.tsr").write_bytes(b"x")
    assert without_the_package(check) == [4]


def without_the_package(*commands: list[str]) -> list[int]:
    """The exit statuses; who does not end well says what to do."""
    program = (
        "import sys; sys.modules['rfc3161_client'] = None; from archive.cli import main;"
        f" print([main(each) for each in {commands!r}], file=sys.__stderr__)"
    )
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, text=True, capture_output=True, check=True)
    *told, statuses = done.stderr.splitlines()
    found: list[int] = json.loads(statuses)
    said = [line for line in told if "run make setup" in line]
    assert len(said) == sum(status != 0 for status in found), told
    return found


def test_an_archive_of_nothing_has_nothing_to_seal(tmp_path: Path) -> None:
    Store.open(tmp_path).close()
    with pytest.raises(DamageError, match="nothing to seal"):
        seal(tmp_path)
    ledger = partial(Store.open, tmp_path)
    assert seal_run(Home(tmp_path), ledger, None) == (), "an import that took nothing in"


def test_a_disk_that_takes_nothing_is_one_line(
    sealed: Sealed, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    put_warc(sealed.home, 4, PAGE)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_bytes", full)
        assert main(["seal", "--home", str(sealed.home)]) == 4
    err = capsys.readouterr().err
    assert "No space left" in err
    assert err.count("\n") == 1
    assert "4.json" not in {path.name for path in (sealed.home / "seals").iterdir()}
    assert main(["seal", "--home", str(sealed.home)]) == 0, "the same command"
    assert "4.json" in {path.name for path in (sealed.home / "seals").iterdir()}
