"""A WARC file as a stream of unpacked bytes, member by member, in bounded memory.

Plain (not compressed) files are one member. Every error names file and offset.
"""

import zlib
from typing import BinaryIO

from archive.model.errors import WarcError
from archive.warc.folder import WarcFile

GZIP_MAGIC = b"\x1f\x8b\x08"
_READ_BYTES = 16 * 1024
_PROBE_BYTES = 512
_UNPACK_BYTES = 256 * 1024


class BrokenError(WarcError):
    """A place from which a file cannot be read on, with the rule that is broken."""

    def __init__(self, path: WarcFile, offset: int, rule: str, message: str) -> None:
        super().__init__(f"{path}, offset {offset}: {message}")
        self._path = path
        self.offset = offset
        self.rule = rule
        self.message = message

    def __reduce__(self) -> tuple[type["BrokenError"], tuple[WarcFile, int, str, str]]:
        """As it travels from a reading process."""
        return BrokenError, (self._path, self.offset, self.rule, self.message)


class Unpacked:
    """Bytes of one member at a time: `next_member` opens one, `read` and `line` end with it.

    member_offset: where the open member begins in the file. packed: False for a plain file.
    """

    def __init__(self, stream: BinaryIO, path: WarcFile) -> None:
        self._stream = stream
        self._path = path
        self._raw = b""
        self._raw_end = 0
        self._engine: zlib._Decompress | None = None
        self._ready = bytearray()
        self._ended = True
        self.member_offset = 0
        self._need_raw(len(GZIP_MAGIC))
        self.packed = self._raw.startswith(GZIP_MAGIC)

    @property
    def position(self) -> int:
        """Offset in the file: of the next packed byte, or of the next byte of a plain file."""
        if self.packed:
            return self._raw_end - len(self._raw)
        return self._raw_end - len(self._raw) - len(self._ready)

    def at_member_end(self) -> bool:
        """Whether nothing is left of the open member."""
        return not self._need(1)

    def next_member(self) -> bool:
        """Opens the next member; False at the end of the file. What is left of the open one is
        dropped. Raises BrokenError (junk) when something else stands there.
        """
        self._ready.clear()
        if not self._need_raw(1):
            return False
        self.member_offset = self.position
        self._ended = False
        if self.packed:
            self._need_raw(len(GZIP_MAGIC))
            if not self._raw.startswith(GZIP_MAGIC):
                raise self.error("junk", "what stands here is no gzip member")
            self._engine = zlib.decompressobj(wbits=31)
        return True

    def seek_member(self) -> bool:
        """After damage: drops bytes up to the next place where a gzip member with a WARC record
        begins; False when there is none.
        """
        self._ready.clear()
        self._ended = True
        # One byte on, or the damaged member would be found again.
        self._stream.seek(self.member_offset + 1)
        self._raw, self._raw_end = b"", self.member_offset + 1
        at = 0
        while True:
            found = self._raw.find(GZIP_MAGIC, at)
            if found < 0:
                self._raw, at = self._raw[-2:], 0
                if not self._read_more():
                    return False
                continue
            if len(self._raw) < found + _PROBE_BYTES:
                self._raw, found = self._raw[found:], 0
                self._need_raw(_PROBE_BYTES)
            if _begins_record(self._raw[found : found + _PROBE_BYTES]):
                self._raw = self._raw[found:]
                return True
            at = found + 1

    def read(self, count: int) -> bytes:
        """Up to `count` bytes; fewer only at the end of the member."""
        piece = self.peek(count)
        del self._ready[: len(piece)]
        return piece

    def peek(self, count: int) -> bytes:
        """Like `read`, and leaves them."""
        self._need(count)
        with memoryview(self._ready) as view:
            return bytes(view[:count])

    def line(self, limit: int) -> bytes:
        """The next line with its end; without one at the end of the member. Raises
        BrokenError when it is longer than `limit`.
        """
        end = self._ready.find(b"\n")
        while end < 0 and len(self._ready) < limit and not self._ended:
            self._unpack()  # no further: behind the head the file may be cut
            end = self._ready.find(b"\n", 0, limit)
        if end < 0 and len(self._ready) >= limit:
            raise self.error("head", f"a header line is longer than {limit} bytes")
        return self.read(end + 1 if end >= 0 else len(self._ready))

    def skip_line(self) -> None:
        """Drops everything through the next line end, however far that is."""
        while (end := self._ready.find(b"\n")) < 0:
            self._ready.clear()
            if not self._need(1):
                return
        del self._ready[: end + 1]

    def error(self, rule: str, message: str) -> BrokenError:
        """An error that names the file and the offset of the open member (in a plain file: of
        the next byte).
        """
        offset = self.member_offset if self.packed else self.position
        return BrokenError(self._path, offset, rule, message)

    def _need(self, count: int) -> bool:
        """Unpacks until `count` bytes are ready or the member ends."""
        while len(self._ready) < count and not self._ended:
            self._unpack()
        return len(self._ready) >= count

    def _unpack(self) -> None:
        if not self._raw and not self._read_more():
            if self._engine is not None:
                self._ended = True
                raise self.error("truncated", "the gzip member is cut")
            self._ended = True
            return
        if self._engine is None:
            self._ready += self._raw
            self._raw = b""
            return
        try:
            self._ready += self._engine.decompress(self._raw, _UNPACK_BYTES)
        except zlib.error as error:
            self._ended = True
            raise self.error("gzip", f"the gzip member is damaged ({error})") from error
        self._ended = self._engine.eof
        self._raw = self._engine.unused_data if self._ended else self._engine.unconsumed_tail

    def _need_raw(self, count: int) -> bool:
        while len(self._raw) < count and self._read_more():
            pass
        return len(self._raw) >= count

    def _read_more(self) -> bool:
        piece = self._stream.read(_READ_BYTES)
        self._raw += piece
        self._raw_end += len(piece)
        return bool(piece)


def _begins_record(raw: bytes) -> bool:
    """Whether a WARC record can be unpacked here: three magic bytes alone occur by chance."""
    try:
        return zlib.decompressobj(wbits=31).decompress(raw, 5) == b"WARC/"
    except zlib.error:
        return False
