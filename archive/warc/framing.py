"""Where an HTTP answer ends (RFC 9112 section 6, as browsers read it); pure.

One rule for two readers: the crawler, which must know when an answer is over, and everybody who
reads the kept bytes later. Both feed the same follower, so that they cannot read two answers.
"""

import re
from dataclasses import dataclass
from enum import Enum

from archive.model.errors import MessageError
from archive.warc.coding import CHUNKED_MISLABELLED, Limits
from archive.warc.head import END_BYTES, Head, end_of_head, end_of_line, may_begin, read_head

LAST_CHUNK_MISSING = "chunked body is cut before its last chunk"
NO_LAST_LINE = "the empty line behind the last chunk is missing"
LENGTH_AND_CHUNKS = "Content-Length beside chunks; the chunks count, as in browsers"
_CHUNK_LINE = re.compile(rb"\A[ \t]*0*([0-9A-Fa-f]{1,15})[ \t]*(?:;[^\n]*)?\r*")
_MAX_CHUNK_LINE_BYTES = 16 * 1024
_MAX_TRAILER_BYTES = 64 * 1024
_MAX_INTERIM_HEADS = 50
_HEXADECIMAL = frozenset(b"0123456789abcdefABCDEF")
_BODILESS = frozenset({204, 205, 304})


class Kind(Enum):
    """What ends a body."""

    NONE = "none"
    LENGTH = "length"
    CHUNKED = "chunked"
    CLOSE = "close"


@dataclass(frozen=True, slots=True, kw_only=True)
class Framing:
    """How a body is delimited.

    length: the bytes promised; None unless kind is LENGTH. refused: why browsers show no such
    answer; None when they do. remark: None, or what the head declares twice.
    """

    kind: Kind
    length: int | None = None
    refused: str | None = None
    remark: str | None = None


def framing_of(head: Head | None) -> Framing:
    """How the body behind `head` ends. None (no status line) is a body up to the end."""
    if head is None:
        return Framing(kind=Kind.CLOSE)
    if head.is_interim or head.status in _BODILESS:
        return Framing(kind=Kind.NONE)
    if "chunked" in head.tokens("transfer-encoding"):
        remark = LENGTH_AND_CHUNKS if head.all("content-length") else None
        return Framing(kind=Kind.CHUNKED, remark=remark)
    lengths = {_length(each) for each in ",".join(head.all("content-length")).split(",")} - {None}
    if len(lengths) > 1:
        several = ", ".join(sorted(str(each) for each in lengths)[:3])
        refused = f"Content-Length is given as {several}: browsers refuse such an answer"
        return Framing(kind=Kind.CLOSE, refused=refused)
    if lengths:
        return Framing(kind=Kind.LENGTH, length=lengths.pop())
    return Framing(kind=Kind.CLOSE)


def _length(text: str) -> int | None:
    digits = text.strip()
    if not (digits.isascii() and digits.isdigit()):
        return None
    return int(digits) if len(digits.lstrip("0")) <= 18 else None


