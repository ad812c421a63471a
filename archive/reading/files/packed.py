"""Zip containers, opened with limits on the number, the size and the ratio of their members.

A member is unpacked piece by piece and dropped as soon as it grows beyond its limit, whatever the
directory claims.
"""

import struct
import zipfile
import zlib
from typing import Final

from archive.reading.files.memory import as_file
from archive.reading.files.refusal import RefusedError

MAX_MEMBERS: Final = 4_000
MAX_MEMBER_BYTES: Final = 48 * 1024**2
MAX_UNPACKED_BYTES: Final = 128 * 1024**2
MAX_RATIO: Final = 400
_SMALL_BYTES: Final = 4 * 1024**2
_ENCRYPTED: Final = 0x1
_UTF8_NAME: Final = 0x800
_PIECE_BYTES: Final = 256 * 1024
# What zipfile raises on damaged bytes and on methods it does not know.
_DAMAGE: Final = (
    zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, struct.error,
    NotImplementedError, RuntimeError, OverflowError, LookupError,
)  # fmt: skip


class Packed:
    """The members of a zip file. Raises RefusedError where it cannot be trusted."""

    def __init__(self, body: bytes) -> None:
        try:
            self._zip = zipfile.ZipFile(as_file(body))
        except _DAMAGE as error:
            raise RefusedError("file_damaged", "the zip container is damaged", str(error)) from None
        members = self._zip.infolist()
        if len(members) > MAX_MEMBERS:
            raise RefusedError(
                "file_too_large", f"the zip container has more than {MAX_MEMBERS} members"
            )
        self._members = {_name(member): member for member in members if not member.is_dir()}
        self._unpacked_bytes = 0

    @property
    def names(self) -> tuple[str, ...]:
        """The members' names in the directory's order, folders left out."""
        return tuple(self._members)

    def read(self, name: str) -> bytes:
        """The bytes of a member; RefusedError when it is absent, encrypted, damaged or a bomb."""
        member = self._members.get(name)
        if member is None:
            raise RefusedError("file_damaged", "a part of the file is missing", name)
        if member.flag_bits & _ENCRYPTED:
            raise RefusedError("file_encrypted", "a part of the file is encrypted", name)
        try:
            return self._unpack(member, name)
        except _DAMAGE as error:
            raise RefusedError(
                "file_damaged", "a part of the file is damaged", f"{name}: {error}"
            ) from None

    def _unpack(self, member: zipfile.ZipInfo, name: str) -> bytes:
        pieces: list[bytes] = []
        size_bytes = 0
        with self._zip.open(member) as stream:
            while piece := stream.read(_PIECE_BYTES):
                size_bytes += len(piece)
                self._unpacked_bytes += len(piece)
                self._stay_within(size_bytes, member, name)
                pieces.append(piece)
        return b"".join(pieces)

    def _stay_within(self, size_bytes: int, member: zipfile.ZipInfo, name: str) -> None:
        if size_bytes > MAX_MEMBER_BYTES or self._unpacked_bytes > MAX_UNPACKED_BYTES:
            raise RefusedError("file_too_large", "a part of the file unpacks to too much", name)
        if size_bytes > _SMALL_BYTES and size_bytes > MAX_RATIO * max(member.compress_size, 1):
            raise RefusedError(
                "file_too_large", f"a part of the file unpacks to more than {MAX_RATIO} ×", name
            )


def _name(member: zipfile.ZipInfo) -> str:
    """Chinese zip programs write GBK names without saying so; zipfile reads them as cp437."""
    name = member.filename
    if not member.flag_bits & _UTF8_NAME and not name.isascii():
        try:
            name = name.encode("cp437").decode("gb18030")
        except UnicodeError:
            return name
    return name.replace("\\", "/")
