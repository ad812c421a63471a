"""The chain of seals: numbers, previous hashes, signatures; pure. Bytes in, verdict out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from archive.work.preservation.seal.manifest import (
    Seal,
    SealedFile,
    SealedRun,
    SealedVersion,
    SealError,
    parse_seal,
    sha256,
    signed_part,
)
from archive.work.preservation.seal.readings import Readings


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What is wrong with a seal. number: of the seal."""

    number: int
    rule: str
    message: str


@dataclass(slots=True, kw_only=True)
class Chain:
    """What all good seals together say; of two that name one thing the later counts.

    faults: of the seals themselves. clock: seals that say they are older than the one before, as of
    a machine whose clock went wrong; they count. last_at: when the last one says it was made.
    heads: SHA-256 of every seal's bytes, by number. head: number of the last one, 0 when there is
    none. unsigned: numbers of seals behind the last one with a trusted signature; those before it
    are covered by its hash of them. signer: the key of that one.
    read_again: how many versions a later seal names with another reading. readings: instead of
    `versions` where the chain is read in brief; None otherwise.
    """

    faults: list[Fault] = field(default_factory=list)
    clock: list[Fault] = field(default_factory=list)
    last_at: str = ""
    heads: dict[int, str] = field(default_factory=dict)
    head: int = 0
    archive: str | None = None
    unsigned: list[int] = field(default_factory=list)
    signer: str | None = None
    files: dict[str, SealedFile] = field(default_factory=dict)
    runs: dict[int, SealedRun] = field(default_factory=dict)
    versions: dict[tuple[str, int], SealedVersion] = field(default_factory=dict)
    read_again: int = 0
    sealed_by: dict[object, int] = field(default_factory=dict)
    readings: Readings | None = None


def read_chain(
    seals: Iterable[tuple[int, bytes]], trusted: Sequence[str] = (), *, brief: bool = False
) -> Chain:
    """The chain of some seals, (number of the file, its bytes) in ascending order.

    trusted: public keys, 32 bytes in hex; without any, a signature is only held against the key
    that the seal itself names, which proves nothing about who made it. A faulty seal counts for
    nothing but its hash. brief: with `readings` instead of `versions`.
    """
    chain = Chain(readings=Readings() if brief else None)
    for number, content in seals:
        add_seal(chain, number, content, trusted)
    return chain


def add_seal(chain: Chain, number: int, content: bytes, trusted: Sequence[str] = ()) -> None:
    """Adds the next seal to a chain; trusted: as for `read_chain`."""
    if number > chain.head + 1:
        gap = f", and those from {chain.head + 1}" if number > chain.head + 2 else ""
        message = f"the seal is missing{gap}"
        chain.faults.append(_fault(number - 1, "seal_missing", message))
    fault = _add(chain, number, content, trusted)
    if fault is not None:
        chain.faults.append(fault)
    chain.heads[number] = sha256(content)
    chain.head = number


def _add(chain: Chain, number: int, content: bytes, trusted: Sequence[str]) -> Fault | None:
    try:
        seal, signature = parse_seal(content)
    except SealError as error:
        return _fault(number, "seal_unreadable", f"the seal cannot be read: {error}")
    fault = _fault_of_place(chain, number, seal) or _fault_of_signature(
        number, seal, signed_part(content, signature), signature, trusted
    )
    if fault is not None:
        return fault
    chain.archive = seal.archive
    _note_signature(chain, number, seal)
    _note_time(chain, number, seal)
    for file in seal.files:
        chain.files[file.name] = file
        chain.sealed_by[file.name] = number
    for run in seal.runs:
        chain.runs[run.run] = run
        chain.sealed_by[run.run] = number
    for version in seal.versions:
        place = (version.url, version.version)
        if chain.readings is not None:
            chain.read_again += place in chain.readings
            chain.readings.note(version)
            continue
        chain.read_again += place in chain.versions
        chain.versions[place] = version
        chain.sealed_by[place] = number
    return None


def _fault_of_place(chain: Chain, number: int, seal: Seal) -> Fault | None:
    """Whether the seal is the one that belongs there. Behind a seal that has a fault of its own,
    or is missing, its hash says nothing new.
    """
    if seal.number != number:
        message = f"the file holds seal {seal.number}: the chain was put into another order"
        return _fault(number, "seal_order", message)
    if chain.archive is not None and seal.archive != chain.archive:
        return _fault(number, "seal_archive", "the seal is of another archive")
    before = chain.heads.get(number - 1)
    had_fault = any(fault.number == number - 1 for fault in chain.faults)
    if not had_fault and seal.previous != before:
        message = f"it follows another seal than the one that {number - 1}.json holds"
        return _fault(number, "seal_chain", message)
    return None


def _fault_of_signature(
    number: int, seal: Seal, signed: bytes, signature: str | None, trusted: Sequence[str]
) -> Fault | None:
    if seal.public_key is None:
        stray = "it has a signature and names no key" if signature else ""
        return _fault(number, "seal_signature", stray) if stray else None
    if trusted and seal.public_key not in trusted:
        message = f"the seal is signed with another key than yours: {seal.public_key}"
        return _fault(number, "seal_key", message)
    if signature is None or not _fits(seal, signed, signature):
        message = "the seal was changed after it was signed: its signature does not fit"
        return _fault(number, "seal_signature", message)
    return None


def _fits(seal: Seal, signed: bytes, signature: str) -> bool:
    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(seal.public_key or ""))
        key.verify(bytes.fromhex(signature), signed)
    except (InvalidSignature, ValueError):
        return False
    return True


def _note_signature(chain: Chain, number: int, seal: Seal) -> None:
    if seal.public_key is None:
        chain.unsigned.append(number)
    else:
        chain.unsigned.clear()
        chain.signer = seal.public_key


def _note_time(chain: Chain, number: int, seal: Seal) -> None:
    if seal.created_at < chain.last_at:
        message = f"it says {seal.created_at}, the one before it {chain.last_at}: a clock was wrong"
        chain.clock.append(_fault(number, "seal_clock", message))
    chain.last_at = seal.created_at


def _fault(number: int, rule: str, message: str) -> Fault:
    return Fault(number=number, rule=rule, message=message)