class Chunks:
    """Takes chunks off (RFC 9112 section 7.1), whatever pieces the bytes come in; extensions and
    trailers are left out, LF is taken for CRLF.

    over: the last chunk and its empty line were seen, or what stands there is no chunk (damage).
    plain: the body is not chunked at all, although its head declares it.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._pending = b""
        self._base = 0  # where in the body the bytes begin that are looked at
        self._left = 0
        self._count = 0
        self._behind_data = False
        self._trailer_bytes: int | None = None  # None: the last chunk was not seen
        self.plain = False
        self.over = False
        self.damage: str | None = None
        self.surplus_bytes = 0

    def feed(self, data: bytes) -> list[bytes]:
        """The pieces of the body that `data` brings. Raises MessageError beyond the limits."""
        if self.plain:
            return [data]
        data, self._pending = self._pending + data, b""
        pieces: list[bytes] = []
        position = 0
        while position < len(data) and not self.over:
            if self._left:
                position = self._data(data, position, pieces)
                continue
            end = data.find(b"\n", position, position + _MAX_CHUNK_LINE_BYTES)
            if end < 0 and self._may_go_on(data, position):
                self._pending = data[position:]
                break
            position = self._line(data, position, end)
            if position < 0:
                return [data]
        self._base += position
        self.surplus_bytes += len(data) - position if self.over else 0
        return pieces

    def missing(self) -> str | None:
        """What is lost when nothing more comes; None when nothing is."""
        if self.damage or self.over or self.plain or self._trailer_bytes is not None:
            return self.damage
        return "chunked body is cut inside a chunk" if self._left else LAST_CHUNK_MISSING

    @property
    def remark(self) -> str | None:
        """What is wrong although nothing was lost; None when nothing is."""
        if self.plain:
            return CHUNKED_MISLABELLED
        return NO_LAST_LINE if self._trailer_bytes is not None and not self.over else None

    def _data(self, data: bytes, position: int, pieces: list[bytes]) -> int:
        piece = data[position : position + self._left]
        pieces.append(piece)
        self._left -= len(piece)
        self._behind_data = not self._left
        return position + len(piece)

    def _may_go_on(self, data: bytes, position: int) -> bool:
        """Whether a line without its end may become one that belongs here."""
        rest = data[position:].lstrip(b" \t\r")
        if len(data) - position >= _MAX_CHUNK_LINE_BYTES:
            return False
        return not rest or self._trailer_bytes is not None or rest[0] in _HEXADECIMAL

    def _line(self, data: bytes, position: int, end: int) -> int:
        """Takes one line; `end` is below 0 where it has none and cannot become one. Where to go
        on; below 0 when nothing here is a chunk.
        """
        line = data[position : end if end >= 0 else position + _MAX_CHUNK_LINE_BYTES]
        if self._behind_data:
            # Behind the data a line end; where it is missing, the next size stands there.
            self._behind_data = False
            return position if line.strip(b"\r") else end + 1
        if self._trailer_bytes is not None:
            self._trailer(line)
        elif line.strip() or end < 0:
            self._size(line, position)
        if self.plain:
            return -1
        return position if self.damage else end + 1

    def _trailer(self, line: bytes) -> None:
        self._trailer_bytes = (self._trailer_bytes or 0) + len(line) + 1
        if self._trailer_bytes > _MAX_TRAILER_BYTES:
            raise MessageError("the trailer behind the chunks does not end")
        self.over = not line.strip(b"\r")

    def _size(self, line: bytes, position: int) -> None:
        match = _CHUNK_LINE.fullmatch(line)
        if match is None:
            self.plain = self._count == 0
            self.over = not self.plain
            self.damage = None if self.plain else self._damaged(position)
            return
        self._count += 1
        if self._count > self._limits.max_chunks:
            raise MessageError(f"more than {self._limits.max_chunks} chunks; not decoded")
        self._left = int(match[1], 16)
        self._trailer_bytes = None if self._left else 0

    def _damaged(self, position: int) -> str:
        return f"chunked body is damaged at byte {self._base + position}"


class Heads:
    """Follows the heads of an answer: any number of interim ones, then the final one.

    head: the last head that came; None where there is no status line (all is body).
    start: where the final head begins; interim heads lie before it. end: where the body begins.
    is_over: the final head has come; nothing of what follows is a head.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._looked_through = 0
        self._count = 0
        self.buffer = b""
        self.head: Head | None = None
        self.start = 0
        self.end = 0
        self.is_over = False

    def feed(self, data: bytes) -> None:
        """Takes more bytes in. Raises MessageError when heads are longer than the limits allow."""
        self.buffer += data
        while not self.is_over and self._another():
            pass

    def close(self) -> None:
        """No more bytes come: a head that was cut has the fields that arrived."""
        if self.is_over:
            return
        cut = read_head(self.buffer, self.end, len(self.buffer))
        if cut is not None:
            self.head, self.start, self.end = cut, self.end, len(self.buffer)
        self.is_over = True

    def _another(self) -> bool:
        """Whether one more head was found, or it was found that there is none."""
        if not may_begin(self.buffer, self.end):
            self.is_over = True
            return True
        stop = self.end + self._limits.max_head_bytes
        end = None
        if end_of_line(self.buffer, self.end) is not None:
            end = end_of_head(self.buffer, self.end, stop, self._looked_through)
        if end is None:
            if len(self.buffer) > stop:
                raise MessageError(f"the head is longer than {self._limits.max_head_bytes} bytes")
            self._looked_through = len(self.buffer) - END_BYTES
            return False
        self._take(end)
        return True

    def _take(self, end: int) -> None:
        head = read_head(self.buffer, self.end, end)
        self._looked_through = end
        if head is None:
            self.is_over = True
            return
        self.head, self.start, self.end = head, self.end, end
        self.is_over = not head.is_interim
        self._count += 1
        if self._count > _MAX_INTERIM_HEADS:
            raise MessageError(f"more than {_MAX_INTERIM_HEADS} interim answers")


