"""The signing key: made for its owner alone, outside of the archive."""

import shutil
import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from archive.cli import main
from archive.model.errors import UsageError
from archive.work.home import Home
from archive.work.preservation.seal.keys import (
    KEY_VARIABLE,
    PHRASE_VARIABLE,
    key_named,
    make_key,
    public_hex,
    trusted_keys,
)
from tests.work.preservation.seal.archives import Sealed


def named(home: Path, path: Path, monkeypatch: pytest.MonkeyPatch) -> Ed25519PrivateKey | None:
    monkeypatch.setenv(KEY_VARIABLE, str(path))
    return key_named(Home(home))


@pytest.mark.parametrize("phrase", [None, "密语"])
def test_a_key_is_made_used_and_trusted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, phrase: str | None
) -> None:
    if phrase:
        monkeypatch.setenv(PHRASE_VARIABLE, phrase)
    path = tmp_path / "key.pem"
    public = make_key(Home(tmp_path / "home"), path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert (b"ENCRYPTED" in path.read_bytes()) is bool(phrase)
    key = named(tmp_path / "home", path, monkeypatch)
    assert key is not None
    assert trusted_keys([public]) == [public_hex(key.public_key())]


def test_no_key_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(KEY_VARIABLE, raising=False)
    assert key_named(Home(tmp_path)) is None


def test_a_wrong_or_missing_pass_phrase_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "key.pem"
    monkeypatch.setenv(PHRASE_VARIABLE, "right")
    make_key(Home(tmp_path / "home"), path)
    monkeypatch.setenv(PHRASE_VARIABLE, "wrong")
    with pytest.raises(UsageError, match="the pass phrase is not that of"):
        named(tmp_path / "home", path, monkeypatch)
    monkeypatch.setenv(PHRASE_VARIABLE, "")
    with pytest.raises(UsageError, match=f"set {PHRASE_VARIABLE}"):
        named(tmp_path / "home", path, monkeypatch)


def test_a_key_inside_of_the_archive_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = Home(tmp_path / "home", tmp_path / "elsewhere")
    home.make()
    make_key(Home(tmp_path / "other"), tmp_path / "key.pem")
    for folder in (home.path, home.warc, home.logs):
        with pytest.raises(UsageError, match="lies in the archive"):
            make_key(home, folder / "key.pem")
    shutil.copy(tmp_path / "key.pem", home.logs)
    link = tmp_path / "link.pem"
    link.symlink_to(home.logs / "key.pem")
    with pytest.raises(UsageError, match="lies in the archive"):
        named(home.path, link, monkeypatch)


def test_a_key_that_others_can_read_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "key.pem"
    make_key(Home(tmp_path / "home"), path)
    path.chmod(0o640)
    with pytest.raises(UsageError, match="chmod 600"):
        named(tmp_path / "home", path, monkeypatch)


def test_what_is_no_key_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "key.pem"
    with pytest.raises(UsageError, match="cannot read the key"):
        named(tmp_path / "home", path, monkeypatch)
    path.write_text("no key")
    path.chmod(0o600)
    with pytest.raises(UsageError, match="holds no private key"):
        named(tmp_path / "home", path, monkeypatch)
    with pytest.raises(UsageError, match="holds no public key"):
        trusted_keys([path])


def test_a_key_of_another_kind_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "key.pem"
    other = X25519PrivateKey.generate()
    path.write_bytes(other.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    public = tmp_path / "key.pem.pub"
    public.write_bytes(
        other.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    )
    path.chmod(0o600)
    with pytest.raises(UsageError, match="no Ed25519 key"):
        named(tmp_path / "home", path, monkeypatch)
    with pytest.raises(UsageError, match="no Ed25519 public key"):
        trusted_keys([public])


def test_a_file_that_is_there_is_never_written_over(tmp_path: Path) -> None:
    make_key(Home(tmp_path / "home"), tmp_path / "key.pem")
    before = (tmp_path / "key.pem").read_bytes()
    with pytest.raises(UsageError, match="there already"):
        make_key(Home(tmp_path / "home"), tmp_path / "key.pem")
    assert (tmp_path / "key.pem").read_bytes() == before


def test_the_commands_make_a_key_sign_with_it_and_print_the_script(
    sealed: Sealed,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = tmp_path / "own" / "key.pem"
    path.parent.mkdir()
    assert main(["seal", "--home", str(sealed.home), "--new-key", str(path)]) == 0
    assert f"export {KEY_VARIABLE}={path}" in capsys.readouterr().out
    monkeypatch.setenv(KEY_VARIABLE, str(path))
    assert main(["seal", "--home", str(sealed.home), "--json"]) == 0
    assert '"signed": true' in capsys.readouterr().out
    assert len(list((sealed.home / "seals").glob("key-*.pem"))) == 2
    assert main(["seal", "--script"]) == 0
    assert capsys.readouterr().out.startswith('"""Checks an archive of Gongkai')
