"""Checks an archive against its seals: the chain, every file and row that it names, what no seal
names, and the time stamps.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from cryptography.x509 import Certificate

from archive.model.errors import DamageError, UsageError
from archive.model.reading import Severity
from archive.reading import READER_VERSION
from archive.store import Connection, Store
from archive.store.query.sealed_rows import (
    RUNS,
    VERSIONS,
    ended_runs,
    read_versions,
    run_row,
    version_row,
)
from archive.warc.check import Damage
from archive.warc.folder import WarcFile, WarcFolder
from archive.work.home import Home
from archive.work.preservation.seal.calendars import Proof, check_proof
from archive.work.preservation.seal.chain import Chain, read_chain
from archive.work.preservation.seal.folder import (
    seals_of,
    stored_proofs,
    stored_seals,
    stored_tokens,
)
from archive.work.preservation.seal.make import FINISHED
from archive.work.preservation.seal.manifest import SealedRun, SealedVersion
from archive.work.preservation.seal.measured import (
    Versions,
    captures_in,
    closed_files,
    outcomes_of,
    run_sha256,
    size_and_sha256,
)
from archive.work.preservation.seal.notes import missed
from archive.work.preservation.seal.timestamps import TokenError, check_token


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """What a check holds on to that does not lie in the archive. keys: public keys in hex. head:
    SHA-256 of a seal, noted elsewhere. notes: files of such hashes, as sealing leaves them. roots:
    certificates of time-stamping authorities.
    """

    keys: Sequence[str] = ()
    head: str | None = None
    notes: Sequence[Path] = ()
    roots: Sequence[Certificate] = ()


def stored_chain(home: Home, trust: Trust) -> Chain:
    """The chain of an archive. DamageError: it has no seal. UsageError: it is signed, and nobody
    says whose signature counts.
    """
    folder = seals_of(home)
    chain = read_chain(stored_seals(folder), trust.keys)
    if not chain.head:
        raise DamageError(f"there is no seal in {folder}; make one: gongkai seal")
    if chain.signer and not trust.keys and trust.head is None:
        raise UsageError(
            "say whose seals you trust: --key FILE, the public key as you noted it outside of the"
            " archive (or --expect HASH)"
        )
    return chain


def check_seals(
    home: Home,
    chain: Chain,
    trust: Trust,
    store: Store,
    *,
    crawling: bool,
    on_step: Callable[[], None],
) -> Iterator[Damage]:
    """Everything in which an archive is not what its seals say. crawling: a crawl is at work, so
    that something may rightly wait for its seal. on_step: called for every file, run and version.
    """
    folder = seals_of(home)
    for fault in chain.faults:
        yield _error(folder / f"{fault.number}.json", fault.rule, fault.message)
    for fault in chain.clock:
        yield replace(
            _error(folder / f"{fault.number}.json", fault.rule, fault.message),
            severity=Severity.WARNING,
        )
    yield from _trust(folder, chain, trust)
    yield from _files(home.files, chain, on_step)
    with store.read() as connection:
        yield from _captures(home.files, chain, connection)
        yield from _runs(folder, chain, connection, on_step)
        yield from _versions(folder, chain, connection, on_step)
        if not chain.faults:
            severity = Severity.WARNING if crawling else Severity.ERROR
            yield from _unsealed(home, chain, connection, severity)
    yield from _tokens(home, chain, trust)


def _trust(folder: Path, chain: Chain, trust: Trust) -> Iterator[Damage]:
    """A chain that nobody ever signed, and of which nobody expects more, is whole: a warning."""
    if trust.head is not None and trust.head not in chain.heads.values():
        message = f"no seal has the SHA-256 {trust.head}: the last seals were removed or made anew"
        yield _error(folder, "seal_expected", message)
    for notes in trust.notes:
        lacking = missed(notes, chain.archive or "", chain.heads)
        if lacking is not None:
            yield _error(folder, "seal_expected", lacking)
    behind = [n for n in chain.unsigned if trust.head is None or not _covered(chain, trust, n)]
    if behind:
        spread = f"{behind[0]}" if len(behind) == 1 else f"{behind[0]} to {behind[-1]}"
        message = (
            f"not signed ({spread}): it finds damage, but whoever can write the archive can make it"
            " anew; set GONGKAI_SEAL_KEY, or give --expect HASH"
        )
        unsigned = _error(folder / f"{behind[-1]}.json", "seal_unsigned", message)
        nobody = chain.signer is None and not trust.keys and trust.head is None
        yield replace(unsigned, severity=Severity.WARNING) if nobody else unsigned


def _covered(chain: Chain, trust: Trust, number: int) -> bool:
    """Whether the noted hash is that of this seal or of a later one."""
    return any(head == trust.head and at >= number for at, head in chain.heads.items())


def _files(folder: WarcFolder, chain: Chain, on_step: Callable[[], None]) -> Iterator[Damage]:
    for name, file in chain.files.items():
        path, seal = folder / name, f"seal {chain.sealed_by[name]}"
        try:
            size, digest = size_and_sha256(path)
        except FileNotFoundError:
            yield _error(path, "sealed_file", f"the file is missing, which {seal} names")
        else:
            if size != file.size:
                message = f"it has {size:,} bytes; {seal} names {file.size:,}"
                yield _error(path, "sealed_file", message)
            elif digest != file.sha256:
                yield _error(path, "sealed_file", f"it was changed since {seal}")
        on_step()


def _captures(folder: WarcFolder, chain: Chain, connection: Connection) -> Iterator[Damage]:
    for name, file in chain.files.items():
        found = captures_in(connection, name)
        if found != file.captures:
            seal = f"seal {chain.sealed_by[name]}"
            message = f"the ledger's captures in it were changed since {seal}"
            if found.rows != file.captures.rows:
                message += f": {file.captures.rows:,} then, {found.rows:,} now"
            yield _error(folder / name, "sealed_captures", message)


def _runs(
    folder: Path, chain: Chain, connection: Connection, on_step: Callable[[], None]
) -> Iterator[Damage]:
    for run in chain.runs.values():
        found, seal = outcomes_of(connection, run.run), folder / f"{chain.sealed_by[run.run]}.json"
        if run.status == FINISHED or not _went_on(connection, run, found.rows):
            if found != run.outcomes:
                message = f"the ledger's outcomes of run {run.run} were changed since this seal"
                if found.rows != run.outcomes.rows:
                    message += f": {run.outcomes.rows:,} then, {found.rows:,} now"
                yield _error(seal, "sealed_outcomes", message)
            if run_sha256(connection, run.run) != run.sha256:
                message = f"the ledger's row of run {run.run} was changed since this seal"
                yield _error(seal, "sealed_run", message)
        on_step()


def _went_on(connection: Connection, run: SealedRun, outcomes: int) -> bool:
    """Whether a run that was not finished is at work again, or brought more."""
    row = run_row(connection, run.run)
    status = None if row is None else row[RUNS.index("status")]
    return outcomes > run.outcomes.rows or status in ("running", "crashed")


def _versions(
    folder: Path, chain: Chain, connection: Connection, on_step: Callable[[], None]
) -> Iterator[Damage]:
    versions = Versions(connection)
    for place, sealed in chain.versions.items():
        found = versions.sha256(*place)
        if found != sealed.sha256:
            seal = folder / f"{chain.sealed_by[place]}.json"
            what = _become(connection, sealed)
            message = f"{sealed.url} version {sealed.version} {what} since this seal"
            yield _error(seal, "sealed_version", message)
        on_step()


def _become(connection: Connection, sealed: SealedVersion) -> str:
    """What became of a version that is not as it was sealed. One that today's reader read, in a
    ledger that was made again, is sealed anew by the next seal.
    """
    row = version_row(connection, sealed.url, sealed.version)
    if row is None:
        return "is gone from the ledger"
    if sealed.reader != row[VERSIONS.index("reader_version")] == READER_VERSION:
        return (
            f"was read again, by reader {READER_VERSION} (`gongkai verify --deep` says whether"
            " rightly, `gongkai seal` seals it anew),"
        )
    return "was changed in the ledger"


def _unsealed(
    home: Home, chain: Chain, connection: Connection, severity: Severity
) -> Iterator[Damage]:
    """What no seal names: a seal at the end was removed, or it was not made yet. One line."""
    files = sorted(set(closed_files(home.files)) - set(chain.files))
    runs = sorted(set(ended_runs(connection)) - set(chain.runs))
    versions = [
        f"{each.url} version {each.version}"
        for each in read_versions(connection)
        if (each.url, each.version) not in chain.versions
    ]
    named = [_named("WARC file", files), _named("run", list(map(str, runs)))]
    named = [each for each in (*named, _named("version", versions)) if each]
    if named:
        yield Damage(
            file=str(seals_of(home)),
            offset=0,
            severity=severity,
            rule="unsealed",
            message=f"in no seal: {', '.join(named)}; a later seal was removed, or not made yet"
            " (gongkai seal)",
        )


def _named(what: str, found: Sequence[str]) -> str:
    """How many there are, and the first; "" when there is none."""
    if not found:
        return ""
    return f"{what} {found[0]}" + (f" and {len(found) - 1:,} more" if len(found) > 1 else "")


def _tokens(home: Home, chain: Chain, trust: Trust) -> Iterator[Damage]:
    for number, path in stored_tokens(home):
        if number not in chain.heads:
            yield _error(path, "seal_time", f"a time stamp of seal {number}, which is missing")
            continue
        try:
            seal = path.with_name(f"{number}.json").read_bytes()
            check_token(path.read_bytes(), seal, trust.roots)
        except TokenError as error:
            yield _error(path, "seal_time", str(error))


def check_proofs(home: Home, chain: Chain) -> Iterator[tuple[Path, Proof | Damage]]:
    """What each proof of OpenTimestamps commits its seal to, or why it commits to nothing."""
    for number, path in stored_proofs(seals_of(home)):
        if number not in chain.heads:
            yield path, _error(path, "seal_time", f"a proof of seal {number}, which is missing")
            continue
        try:
            yield path, check_proof(path, path.with_name(f"{number}.json").read_bytes())
        except TokenError as error:
            yield path, _error(path, "seal_time", str(error))


def _error(path: WarcFile, rule: str, message: str) -> Damage:
    return Damage(file=str(path), offset=0, severity=Severity.ERROR, rule=rule, message=message)
