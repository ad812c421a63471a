"""The file name of a Content-Disposition header; pure.

RFC 6266 and RFC 5987 define its spelling; old portals send raw GBK or UTF-8 bytes, or
percent-encode the plain parameter.
"""

import re
from urllib.parse import unquote_to_bytes

_EXTENDED = re.compile(
    r"filename\*\s{0,4}=\s{0,4}([\w-]{0,20})'[\w-]{0,10}'([^;\s]{1,1024})", re.IGNORECASE
)
_PLAIN = re.compile(
    r"filename\s{0,4}=\s{0,4}(?:\"((?:\\.|[^\"\\]){1,1024})\"|([^;]{1,1024}))", re.IGNORECASE
)


def file_name(header: str | None) -> str | None:
    """The name without any folder; None when the header names none. `header` is latin-1 text, as
    bytes of the wire are usually shown.

    >>> file_name("attachment; filename*=UTF-8''%E5%B9%B4%E6%8A%A5.pdf")
    '年报.pdf'
    >>> file_name('attachment; filename="' + '年报.doc'.encode('gbk').decode('latin-1') + '"')
    '年报.doc'
    """
    if not header:
        return None
    extended = _EXTENDED.search(header)
    if extended:
        raw, charset = unquote_to_bytes(extended[2]), extended[1]
        name = _decoded(raw, charset)
    else:
        plain = _PLAIN.search(header)
        if plain is None:
            return None
        spelled = (plain[1] or plain[2]).strip()
        name = _decoded(unquote_to_bytes(spelled.encode("latin-1", "replace")), "")
    return re.split(r"[/\\]", name)[-1].strip("\x00 .") or None


def _decoded(raw: bytes, charset: str) -> str:
    for candidate in (charset, "utf-8", "gb18030"):
        try:
            return raw.decode(candidate or "ascii")
        except (LookupError, UnicodeDecodeError):
            continue
    return raw.decode("latin-1")
