"""Whatever is changed behind a seal is told, by the program and by the script that others read."""

import gzip
import hashlib
import json
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from archive.cli import main
from archive.model.reading import Severity
from archive.warc.check import check_file
from archive.work import clock
from tests.work.preservation.seal.archives import (
    CASES,
    FORGED,
    SCRIPT,
    Sealed,
    Tampering,
    forged_figure_in_a_warc,
    name_of,
    removed_last_seal,
    run,
    script,
    seal,
)

OTHER_KEY = (
    ec.generate_private_key(ec.SECP256R1())
    .public_key()
    .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
)


def program(sealed: Sealed, capsys: pytest.CaptureFixture[str], *args: str) -> tuple[int, set[str]]:
    """The exit status of the command, and the rules of its lines."""
    status = main(["verify", "--seals", "--home", str(sealed.home), "--json", *args])
    return status, {each["rule"] for each in json.loads(capsys.readouterr().out)}


def third_party(sealed: Sealed, *args: str) -> tuple[int, set[str]]:
    """The same of the script, in a process that sees no module of ours."""
    done = subprocess.run(
        script(sealed.home, *args), capture_output=True, text=True, check=False, cwd="/"
    )
    assert done.stderr == ""
    return done.returncode, {line.split("  ")[0] for line in done.stdout.splitlines()[:-1]}


def test_an_archive_as_it_was_sealed_is_good(
    sealed_once: Sealed, capsys: pytest.CaptureFixture[str]
) -> None:
    args = ("--key", str(sealed_once.public))
    assert program(sealed_once, capsys, *args) == (0, set())
    assert third_party(sealed_once, *args) == (0, set())


@pytest.mark.parametrize("tamper", CASES, ids=lambda tamper: tamper.__name__)
def test_every_tampering_is_told_by_both(
    sealed: Sealed, tamper: Tampering, capsys: pytest.CaptureFixture[str]
) -> None:
    tamper(sealed.home)
    args = ("--key", str(sealed.public))
    assert program(sealed, capsys, *args) == (1, CASES[tamper])
    assert third_party(sealed, *args) == (1, CASES[tamper])


def no_ledger(home: Path) -> None:
    (home / "archive.sqlite").unlink()


def no_database(home: Path) -> None:
    (home / "archive.sqlite").write_bytes(b"no database" * 100)


def folder_in_a_seals_place(home: Path) -> None:
    (home / "seals" / "3.json").unlink()
    (home / "seals" / "3.json").mkdir()


def no_seals(home: Path) -> None:
    shutil.rmtree(home / "seals")


def no_archive(home: Path) -> None:
    shutil.rmtree(home)


@pytest.mark.parametrize(
    ("spoil", "status"),
    [
        (no_ledger, 4),
        (no_database, 4),
        (folder_in_a_seals_place, 4),
        (no_seals, 1),
        (no_archive, 1),
    ],
)
def test_what_cannot_be_checked_is_one_line_of_both(
    sealed: Sealed, spoil: Tampering, status: int, capsys: pytest.CaptureFixture[str]
) -> None:
    spoil(sealed.home)
    assert refusal(sealed, sealed.public, capsys) == (status, status)


@pytest.mark.parametrize("content", [None, b"no key", OTHER_KEY])
def test_a_key_that_is_none_is_one_line_of_both(
    sealed: Sealed, content: bytes | None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    key = tmp_path / "no.pub"
    if content is not None:
        key.write_bytes(content)
    assert refusal(sealed, key, capsys) == (2, 2)


def refusal(sealed: Sealed, key: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, int]:
    """The exit statuses of command and script, which say one line each."""
    status = main(["verify", "--seals", "--home", str(sealed.home), "--key", str(key)])
    done = subprocess.run(
        script(sealed.home, "--key", key), capture_output=True, text=True, check=False
    )
    for told in (capsys.readouterr().err, done.stderr):
        assert told.count("\n") == 1, told
    assert done.stdout == ""
    return status, done.returncode


def test_a_clock_that_went_back_is_named_by_all(
    sealed: Sealed, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run(sealed.home, 4)
    with monkeypatch.context() as patch:
        patch.setattr(clock, "now", lambda: datetime(2020, 1, 1, tzinfo=UTC))
        [warning] = seal(sealed.home, sealed.key).damage
    assert "clock says 2020-01-01T00:00:00Z, seal 3 was made at" in warning
    args = ("--key", str(sealed.public))
    assert program(sealed, capsys, *args) == (0, {"seal_clock"})
    assert third_party(sealed, *args) == (0, {"seal_clock"})


def test_verify_alone_passes_the_forged_figure(sealed: Sealed) -> None:
    """Why there are seals: the forger computed the digests anew."""
    forged_figure_in_a_warc(sealed.home)
    path = sealed.home / "warc" / name_of(2)
    assert FORGED in gzip.decompress(path.read_bytes())
    assert [each for each in check_file(path) if each.severity is Severity.ERROR] == []


def test_a_removed_last_run_is_found_by_a_noted_hash_alone(
    sealed: Sealed, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing in the folder proves it: the seal, its file and its rows went together."""
    noted = hashlib.sha256((sealed.home / "seals" / "3.json").read_bytes()).hexdigest()
    args = ("--key", str(sealed.public), "--expect", noted)
    assert program(sealed, capsys, *args)[0] == third_party(sealed, *args)[0] == 0
    removed_last_seal(sealed.home)
    status, rules = program(sealed, capsys, *args)
    assert (status, "seal_expected" in rules) == (1, True)
    assert third_party(sealed, *args) == (status, rules)


def test_a_chain_that_nobody_signed_is_whole_and_said_to_be_unsigned(
    sealed: Sealed, capsys: pytest.CaptureFixture[str]
) -> None:
    """It finds damage; who holds it against a key, or a hash that was noted, wants more."""
    shutil.rmtree(sealed.home / "seals")
    last = seal(sealed.home)
    assert program(sealed, capsys) == third_party(sealed) == (0, {"seal_unsigned"})
    assert program(sealed, capsys, "--expect", last.sha256) == (0, set())
    keyed = ("--key", str(sealed.public))
    assert program(sealed, capsys, *keyed) == third_party(sealed, *keyed) == (1, {"seal_unsigned"})
    forged_figure_in_a_warc(sealed.home)
    told = (1, {"seal_unsigned", "sealed_file"})
    assert program(sealed, capsys) == third_party(sealed) == told


def test_the_script_is_short_enough_to_be_read() -> None:
    text = SCRIPT.read_text(encoding="utf-8")
    assert text.count("\n") < 200
    imported = {line.split()[1].split(".")[0] for line in text.splitlines()
                if line.startswith(("import ", "from "))}  # fmt: skip
    assert imported - set(sys.stdlib_module_names) == {"cryptography"}
    assert not imported & {"socket", "http", "urllib.request"}
