"""Makes the next seal of an archive: what is new since the last one, signed with a key."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from importlib.metadata import version
from itertools import islice
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from archive.model.errors import CannotRunError, DamageError
from archive.reading import READER_VERSION
from archive.store import Connection, Store
from archive.store.query.sealed_rows import ReadVersion, ended_runs, read_versions
from archive.store.unfinished_merges import unfinished_merges
from archive.store.write.captures import archive_id
from archive.warc.folder import WarcFile, sizes
from archive.work import clock
from archive.work.home import Home
from archive.work.preservation.seal.chain import Chain, add_seal, read_chain
from archive.work.preservation.seal.folder import put, sealing, seals_of, stored_seals
from archive.work.preservation.seal.keys import public_hex, public_pem
from archive.work.preservation.seal.manifest import (
    Seal,
    SealedFile,
    SealedRun,
    SealedVersion,
    sha256,
    spelled,
)
from archive.work.preservation.seal.measured import (
    Versions,
    captures_in,
    closed_files,
    outcomes_of,
    run_sha256,
    size_and_sha256,
)
from archive.work.preservation.seal.notes import missed, note
from archive.work.preservation.seal.readings import Readings

FINISHED: Final = "finished"
MAX_VERSIONS: Final = 1_000
"""Some megabytes while they are spelled, signed and read back."""


class NothingToSealError(DamageError):
    """An archive into which nothing has come yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """What a sealing did. number, sha256: of the archive's last seal now; made: whether it is new,
    else there was nothing to seal; seals: how many are new. files, size, runs, versions: how many
    of each these name; read_again: of how many versions an earlier seal names another reading.
    damage: what the seals before name and what is not so any more, which is not sealed anew; and a
    clock that went back.
    """

    number: int
    path: Path
    sha256: str
    signed: bool
    made: bool
    seals: int = 0
    files: int = 0
    size: int = 0
    runs: int = 0
    versions: int = 0
    read_again: int = 0
    damage: tuple[str, ...] = ()


def make_seal(
    home: Home,
    store: Store,
    key: Ed25519PrivateKey | None,
    *,
    notes: Path | None = None,
    on_bytes: Callable[[int], None] = lambda _: None,
    max_bytes: int | None = None,
    max_versions: int = MAX_VERSIONS,
) -> Sealed:
    """Seals every closed WARC file, ended run and version that no seal names yet, and what was read
    again since; a chain that another key signed, or none, is sealed with `key` though nothing is
    new. Files that a seal names are not read again.

    notes: where the last seal was noted, and this one will be. on_bytes: gets how many bytes are
    hashed. max_bytes: CannotRunError when the files have more. max_versions: of one seal; more make
    several, so that what is new is never in memory as a whole.
    DamageError: the chain so far is damaged. HomeLockedError: another process seals.
    CannotRunError: the archive has a part of another one, whose merge is not finished; or the disk
    refuses: the next sealing goes on behind the last seal that was made.
    """
    folder = seals_of(home)
    with sealing(folder):
        chain = read_chain(stored_seals(folder), brief=True)
        with store.read() as connection:
            archive = archive_id(connection)
            _refuse_half(connection)
        _refuse_damaged(chain, archive, folder, notes)
        present = closed_files(home.files)
        fresh = {name: path for name, path in present.items() if name not in chain.files}
        _refuse_too_much(fresh, max_bytes)
        hashed = {name: _hashed(path, on_bytes) for name, path in fresh.items()}
        damage = tuple(_damage(chain, sizes(home.files) if present else {}))
        sealed: Sealed | None = None
        with store.read() as connection:
            rows = _Rows(
                files=tuple(_files(connection, hashed)), runs=tuple(_runs(connection, chain))
            )
            found = _versions(connection, chain.readings or Readings())
            while (some := tuple(islice(found, max_versions))) or sealed is None:
                seal = _next_seal(chain, archive, key, replace(rows, versions=some))
                damage += tuple(_backwards(chain, seal))
                sealed = _put(folder, seal, key, chain, sealed)
                rows = _Rows()
        if notes is not None:
            note(notes, archive, sealed.number, sealed.sha256)
        return replace(sealed, damage=damage)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rows:
    """What a seal names."""

    files: tuple[SealedFile, ...] = ()
    runs: tuple[SealedRun, ...] = ()
    versions: tuple[SealedVersion, ...] = ()


def _next_seal(chain: Chain, archive: str, key: Ed25519PrivateKey | None, rows: _Rows) -> Seal:
    return Seal(
        number=chain.head + 1,
        archive=archive,
        created_at=clock.now().isoformat(timespec="seconds").replace("+00:00", "Z"),
        software=f"gongkai {version('gongkai')}",
        previous=chain.heads.get(chain.head),
        public_key=public_hex(key.public_key()) if key else None,
        files=rows.files,
        runs=rows.runs,
        versions=rows.versions,
    )


def _refuse_half(connection: Connection) -> None:
    """What a seal says of half a merge, its other half would belie."""
    if halves := unfinished_merges(connection):
        raise CannotRunError(str(halves[0]))