class Body:
    """Follows a body, still content-coded, to its end.

    over: nothing more belongs to it. surplus_bytes: what came behind its end all the same.
    """

    def __init__(self, framing: Framing, limits: Limits) -> None:
        self.framing = framing
        self._chunks = Chunks(limits) if framing.kind is Kind.CHUNKED else None
        self._left = framing.length or 0
        self._surplus_bytes = 0

    @property
    def over(self) -> bool:
        """Whether nothing more belongs to it (True too where browsers refuse to read on)."""
        if self._chunks is not None:
            return self._chunks.over
        if self.framing.kind is Kind.CLOSE:
            return self.framing.refused is not None
        return not self._left

    @property
    def surplus_bytes(self) -> int:
        """How many bytes came behind its end."""
        return self._chunks.surplus_bytes if self._chunks else self._surplus_bytes

    def feed(self, data: bytes) -> list[bytes]:
        """The pieces of it that `data` brings. Raises MessageError beyond the limits."""
        if self._chunks is not None:
            return self._chunks.feed(data)
        if self.framing.kind is Kind.CLOSE:
            return [data]
        piece = data[: self._left]
        self._left -= len(piece)
        self._surplus_bytes += len(data) - len(piece)
        return [piece]

    def missing(self) -> str | None:
        """What is lost when nothing more comes; None when the body is whole."""
        if self._chunks is not None:
            return self._chunks.missing()
        if self._left:
            return f"body is {self._left} bytes shorter than Content-Length"
        return self.framing.refused

    @property
    def is_cut(self) -> bool:
        """Of a body that misses something: whether that is its end alone."""
        return not (self.framing.refused or (self._chunks and self._chunks.damage))

    @property
    def remark(self) -> str | None:
        """What is wrong although nothing was lost; None when nothing is."""
        remarks = [self.framing.remark, self._chunks.remark if self._chunks else None]
        if self.surplus_bytes:
            remarks.append(f"{self.surplus_bytes} bytes behind the end of the answer were left out")
        return "; ".join(filter(None, remarks)) or None


class Follower:
    """Follows one answer on the wire and detects its end."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self.heads = Heads(limits)
        self.body: Body | None = None  # None until the final head has come

    def feed(self, data: bytes) -> None:
        """Takes more bytes in. Raises MessageError when the answer costs more than allowed."""
        if self.body is None:
            self.heads.feed(data)
            if not self.heads.is_over:
                return
            self.body = Body(framing_of(self.heads.head), self._limits)
            data = self.heads.buffer[self.heads.end :]
            self.heads.buffer = b""
        self.body.feed(data)

    @property
    def over(self) -> bool:
        """Whether nothing more belongs to the answer."""
        return self.body is not None and self.body.over

    @property
    def lacks_nothing(self) -> bool:
        """Whether the answer is whole though its end was not seen (the last empty line)."""
        return (
            self.body is not None
            and self.body.framing.kind is not Kind.CLOSE
            and not self.missing()
        )

    def missing(self) -> str | None:
        """What is lost when the connection ends here; None when the answer is whole."""
        return "the head is cut" if self.body is None else self.body.missing()

    @property
    def may_reuse(self) -> bool:
        """Whether the connection can carry another exchange (RFC 9112 section 9.3). Only behind
        an answer without any doubt: what else came could be taken for the next one.
        """
        head = self.heads.head
        if head is None or not self.over or self.body is None or self.body.remark or head.remark:
            return False
        named = head.tokens("connection")
        return "close" not in named and (head.version == "1.1" or "keep-alive" in named)
