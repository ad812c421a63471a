"""RAR files of our own making, as far as a test needs: members stored, not compressed.

Layout: the RAR 4 and RAR 5 "technical notes" that come with every unpacker: marker, archive header,
one header and the bytes for each file, end. What is encrypted is noise here: nobody has its password.
"""

import struct
import zlib
from base64 import b85decode
from collections.abc import Collection, Mapping
from types import MappingProxyType

_MARKER = b"Rar!\x1a\x07\x00"
_ARCHIVE, _FILE, _END = 0x73, 0x74, 0x7B
_HAS_DATA, _UNICODE_NAME = 0x8000, 0x0200
_STORED, _UNIX, _FOR_2_0 = 0x30, 3, 20
_LOCKED_HEADS, _LOCKED, _SALTED = 0x80, 0x04, 0x0400
_NOISE = bytes(range(7, 247, 5))

# Made by 7-Zip 26.02: two files of six bytes, a password, nothing else; then the same with its
# header encrypted (-mhe=on); then one file, whose header 7-Zip does not pack.
LOCKED_7Z = b85decode(
    "H+sCUCma9-Y%SY)ga7~l00000ApigX00000<hU8>^(|l!hTs?wQ`ILts75rJ004nA2d)p!^0EvEu*2H-Uqy<TNJ{tJ"
    "oB`j{S(e(n!P?FTSqeb)u?ok<#)Q0kG5~<q`nr%ks;yB&Y}>FND|IuK36YM@^@jD90|ZCZo=cydG)9o>$VkJTQ`6<v"
    "{0YAQuAEAfoCN5Z+u5)8d;kCd7X}ak33LDl3jqKDBLe{e1zi9T000btjtT*V!?f=J00"
)
LOCKED_HEADER_7Z = b85decode(
    "H+sCUCma9-`P(K=kN^Mx00000Jpcdz00000d^*jlN#;(WxMj8u_d6N7+Nr>vbW(I=jRACi$OlroGE}jyJCk#=;Yg9t"
    "%Pq%)mrlfXz^qGnXNw;$&=+lIr_d@R$U5q8F>G9>x?aBY=7t84ll`o|OHAD)P(DUIvjq4<2j-!Aqz(gcGU$-Ky#cfa"
    "i)nbs8IRf`8H##c^<;uF0M>uFkwwUi5H^WTl?int7X}ak34nkA2MYlJ0wf0U2LTdO4@=_%CYX{z_VOEjt=nEpDkB2{"
    "0R>$E5C8xH01R}1jtT+C38Z8I00"
)
LOCKED_SINGLE_7Z = b85decode(
    "H+sCUCma9-XEuNS5C8xG00000VgLXD00000SOJm)`WPawO}G$xhd$B;U^o==0R#pB0SOQQ2MYlJ0wf0U2LTdO59}gw"
    "t{U6@d>OK(ABY$NN+BTu0096D3I+fO3IY8i9$x?e1pyfW01*uUVE`@wbO3k&bN~PV6bb<VFGlax-+<i#6$SwSAb_NS"
    "000"
)


def rar(members: Mapping[str, bytes], *, charset: str = "utf-8") -> bytes:
    """A RAR 4 file with these members; their names in UTF-8, or in the charset of a machine."""
    flags = _HAS_DATA | (_UNICODE_NAME if charset == "utf-8" else 0)
    files = b"".join(
        _block(_FILE, flags, _about(name.encode(charset), body), body)
        for name, body in members.items()
    )
    return _MARKER + _block(_ARCHIVE, 0, bytes(6)) + files + _block(_END, 0x4000, b"")


def _about(name: bytes, body: bytes) -> bytes:
    sizes = struct.pack("<IIBI", len(body), len(body), _UNIX, zlib.crc32(body))
    kinds = struct.pack("<IBBHI", 0x5A21 << 16, _FOR_2_0, _STORED, len(name), 0o100644)
    return sizes + kinds + name


def _block(kind: int, flags: int, about: bytes, data: bytes = b"") -> bytes:
    head = struct.pack("<BHH", kind, flags, 7 + len(about)) + about
    return struct.pack("<H", zlib.crc32(head) & 0xFFFF) + head + data


def locked_rar(
    plain: Mapping[str, bytes] = MappingProxyType({}),
    *,
    heads: bool = False,
    solid: bool = False,
    charset: str = "utf-8",
) -> bytes:
    """A RAR 4 file with a member that a password opens, among readable ones; heads: their headers
    are encrypted as well; solid: each builds on those before it.
    """
    if heads:
        return _MARKER + _block(_ARCHIVE, _LOCKED_HEADS, bytes(6)) + bytes(8) + _NOISE
    files = [
        _block(_FILE, _HAS_DATA, _about(name.encode(charset), body), body)
        for name, body in plain.items()
    ]
    secret = _about("密件.docx".encode(charset), _NOISE) + bytes(8)
    files.insert(1, _block(_FILE, _HAS_DATA | _LOCKED | _SALTED, secret, _NOISE))
    return (
        _MARKER
        + _block(_ARCHIVE, 0x08 if solid else 0, bytes(6))
        + b"".join(files)
        + _block(_END, 0x4000, b"")
    )


def rar5(
    members: Mapping[str, bytes] = MappingProxyType({"a.docx": _NOISE}),
    *,
    locked: Collection[str] = (),
    heads: bool = False,
    solid: bool = False,
) -> bytes:
    """A RAR 5 file of stored members; locked: those that a password opens; heads: its headers as
    well; solid: each builds on those before it.
    """
    marker = b"Rar!\x1a\x07\x01\x00"
    if heads:
        return marker + _block5(4, 0, b"\x00\x00\x0f" + _NOISE[:16]) + _NOISE
    return (
        marker
        + _block5(1, 0, bytes([4 if solid else 0]))
        + b"".join(_file5(name, body, name in locked) for name, body in members.items())
        + _block5(5, 0, b"\x00")
    )


def _file5(name: str, data: bytes, locked: bool) -> bytes:  # noqa: FBT001 - ours
    # A cipher, or a time.
    record = b"\x01\x00\x00\x0f" + _NOISE[:32] if locked else b"\x03\x02" + bytes(8)
    extra = bytes([len(record)]) + record
    sizes, called = _number5(len(data)), name.encode()
    total = struct.pack("<I", zlib.crc32(data))
    mode = _number5(0o100644)
    about = b"\x04" + sizes + mode + total + b"\x00\x01" + bytes([len(called)]) + called
    return _block5(2, 3, bytes([len(extra)]) + sizes + about + extra, data)


def _block5(kind: int, flags: int, about: bytes, data: bytes = b"") -> bytes:
    head = bytes([kind, flags]) + about
    head = _number5(len(head)) + head
    return struct.pack("<I", zlib.crc32(head)) + head + data


def _number5(value: int) -> bytes:
    """Seven bits a byte, lowest first; a longer form than needed is allowed, and RAR writes it."""
    return bytes([value & 0x7F | 0x80, value >> 7 & 0x7F | 0x80, value >> 14])
