"""The signing key: a PEM file outside of the archive, Ed25519, encrypted where a pass phrase is."""

import os
import sys
from collections.abc import Iterable
from getpass import getpass
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from archive.model.errors import CannotRunError, UsageError
from archive.work.given_file import check_given_file
from archive.work.home import Home

KEY_VARIABLE: Final = "GONGKAI_SEAL_KEY"
PHRASE_VARIABLE: Final = "GONGKAI_SEAL_PASSPHRASE"
_MAX_PEM_BYTES: Final = 64 * 1024


def key_named(home: Home) -> Ed25519PrivateKey | None:
    """The key that GONGKAI_SEAL_KEY names; None when it is not set. UsageError: it cannot be used,
    others can read it, or it lies in the archive.
    """
    named = os.environ.get(KEY_VARIABLE)
    if not named:
        return None
    path = Path(named)
    refuse_inside(home, path)
    content = _read(path)
    if path.stat().st_mode & 0o077:
        raise UsageError(f"others can read the key {path}: chmod 600 {path}")
    key = _loaded(path, content)
    if not isinstance(key, Ed25519PrivateKey):
        raise UsageError(f"{path} is no Ed25519 key; make one: gongkai seal --new-key FILE")
    return key


def refuse_inside(home: Home, path: Path) -> None:
    """UsageError when a key would lie in the archive: whoever took that could sign."""
    place = path.resolve()
    for folder in (home.path, home.warc):
        if place.is_relative_to(folder.resolve()):
            raise UsageError(
                f"{path} lies in the archive that the key is to prove; keep it outside of {folder}"
            )


def _read(path: Path) -> bytes:
    check_given_file(path)
    try:
        with path.open("rb") as stream:
            return stream.read(_MAX_PEM_BYTES)
    except OSError as error:
        raise UsageError(f"cannot read the key {path}: {error.strerror}") from error


def _loaded(path: Path, content: bytes) -> object:
    try:
        return serialization.load_pem_private_key(content, None)
    except TypeError:  # encrypted, and no pass phrase was given
        phrase = _asked(f"pass phrase of {path}: ")
    except ValueError as error:
        raise UsageError(f"{path} holds no private key (PEM)") from error
    if not phrase:
        raise UsageError(f"the key {path} is encrypted; set {PHRASE_VARIABLE}")
    try:
        return serialization.load_pem_private_key(content, phrase.encode())
    except ValueError as error:
        raise UsageError(f"the pass phrase is not that of {path}") from error


def _asked(prompt: str) -> str:
    """The pass phrase from the environment, else from who sits at the terminal; else ""."""
    given = os.environ.get(PHRASE_VARIABLE)
    if given is not None:
        return given
    return getpass(prompt) if sys.stdin.isatty() else ""


def make_key(home: Home, path: Path) -> Path:
    """Makes a key; returns where its public half lies. UsageError: there is a file already, or the
    place is in the archive. CannotRunError: the disk refuses.
    """
    refuse_inside(home, path)
    public = path.with_name(path.name + ".pub")
    if path.exists() or public.exists():
        raise UsageError(f"{path if path.exists() else public} is there already; choose another")
    phrase = _new_phrase(path)
    key = Ed25519PrivateKey.generate()
    content = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(phrase.encode())
        if phrase
        else serialization.NoEncryption(),
    )
    try:
        _write_new(public, public_pem(key.public_key()), 0o644)
        _write_new(path, content, 0o600)
    except OSError as error:
        public.unlink(missing_ok=True)
        raise CannotRunError(f"{path}: cannot be written: {error.strerror}") from error
    return public


def _new_phrase(path: Path) -> str:
    phrase = _asked(f"pass phrase for {path} (empty: none): ")
    asked = os.environ.get(PHRASE_VARIABLE) is None
    if phrase and asked and getpass("again: ") != phrase:
        raise UsageError("the two pass phrases differ; nothing was made")
    return phrase


def _write_new(path: Path, content: bytes, mode: int) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(handle)
    except OSError:
        path.unlink()
        raise


def public_pem(key: Ed25519PublicKey) -> bytes:
    """The public half as a PEM file has it."""
    return key.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def public_hex(key: Ed25519PublicKey) -> str:
    """The public half as seals name it."""
    return key.public_bytes_raw().hex()


def trusted_keys(paths: Iterable[Path]) -> list[str]:
    """Public keys (PEM files) as seals name them. UsageError: one cannot be read or is none."""
    return [public_hex(_public(path)) for path in paths]


def _public(path: Path) -> Ed25519PublicKey:
    try:
        key = serialization.load_pem_public_key(_read(path))
    except ValueError as error:
        raise UsageError(f"{path} holds no public key (PEM); FILE.pub has it") from error
    if not isinstance(key, Ed25519PublicKey):
        raise UsageError(f"{path} is no Ed25519 public key")
    return key
