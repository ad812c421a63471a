"""Bytes that are no text in any character set: what a page must not be read from. Pure."""

import codecs
import re
from typing import Final

_MARKUP: Final = re.compile(
    rb"<(?:!doctype|\?xml|html|head|body|meta|title|script|table|div|span)\b", re.IGNORECASE
)
_CONTROLS: Final = bytes(sorted({*range(1, 32), 127} - {*b"\t\n\v\f\r\x1b"}))
_BOMS: Final = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_CHARSETS: Final = ("utf-8", "gb18030", "big5hkscs")
_PROBE_BYTES: Final = 64 * 1024
_MAX_CONTROLS: Final = 0.01  # noise has a tenth
_MAX_IN_MARKUP: Final = 0.05  # packed bytes can hold a few tags as they were
_MAX_LOST: Final = 0.05


def is_binary(body: bytes) -> bool:
    """Whether a body that is called text is none: it has many control characters, or no character
    set can decode it. NULs in mark-up are a page's (UTF-16, padding).

    >>> is_binary("甲县2021年报".encode("gbk")), is_binary(bytes(range(256)))
    (False, True)
    """
    probe = body[:_PROBE_BYTES]
    if not probe or probe.startswith(_BOMS):
        return False
    spoken = probe.replace(b"\0", b"")
    nuls, controls = len(probe) - len(spoken), len(spoken) - len(spoken.translate(None, _CONTROLS))
    if _MARKUP.search(spoken):
        return controls > _MAX_IN_MARKUP * len(probe)
    return nuls + controls > _MAX_CONTROLS * len(probe) or _lost(spoken) > _MAX_LOST


def _lost(probe: bytes) -> float:
    """The share of characters that no character set can decode."""
    texts = [probe.decode(name, "replace") for name in _CHARSETS]
    return min(text.count("\ufffd") / len(text) for text in texts)
