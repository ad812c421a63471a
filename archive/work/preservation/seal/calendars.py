"""Proofs of OpenTimestamps: a calendar puts the hash of a seal among others into one transaction of
the Bitcoin block chain. The proof is pending for hours; then the calendar completes it, and it
holds without calendar, key or authority.

A proof says which block commits to the seal by which merkle root. Whether the chain has that block
is for another to say: any block explorer, or the program `ots verify` beside a Bitcoin node.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPException
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from archive.model.errors import CannotRunError
from archive.work.preservation.seal.folder import put, stored_proofs
from archive.work.preservation.seal.manifest import sha256
from archive.work.preservation.seal.timestamps import TIMEOUT_S, TokenError

_MAX_PROOF_BYTES: Final = 1024 * 1024
_NONCE_BYTES: Final = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What a proof commits a seal to. blocks: height and merkle root (hex, as block explorers show
    it) of Bitcoin blocks. pending: calendars that have not completed it yet.
    """

    blocks: tuple[tuple[int, str], ...]
    pending: tuple[str, ...]


def stamp_by_calendar(seal: Path, number: int, url: str) -> Path:
    """Asks a calendar for a proof of a seal and puts it beside the seal, unless one is there; where
    it lies. The calendar sees a hash with a nonce, no more. TokenError: it gave none.
    CannotRunError: the package is missing, or the disk refuses.
    """
    core, op = _core(), _module("core.op")
    path = seal.with_name(f"{number}.{sha256(url.encode())[:16]}.ots")
    content = seal.read_bytes()
    if path.exists():
        check_proof(path, content)
        return path
    stamp = core.Timestamp(bytes.fromhex(sha256(content)))
    leaf = stamp.ops.add(op.OpAppend(os.urandom(_NONCE_BYTES))).ops.add(op.OpSHA256())
    leaf.merge(_asked(url, "submit", leaf.msg))
    return put(seal.parent, path.name, _packed(stamp))


def complete(folder: Path, url: str) -> Iterator[tuple[Path, Proof]]:
    """Asks a calendar for the blocks of all pending proofs that are its own; those that have one
    now. A proof that is not ripe stays as it is. TokenError: the calendar does not answer, or a
    proof cannot be read.
    """
    pending = _module("core.notary").PendingAttestation
    for _, path in stored_proofs(folder):
        stamp = _read(path).timestamp
        own = [
            part
            for part in _parts(stamp)
            if any(isinstance(each, pending) and each.uri == url for each in part.attestations)
            and not _proof(part).blocks
        ]
        answers = [(part, _asked(url, "get_timestamp", part.msg)) for part in own]
        for part, more in answers:
            if more is not None:
                part.merge(more)
        if own and (proof := _proof(stamp)).blocks:
            put(path.parent, path.name, _packed(stamp))
            yield path, proof


def check_proof(path: Path, seal: bytes) -> Proof:
    """What a stored proof commits these bytes to. TokenError: it cannot be read, or is of other
    bytes. CannotRunError: the package is missing.
    """
    stored = _read(path)
    if stored.file_digest != bytes.fromhex(sha256(seal)):
        raise TokenError("the proof is of other bytes than this seal's")
    return _proof(stored.timestamp)


def _module(name: str) -> ModuleType:
    try:
        return import_module(f"opentimestamps.{name}")
    except ImportError as error:
        raise CannotRunError(
            f"OpenTimestamps needs a package: pip install 'gongkai[ots]' ({error})"
        ) from error


def _core() -> ModuleType:
    return _module("core.timestamp")


def _asked(url: str, what: str, message: bytes) -> Any:
    """What a calendar answers; None when it has no such proof (yet)."""
    calendar = _module("calendar")
    troubles: tuple[type[Exception], ...] = (OSError, HTTPException, *_unreadable())
    try:
        server = calendar.RemoteCalendar(url.rstrip("/") + "/", user_agent="gongkai")
        return getattr(server, what)(message, timeout=TIMEOUT_S)
    except calendar.CommitmentNotFoundError:
        return None
    except troubles as error:
        raise TokenError(f"no proof from {url}: {error}") from error


def _unreadable() -> tuple[type[Exception], ...]:
    """What the package raises for bytes that are no proof."""
    return (_module("core.serialize").DeserializationError, ValueError, RecursionError)


def _read(path: Path) -> Any:
    serialize, unreadable = _module("core.serialize"), _unreadable()
    with path.open("rb") as stream:
        content = stream.read(_MAX_PROOF_BYTES)
    try:
        context = serialize.BytesDeserializationContext(content)
        return _core().DetachedTimestampFile.deserialize(context)
    except unreadable as error:
        raise TokenError(f"{path.name} is no proof of OpenTimestamps: {error}") from error


def _packed(stamp: Any) -> bytes:
    context = _module("core.serialize").BytesSerializationContext()
    _core().DetachedTimestampFile(_module("core.op").OpSHA256(), stamp).serialize(context)
    return bytes(context.getbytes())


def _parts(stamp: Any) -> Iterator[Any]:
    yield stamp
    for below in stamp.ops.values():
        yield from _parts(below)


def _proof(stamp: Any) -> Proof:
    notary = _module("core.notary")
    found = list(stamp.all_attestations())
    blocks = {
        (each.height, message[::-1].hex())
        for message, each in found
        if isinstance(each, notary.BitcoinBlockHeaderAttestation)
    }
    pending = {each.uri for _, each in found if isinstance(each, notary.PendingAttestation)}
    return Proof(blocks=tuple(sorted(blocks)), pending=tuple(sorted(pending)))
