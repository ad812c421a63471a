"""How making a bundle ends: signed, in a bag, over damage, on a full disk, killed."""

import json
import random
import resource
import signal
import sqlite3
import time
import zipfile
from contextlib import closing
from pathlib import Path

import bagit
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from archive.warc.wacz.signature import SignatureError, verify_signature
from tests.support.bundle import REPORT, TITLE, Wacz, index_of, lines_of
from tests.support.command import Gongkai

# --- signatures -----------------------------------------------------------------------------


def key_file(folder: Path, key: object, passphrase: bytes | None = None) -> str:
    how = BestAvailableEncryption(passphrase) if passphrase else NoEncryption()
    path = folder / "key.pem"
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, how))
    return str(path)


def signed_in(path: Path) -> dict[str, str]:
    with zipfile.ZipFile(path) as bundle:
        return json.loads(bundle.read("datapackage-digest.json"))["signedData"]


def test_a_signature_is_good_until_something_changes(wacz: Wacz, tmp_path: Path) -> None:
    path = wacz("--key", key_file(tmp_path, ec.generate_private_key(ec.SECP384R1())))
    signed = signed_in(path)
    assert set(signed) == {"hash", "created", "software", "version", "signature", "publicKey"}
    assert "fingerprint" in verify_signature(signed)
    with pytest.raises(SignatureError, match="does not fit"):
        verify_signature({**signed, "hash": "sha256:" + "0" * 64})


def test_an_encrypted_key_needs_its_pass_phrase(
    wacz: Wacz, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    key = key_file(tmp_path, ec.generate_private_key(ec.SECP384R1()), b"secret")
    wacz("--key", key, status=2)
    assert "is encrypted: set GONGKAI_WACZ_PASSPHRASE" in capsys.readouterr().err
    monkeypatch.setenv("GONGKAI_WACZ_PASSPHRASE", "wrong")
    wacz("--key", key, status=2)
    monkeypatch.setenv("GONGKAI_WACZ_PASSPHRASE", "secret")
    monkeypatch.setenv("GONGKAI_WACZ_KEY", key)
    assert signed_in(wacz())


@pytest.mark.parametrize(
    "key",
    [ed25519.Ed25519PrivateKey.generate(), ec.generate_private_key(ec.SECP256R1())],
    ids=["ed25519", "p256"],
)
def test_a_key_that_players_do_not_take_is_refused(
    wacz: Wacz, tmp_path: Path, capsys: pytest.CaptureFixture[str], key: object
) -> None:
    wacz("--key", key_file(tmp_path, key), status=2)
    assert "ECDSA on curve P-384" in capsys.readouterr().err


def test_a_file_that_is_no_key_is_refused(wacz: Wacz, tmp_path: Path) -> None:
    (tmp_path / "key.pem").write_text("no key")
    wacz("--key", str(tmp_path / "key.pem"), status=2)


# --- damage, disks, kills -------------------------------------------------------------------


def test_what_is_damaged_is_left_out_with_what_repeats_it(
    own: Gongkai, url: str, tmp_path: Path
) -> None:
    [row] = [
        row for row in own.rows("captures")
        if row["url"] == url + REPORT and row["record_type"] == "response"
    ]  # fmt: skip
    path = own.home / "warc" / str(row["warc_file"])
    content = bytearray(path.read_bytes())
    content[int(str(row["warc_offset"])) + 400] ^= 0xFF
    path.write_bytes(content)
    output = tmp_path / "x.wacz"
    own.run("wacz", "-o", str(output), status=1)
    assert own.stderr.count(f"left out: {url}{REPORT}") == 2
    assert url + REPORT not in {fields["url"] for _, _, fields in index_of(output)}
    assert url + REPORT not in {page.get("url") for page in lines_of(output, "pages/pages.jsonl")}
    path.unlink()
    own.run("wacz", "-o", str(output), status=1)
    assert "the file is missing" in own.stderr


def test_an_archive_without_any_file_gives_no_bundle(own: Gongkai, tmp_path: Path) -> None:
    for path in (own.home / "warc").glob("*.gz"):
        path.unlink()
    own.run("wacz", "-o", str(tmp_path / "x.wacz"), status=2)
    assert "none of the selected captures can be read" in own.stderr
    assert not (tmp_path / "x.wacz").exists()


def test_a_full_disk_is_one_line_and_leaves_nothing(own: Gongkai, tmp_path: Path) -> None:
    """No file may grow beyond 64 KiB."""
    output = tmp_path / "out" / "x.wacz"
    output.parent.mkdir()

    def small_disk() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (65536, 65536))

    process = own.start("wacz", "-o", str(output), preexec_fn=small_disk)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 4, err
    assert "make room" in err
    assert err.count("gongkai:") == 1
    assert list(output.parent.iterdir()) == []


@pytest.mark.parametrize("kills", [3, pytest.param(20, marks=pytest.mark.slow)])
def test_a_kill_leaves_no_file_and_the_same_command_finishes(
    own: Gongkai, tmp_path: Path, kills: int
) -> None:
    output = tmp_path / "out" / "x.wacz"
    output.parent.mkdir()
    moments = random.Random(1)
    for _ in range(kills):
        process = own.begin("wacz", "-o", str(output))
        deadline = time.monotonic() + 30
        while not list(output.parent.iterdir()) and time.monotonic() < deadline:
            time.sleep(0.005)
        time.sleep(moments.uniform(0, 0.15))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        if output.exists():
            output.unlink()
    own.run("wacz", "-o", str(output))
    assert [path.name for path in output.parent.iterdir()] == ["x.wacz"]


def test_an_interrupt_ends_with_3(own: Gongkai, tmp_path: Path) -> None:
    output = tmp_path / "out" / "x.wacz"
    output.parent.mkdir()
    process = own.begin("wacz", "-o", str(output))
    deadline = time.monotonic() + 30
    while not list(output.parent.iterdir()) and time.monotonic() < deadline:
        time.sleep(0.005)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode in {0, 3}
    assert len(list(output.parent.iterdir())) == (process.returncode == 0)


# --- what was taken for an error page ---------------------------------------------------------


def test_a_page_that_never_had_a_version_is_an_extra_page_with_its_title(
    own: Gongkai, url: str, tmp_path: Path
) -> None:
    """As if the report had been taken for a soft 404 at every visit."""
    page = (url + REPORT,)
    with closing(sqlite3.connect(own.home / "archive.sqlite")) as ledger, ledger:
        ledger.execute(
            "DELETE FROM version WHERE page_id IN (SELECT id FROM page WHERE key = ?)", page
        )
        ledger.execute("UPDATE page SET versions = 0 WHERE key = ?", page)
    own.run("wacz", "-o", str(tmp_path / "x.wacz"))
    extra = lines_of(tmp_path / "x.wacz", "pages/extraPages.jsonl")
    assert {each["title"] for each in extra if each.get("url") == page[0]} == {TITLE}


# --- bags -----------------------------------------------------------------------------------


def test_a_bag_is_valid_and_holds_the_bundle(wacz: Wacz) -> None:
    path = wacz("--bag", output="handed-over")
    bag = bagit.Bag(str(path))
    assert bag.validate()
    assert len(lines_of(path / "data" / "handed-over.wacz", "pages/pages.jsonl")) == 3
    assert not list(path.parent.glob(".handed*"))


def test_a_bag_is_never_put_over_anything(wacz: Wacz, tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "a.txt").write_text("mine")
    wacz("--bag", output="taken", status=2)
    wacz("--bag", output="x.wacz", status=2)
    assert [path.name for path in (tmp_path / "taken").iterdir()] == ["a.txt"]
