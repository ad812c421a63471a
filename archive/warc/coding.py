"""Content codings (RFC 9110 section 8.4.1) taken off under limits.

A body from the web may be a bomb, cut, or not coded at all although its header says so. A bomb
is refused (MessageError); everything else gives what could be decoded and reports what is wrong.
"""

import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import zstandard

from archive.model.errors import MessageError

try:
    import brotli
except ImportError:  # pragma: no cover - one of the two branches always stays unused
    brotli = None

GZIP_MISLABELLED = "header says gzip, the body is not"
UNANNOUNCED = "{} that no header names was unpacked"
CHUNKED_MISLABELLED = "header says chunked, the body is not"
GZIP_MAGIC = b"\x1f\x8b\x08"
_ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
_ZLIB_HEADS = (b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda")  # RFC 1950, by level
_CHECK_SUM_BYTES = 8
_WRONG_CHECK_SUM = re.compile(r"incorrect (?:data|length) check")
_PROBE_BYTES = 1024
_ZSTD_WINDOW_BYTES = 8 * 1024 * 1024
_ZSTD_STEP_BYTES = 256
_NO_CODINGS = frozenset({"none", "null", "binary", "7bit", "8bit", "plain", "text", "html"})
_STEP_BYTES = 64 * 1024
# Below this size a high ratio is no attack: 1 MiB of blanks is a page somebody forgot to fill.
_RATIO_FREE_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one HTTP message may cost. Beyond any of these it is refused with MessageError.

    max_head_bytes: status line and headers. max_inflated_bytes: the entity after decoding.
    max_ratio: inflated bytes for each coded byte (counts from 1 MiB up).
    max_chunks: pieces of a chunked body. max_members: members of a gzip body.
    max_codings: codings stacked on one another.
    """

    max_head_bytes: int = 256 * 1024
    max_inflated_bytes: int = 64 * 1024 * 1024
    max_ratio: int = 200
    max_chunks: int = 1_000_000
    max_members: int = 1_000
    max_codings: int = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """Bytes after a coding was taken off.

    damage: None, or what was lost: the body is then only what could be decoded.
    is_cut: of what is damaged: True when nothing but the end is missing, so that browsers show it.
    remark: None, or what the headers declare wrongly although nothing was lost (browsers show such
        pages).
    """

    body: bytes
    damage: str | None = None
    is_cut: bool = False
    remark: str | None = None


class _Sink:
    """Collects inflated bytes and refuses a body that inflates without end."""

    def __init__(self, coded_bytes: int, limits: Limits) -> None:
        self._pieces: list[bytes] = []
        allowed = max(_RATIO_FREE_BYTES, coded_bytes * limits.max_ratio)
        self._room = min(limits.max_inflated_bytes, allowed)

    def add(self, piece: bytes) -> None:
        self._room -= len(piece)
        if self._room < 0:
            raise MessageError("the body inflates beyond every limit; it was not decoded")
        self._pieces.append(piece)

    def joined(self) -> bytes:
        return b"".join(self._pieces)


def decode(coding: str, body: bytes, limits: Limits) -> Decoded:
    """`body` without one content coding. A coding that nobody knows is damage; what names no
    coding at all (a charset, none) leaves the body as it is and reports it.

    Raises MessageError when the body inflates beyond `limits`.
    """
    decoder = _DECODERS.get(coding)
    if coding == "identity" or not body:
        return Decoded(body=body)
    if decoder is None and _names_no_coding(coding):
        return Decoded(body=body, remark=f"content coding {coding!r} is not known")
    if decoder is None:
        return Decoded(body=body, damage=f"content coding {coding!r} is not known")
    decoded = decoder(body, limits)
    if decoded.damage and not decoded.is_cut and body.lstrip()[:1] in (b"<", b"{", b"["):
        return Decoded(body=body, remark=f"header says {coding}, the body is not")
    return decoded


def unpack_unannounced(body: bytes, limits: Limits) -> Decoded | None:
    """Gzip, zstd or zlib that no header names, or once more than it declares, taken off; None when
    there is none, or when it holds a file.

    Raises MessageError when it inflates beyond `limits`.
    """
    decoded, names = Decoded(body=body), list[str]()
    while (name := _packed_by(decoded.body)) is not None and len(names) < limits.max_codings:
        unpacked = _DECODERS[name](decoded.body, limits)
        # Two bytes of zlib occur in text as well: only what unpacks as a whole was packed.
        if unpacked.damage and (name == "deflate" or not unpacked.is_cut):
            return None
        decoded = unpacked
        names.append({"deflate": "zlib"}.get(name, name))
    if not names or b"\0" in decoded.body[:_PROBE_BYTES]:
        return None
    return replace(decoded, remark=UNANNOUNCED.format(", ".join(dict.fromkeys(names))))


def _packed_by(body: bytes) -> str | None:
    if body.startswith(GZIP_MAGIC):
        return "gzip"
    if body.startswith(_ZSTD_MAGIC):
        return "zstd"
    return "deflate" if body.startswith(_ZLIB_HEADS) else None


def _names_no_coding(coding: str) -> bool:
    """Whether the word is of another header (utf-8, none, 8bit, text/html): servers mix them up."""
    if coding in _NO_CODINGS or "/" in coding:
        return True
    try:
        "".encode(coding)
    except (LookupError, UnicodeError, ValueError):
        return False
    return True


def _pieces(body: bytes) -> Iterator[bytes]:
    """Small steps: an engine copies the input it has not used yet at every call."""
    for start in range(0, len(body), _STEP_BYTES):
        yield body[start : start + _STEP_BYTES]


def _drain(engine: "zlib._Decompress", piece: bytes, sink: _Sink) -> None:
    """Everything `piece` inflates to, in steps of bounded size."""
    while piece and not engine.eof:
        sink.add(engine.decompress(piece, _STEP_BYTES))
        piece = engine.unconsumed_tail


def _gunzip(body: bytes, limits: Limits) -> Decoded:
    if not body.startswith(b"\x1f\x8b"[: len(body)]):
        return Decoded(body=body, remark=GZIP_MISLABELLED)
    sink = _Sink(len(body), limits)
    try:
        left_out = _gunzip_members(body, sink, limits)
    except zlib.error as error:
        damage = f"gzip body is damaged ({error})"
        whole = _without_check_sum(body, limits) if _is_wrong_check_sum(error) else None
        if whole is not None:
            return Decoded(body=whole, damage=damage, is_cut=True)
        return Decoded(body=sink.joined(), damage=damage)
    if left_out is None:
        return Decoded(body=sink.joined(), damage="gzip body is cut")
    if left_out < 0:
        damage = "the check sum is missing, gzip body is cut"
        return Decoded(body=sink.joined(), damage=damage, is_cut=True)
    remark = f"{left_out} bytes behind the end of gzip were left out" if left_out else None
    return Decoded(body=sink.joined(), remark=remark)


def _without_check_sum(body: bytes, limits: Limits) -> bytes | None:
    """All data of a body whose last check sum is wrong, as if it was missing: a new try shows
    whether the wire or the server did it. None when data are missing, too.
    """
    sink = _Sink(len(body), limits)
    try:
        left_out = _gunzip_members(body[:-_CHECK_SUM_BYTES], sink, limits)
    except zlib.error:
        return None
    return sink.joined() if left_out == -1 else None


def _gunzip_members(body: bytes, sink: _Sink, limits: Limits) -> int | None:
    """How many bytes stand behind the last member; None when that is cut, -1 when only its check
    sum is missing. Fed piece by piece: handing over the whole rest for each member would be
    quadratic.
    """
    members, start, pending = 0, 0, b""
    engine = zlib.decompressobj(wbits=31)
    while pending or start < len(body):
        piece = pending or body[start : start + _STEP_BYTES]
        start += 0 if pending else len(piece)
        _drain(engine, piece, sink)
        pending = engine.unused_data
        if engine.eof:
            members += 1
            if members > limits.max_members:
                raise MessageError("the gzip body has too many members; it was not decoded")
            following = pending + body[start : start + 2] if len(pending) < 2 else pending
            if not following.startswith(b"\x1f\x8b"):
                return len(pending) + len(body) - start
            engine = zlib.decompressobj(wbits=31)
    return -1 if _lacks_check_sum(engine) else None


def _lacks_check_sum(engine: "zlib._Decompress") -> bool:
    """Whether all data came and only the bytes behind them did not: then whatever else stands
    there is a wrong check sum, and nothing else is wrong. (Inside the data one of the two fillers
    would be data: no code is both all zeros and all ones.)
    """
    return all(_ends_with(engine.copy(), filler) for filler in (b"\0", b"\xff"))


def _ends_with(engine: "zlib._Decompress", filler: bytes) -> bool:
    """One byte after the other: what they become must be seen before an error hides it."""
    try:
        return not any(engine.decompress(filler) for _ in range(_CHECK_SUM_BYTES)) and engine.eof
    except zlib.error as error:
        return _is_wrong_check_sum(error)


def _is_wrong_check_sum(error: zlib.error) -> bool:
    """Whether all data came, and only the CRC or the length behind them belies them."""
    return _WRONG_CHECK_SUM.search(str(error)) is not None


def _inflate(body: bytes, limits: Limits) -> Decoded:
    """`deflate` means zlib (RFC 9110 section 8.4.1.2), but some servers send it raw."""
    zlib_headed = len(body) > 1 and body[0] & 15 == 8 and (body[0] << 8 | body[1]) % 31 == 0
    sink = _Sink(len(body), limits)
    engine = zlib.decompressobj(wbits=15 if zlib_headed else -15)
    try:
        for piece in _pieces(body):
            _drain(engine, piece, sink)
    except zlib.error as error:
        return Decoded(body=sink.joined() or body, damage=f"deflate body is damaged ({error})")
    return Decoded(body=sink.joined(), damage=None if engine.eof else "deflate body is cut")


def _unbrotli(body: bytes, limits: Limits) -> Decoded:
    if brotli is None:  # pragma: no cover - brotli is in the lock; a bare install says so
        return Decoded(body=body, damage="content coding 'br' needs the package brotli")
    sink = _Sink(len(body), limits)
    engine = brotli.Decompressor()
    try:
        for piece in _pieces(body):
            sink.add(engine.process(piece, output_buffer_limit=_STEP_BYTES))
            while not engine.is_finished() and not engine.can_accept_more_data():
                sink.add(engine.process(b"", output_buffer_limit=_STEP_BYTES))
    except brotli.error:
        return Decoded(body=sink.joined() or body, damage="brotli body is damaged")
    damage = None if engine.is_finished() else "brotli body is cut"
    return Decoded(body=sink.joined(), damage=damage)


def _unzstd(body: bytes, limits: Limits) -> Decoded:
    """RFC 8878; windows beyond 8 MiB are refused as browsers do (RFC 9659)."""
    sink = _Sink(len(body), limits)
    decompressor = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW_BYTES)
    engine = decompressor.decompressobj()
    position = 0
    try:
        while position < len(body) or engine.eof:
            if engine.eof:
                position -= len(engine.unused_data)
                if position >= len(body):
                    return Decoded(body=sink.joined())
                engine = decompressor.decompressobj()
            # Four bytes can become 128 KiB: a step must not inflate to more than memory bears.
            sink.add(engine.decompress(body[position : position + _ZSTD_STEP_BYTES]))
            position = min(position + _ZSTD_STEP_BYTES, len(body))
    except zstandard.ZstdError as error:
        return Decoded(body=sink.joined() or body, damage=f"zstd body is damaged ({error})")
    return Decoded(body=sink.joined(), damage="zstd body is cut")


_DECODERS: dict[str, Callable[[bytes, Limits], Decoded]] = {
    "gzip": _gunzip,
    "x-gzip": _gunzip,
    "deflate": _inflate,
    "br": _unbrotli,
    "zstd": _unzstd,
}