def _refuse_damaged(chain: Chain, archive: str, folder: Path, notes: Path | None) -> None:
    fault = next(iter(chain.faults), None)
    if fault is not None:
        raise DamageError(
            f"{folder / f'{fault.number}.json'}: {fault.message}; restore it from a backup, or move"
            f" {folder} aside to begin a chain anew"
        )
    if chain.archive not in (None, archive):
        raise DamageError(f"the seals in {folder} are of another archive; move them aside")
    lacking = missed(notes, archive, chain.heads) if notes is not None else None
    if lacking is not None:
        raise DamageError(
            f"{lacking}; restore it from a backup, or take its line out of the notes to go on"
            " without it"
        )


def _refuse_too_much(fresh: Mapping[str, WarcFile], max_bytes: int | None) -> None:
    if max_bytes is not None and sum(path.stat().st_size for path in fresh.values()) > max_bytes:
        raise CannotRunError(f"{len(fresh):,} WARC files are not sealed yet; run gongkai seal once")


def _hashed(path: WarcFile, on_bytes: Callable[[int], None]) -> tuple[int, str]:
    measured = size_and_sha256(path)
    on_bytes(measured[0])
    return measured


def _files(connection: Connection, hashed: Mapping[str, tuple[int, str]]) -> Iterator[SealedFile]:
    for name, (size, digest) in hashed.items():
        captures = captures_in(connection, name)
        yield SealedFile(name=name, size=size, sha256=digest, captures=captures)


def _runs(connection: Connection, chain: Chain) -> Iterator[SealedRun]:
    for run, status in ended_runs(connection).items():
        before = chain.runs.get(run)
        if before is not None and before.status == FINISHED:
            continue
        digest, outcomes = run_sha256(connection, run), outcomes_of(connection, run)
        if digest is not None:
            found = SealedRun(run=run, status=status, sha256=digest, outcomes=outcomes)
            if found != before:
                yield found


def _versions(connection: Connection, known: Readings) -> Iterator[SealedVersion]:
    """Versions that no seal names, and those that were read again since."""
    versions = Versions(connection)
    for each in read_versions(connection):
        if (each.url, each.version) not in known or _is_read_again(known, each):
            digest = versions.sha256(each.url, each.version)
            if digest is not None:
                yield SealedVersion(
                    url=each.url,
                    version=each.version,
                    reader=each.reader,
                    warc_file=each.warc_file,
                    warc_offset=each.warc_offset,
                    sha256=digest,
                )


def _is_read_again(known: Readings, now: ReadVersion) -> bool:
    """By this code, which `verify --deep` can repeat, or from another record than before. What was
    changed otherwise is not sealed anew.
    """
    place = (now.url, now.version)
    newer = known.reader_of(place) != now.reader == READER_VERSION
    return newer or not known.is_from(place, now.warc_file, now.warc_offset)


def _damage(chain: Chain, present: Mapping[str, int]) -> Iterator[str]:
    """present: the bytes of each file of the archive."""
    for name, file in chain.files.items():
        seal = f"seal {chain.sealed_by[name]}"
        if name not in present:
            yield f"{name} is missing, which {seal} names"
        elif present[name] != file.size:
            yield f"{name} has not the {file.size:,} bytes that {seal} names"


def _backwards(chain: Chain, seal: Seal) -> Iterator[str]:
    if seal.created_at < chain.last_at:
        yield (
            f"this machine's clock says {seal.created_at}, seal {chain.head} was made at"
            f" {chain.last_at}: set the clock"
        )


def _put(
    folder: Path,
    seal: Seal,
    key: Ed25519PrivateKey | None,
    chain: Chain,
    before: Sealed | None,
) -> Sealed:
    """Stores a seal and adds it to the chain. before: what this sealing has made so far."""
    same_signer = key is None or (seal.public_key == chain.signer and not chain.unsigned)
    if not (seal.files or seal.runs or seal.versions) and (same_signer or not chain.head):
        return _last(folder, chain)
    signature = key.sign(spelled(seal)).hex() if key else None
    if key is not None:
        public = key.public_key()
        name = f"key-{public_hex(public)[:16]}.pem"
        if not (folder / name).exists():
            put(folder, name, public_pem(public))
    content = spelled(seal, signature)
    path = put(folder, f"{seal.number}.json", content)
    read_again = chain.read_again
    add_seal(chain, seal.number, content)
    return Sealed(
        number=seal.number,
        path=path,
        sha256=sha256(content),
        signed=key is not None,
        made=True,
        seals=before.seals + 1 if before else 1,
        files=before.files if before else len(seal.files),
        size=before.size if before else sum(each.size for each in seal.files),
        runs=before.runs if before else len(seal.runs),
        versions=len(seal.versions) + (before.versions if before else 0),
        read_again=chain.read_again - read_again + (before.read_again if before else 0),
    )


def _last(folder: Path, chain: Chain) -> Sealed:
    """NothingToSealError where there is not even a first seal, for there is nothing to seal."""
    if not chain.head:
        raise NothingToSealError("there is nothing to seal yet; crawl first")
    return Sealed(
        number=chain.head,
        path=folder / f"{chain.head}.json",
        sha256=chain.heads[chain.head],
        signed=chain.head not in chain.unsigned,
        made=False,
    )
