"""Which records of the ledger are really in the WARC folder.

A revisit, and the validators that ask for a 304, rest on a record of an earlier visit. Where that
is gone (its file lost, cut or replaced) they would leave us without any bytes, so the visit is kept
whole instead: an archive heals by crawling, as far as the portals still have what it lost.
"""

import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from io import BytesIO
from typing import Final

from archive.model.errors import CannotRunError, WarcError
from archive.model.frontier import Lease, WarcSpot
from archive.warc.bucket import BucketError
from archive.warc.folder import BucketFolder, WarcFolder, file_of, is_warc_file, local, sizes
from archive.warc.growing import OPEN_SUFFIX
from archive.warc.scan import Scanner

_MAX_OPEN: Final = 64
_HEAD_BYTES: Final = 4096
_WITH_BODY: Final = ("response", "resource")


class Holdings:
    """Looks records up by their head, at one read each; files stay open. For one thread.

    lost: file name and offset of records that are known to be damaged.
    Of a file in a bucket only the size is looked at: its digest was compared when it was moved.
    """

    def __init__(self, folder: WarcFolder, lost: Collection[tuple[str, int]] = ()) -> None:
        self._folder = folder
        self._lost = lost
        self._files: dict[str, tuple[int, int] | None] = {}

    def close(self) -> None:
        """Lets go of the files."""
        for name in list(self._files):
            self._drop(name)

    def checked(self, lease: Lease) -> Lease:
        """The lease, its previous capture marked where its record is not there any more."""
        previous = lease.previous
        if previous is None or self.has_previous(lease):
            return lease
        return replace(lease, previous=replace(previous, held=False))

    def has_previous(self, lease: Lease) -> bool:
        """Whether the record of the previous capture is there; False when there was none."""
        previous = lease.previous
        return previous is not None and self.holds(previous.spot, previous.payload_digest)

    def holds(self, spot: WarcSpot, payload_digest: str | None) -> bool:
        """Whether a record with a body and that payload digest lies at the spot, as far as its head
        and the size of its file can tell; `gongkai verify` looks at all of its bytes.
        """
        if (spot.file, spot.offset) in self._lost:
            return False
        file, end = self._file(spot), spot.offset + spot.length
        if file is None:
            return self._is_moved(spot.file, end)
        if file[1] < end:
            return False
        try:
            raw = os.pread(file[0], _HEAD_BYTES, spot.offset)
        except OSError:
            return False
        head = next(Scanner(BytesIO(raw), self._folder / spot.file).heads(), None)
        if head is None or head.offset or head.record_type not in _WITH_BODY:
            return False
        return payload_digest is None or head.get("WARC-Payload-Digest") == payload_digest

    def reaches(self, spot: WarcSpot) -> bool:
        """Whether the file is here, and long enough."""
        file, end = self._file(spot), spot.offset + spot.length
        return file[1] >= end if file is not None else self._is_moved(spot.file, end)

    def _file(self, spot: WarcSpot) -> tuple[int, int] | None:
        """Descriptor and size. A file is looked at again only when it seems too short: it may be
        the one that grows.
        """
        name = spot.file
        if name not in self._files:
            if len(self._files) >= _MAX_OPEN:
                self._drop(next(iter(self._files)))
            self._files[name] = self._opened(name)
        file = self._files[name]
        if file is not None and file[1] < spot.offset + spot.length:
            file = self._files[name] = (file[0], os.fstat(file[0]).st_size)
        return file

    def _opened(self, name: str) -> tuple[int, int] | None:
        try:
            descriptor = os.open(str(file_of(local(self._folder), name)), os.O_RDONLY)
        except (OSError, WarcError):
            return None
        return descriptor, os.fstat(descriptor).st_size

    def _is_moved(self, name: str, end: int) -> bool:
        """Whether it lies in the bucket, and up to there. A bucket that cannot be asked has it not:
        the page is kept whole then, and the run goes on.
        """
        try:
            return isinstance(self._folder, BucketFolder) and (
                (self._folder / name).stat().st_size >= end
            )
        except (OSError, BucketError):
            return False

    def _drop(self, name: str) -> None:
        file = self._files.pop(name)
        if file is not None:
            os.close(file[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class Differences:
    """Where folder and ledger do not fit. missing: files that are not there, or are shorter than
    what was committed. unknown: files that the ledger does not know, or that hold more than it
    knows. Both by name, in order. known: files whose damage is known (`gongkai repair`); they are
    neither.
    """

    missing: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    known: frozenset[str] = frozenset()

    def faults(self) -> tuple[str, ...]:
        """What is wrong and what helps, a sentence each; () when all is well."""
        found = []
        if self.missing:
            found.append(
                f"WARC files are missing or cut ({_named(self.missing)}): `gongkai verify` names"
                " what is lost, `gongkai repair` asks for what the portals still have"
            )
        if self.unknown:
            found.append(
                f"WARC files hold more than the ledger knows ({_named(self.unknown)}): if the"
                " ledger is an older copy restore the newest; files of others belong elsewhere"
            )
        return tuple(found)

    def grown(self, folder: WarcFolder, ends: Mapping[str, int]) -> "Differences":
        """The same with what is missing by now; errors as in `differences`. A bucket that cannot be
        asked tells nothing new.
        """
        try:
            missing = {*self.missing, *differences(folder, ends, self.known).missing}
        except BucketError:
            return self
        return replace(self, missing=tuple(sorted(missing)))


def differences(
    folder: WarcFolder, ends: Mapping[str, int], known: frozenset[str] = frozenset()
) -> Differences:
    """Where the folder does not fit what the ledger has committed (`ends`, bytes by file name).
    known: files whose damage is known.
    CannotRunError when the folder or its bucket cannot be looked at.
    """
    try:
        found = sizes(folder)
    except OSError as error:
        raise CannotRunError(f"cannot read {folder}: {error.strerror}") from error
    missing = [
        name
        for name, end in ends.items()
        if max(found.get(name, -1), found.get(name + OPEN_SUFFIX, -1)) < end
    ]
    unknown = [
        name
        for name, size in sorted(found.items())
        if is_warc_file(name)
        and (name.removesuffix(OPEN_SUFFIX) not in ends or size > ends.get(name, size))
    ]
    return Differences(
        missing=tuple(sorted({*missing} - known)),
        unknown=tuple(each for each in unknown if each.removesuffix(OPEN_SUFFIX) not in known),
        known=known,
    )


def _named(names: tuple[str, ...]) -> str:
    more = f" and {len(names) - 1} more" if len(names) > 1 else ""
    return f"{names[0]}{more}"
