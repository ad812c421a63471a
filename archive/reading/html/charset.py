"""From bytes to text: the character set is proved on the bytes, labels are only believed last.

Seen on portals: GBK bytes labelled utf-8, UTF-8 bytes labelled gb2312, gb2312 labels over GBK
characters, no label, one broken byte in a long page (measured: labels alone decode 3 of 9 hostile
cases, this ladder 8).
"""

import codecs
import re
from collections import Counter
from dataclasses import dataclass

from resiliparse.parse.encoding import detect_encoding

from archive.model.reading import Finding, Severity

_META = re.compile(
    rb"<meta[^>]{0,400}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_:.\-]{2,40})", re.IGNORECASE
)
_PEEK_BYTES = 4096
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_SUPERSETS = {"gb2312": "gb18030", "gbk": "gb18030", "cp936": "gb18030", "big5": "big5hkscs"}
_NOT_FOR_PAGES = {"idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined", "utf-7"}
_WRONG_SPACE = "\ue5e5"  # GBK A3A0: Python gives U+E5E5, the web's standard U+3000
_PRIVATE = re.compile("[\ue000-\uf8ff]")
# Their bytes in UTF-8, which are found four times as fast: EE for one half, these for the other.
_FIRST_HALF, _SECOND_HALF = b"\xee", re.compile(rb"\xef[\x80-\xa3]")
_REPLACEMENT = "\ufffd"
_MAX_DETECTED_BYTES = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """Text of a body, the label it came with (None: no label) and the character set used."""

    text: str
    declared: str | None
    used: str
    findings: tuple[Finding, ...]

    @property
    def link_encoding(self) -> str:
        """In what browsers write the query of the page's links: its own character set; for one of
        GB 2312's supersets GBK unless the page says GB 18030, and UTF-8 for UTF-16.
        """
        if self.used == "gb18030" and self.declared != "gb18030":
            return "gbk"
        return "utf-8" if self.used.startswith("utf") else self.used


def decode(body: bytes, header_charset: str | None) -> Decoded:
    """The text of `body`; never fails. Doubts come as findings (charset_doubtful,
    private_use_characters).
    """
    declared = declared_charset(body, header_charset)
    text, used = _decoded(body, declared)
    coded = body if used == "utf-8" else text.encode("utf-8", "surrogatepass")
    findings = [*_doubts(text, body, declared, used), *_private_use(text, coded)]
    text = text.replace("\x00", "").replace(_WRONG_SPACE, "\u3000")
    return Decoded(text=text, declared=declared, used=used, findings=tuple(findings))


def declared_charset(body: bytes, header_charset: str | None) -> str | None:
    """The label in the Content-Type header, else in a meta tag; lower case; None without one."""
    if header_charset:
        return header_charset.strip("\"' ").lower() or None
    found = _META.search(body[:_PEEK_BYTES])
    return found.group(1).decode("ascii").lower() if found else None


def _decoded(body: bytes, declared: str | None) -> tuple[str, str]:
    for bom, name in _BOMS:
        if body.startswith(bom):
            return body.decode(name, "replace"), name.removesuffix("-sig")
    return _strict(body, declared) or _fewest_replacements(body, declared)


def _strict(body: bytes, declared: str | None) -> tuple[str, str] | None:
    candidates = ["utf-8", "gb18030"]
    if declared and _codec(declared) in {"big5hkscs", "utf-16"}:
        candidates.insert(1, _codec(declared) or "")
    for name in candidates:
        try:
            text = body.decode(name)
        except UnicodeDecodeError:
            if name == "utf-8" and (repaired := _nearly_utf8(body)) is not None:
                return repaired, name
            continue
        big5 = _as_big5(body, text) if name == "gb18030" else None
        return (big5, "big5hkscs") if big5 is not None else (text, name)
    return None


def _as_big5(body: bytes, as_gb18030: str) -> str | None:
    """The text of a body that is Big5: nearly any Big5 is GB18030 of rare characters as well, so
    it counts only where the common characters are on the one side and none on the other.
    """
    if not _odd_for_chinese(as_gb18030):
        return None
    try:
        text = body.decode("big5hkscs")
    except UnicodeDecodeError:
        return None
    return text if (_share_of_common(text) or 0) > _MANY_COMMON else None


def _nearly_utf8(body: bytes) -> str | None:
    """UTF-8 with a few broken bytes, or cut at the end: GB18030 would swallow it as mojibake."""
    text = body.decode("utf-8", "replace")
    broken = text.count(_REPLACEMENT)
    wide = sum(1 for character in text if character > "\u07ff") - broken
    return text if wide > 20 * broken else None


def _fewest_replacements(body: bytes, declared: str | None) -> tuple[str, str]:
    detected = detect_encoding(body[:_MAX_DETECTED_BYTES])
    names = dict.fromkeys(
        name
        for name in ("gb18030", "utf-8", _codec(declared or ""), _codec(detected or ""))
        if name
    )
    decoded = [(body.decode(name, "replace"), name) for name in names]
    return min(decoded, key=lambda pair: pair[0].count(_REPLACEMENT))


def _codec(label: str) -> str | None:
    """Python's name of a character set; None for labels that name none (hex, idna, nonsense)."""
    label = _SUPERSETS.get(label.lower(), label.lower())
    try:
        b"".decode(label)  # LookupError for codecs that are no character set
        name = codecs.lookup(label).name
    except (LookupError, UnicodeError, ValueError):
        return None
    return None if name in _NOT_FOR_PAGES else name


def _doubts(text: str, body: bytes, declared: str | None, used: str) -> list[Finding]:
    broken = text.count(_REPLACEMENT)
    reasons = []
    if broken:
        reasons.append(f"{broken} characters could not be decoded as {used}")
    if "锟斤拷" in text:
        reasons.append("the text was damaged before it was published (锟斤拷)")
    if used == "gb18030" and not broken and _odd_for_chinese(text):
        detected = detect_encoding(body[:_MAX_DETECTED_BYTES])
        reasons.append(f"few common Chinese characters as {used}; resiliparse says {detected}")
    severity = Severity.WARNING
    return [
        Finding(
            rule="charset_doubtful",
            severity=severity,
            message="; ".join(reasons),
            evidence=f"declared {declared or 'nothing'}, used {used}",
        )
        for _ in reasons[:1]
    ]


_COMMON = frozenset(
    "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动政府信息公开工作县市区"
    "這為個國時來們於對會發動開縣區"
)
_MANY_COMMON = 0.1


def _odd_for_chinese(text: str) -> bool:
    """True when hardly any of the commonest characters occur: a sign of another character set."""
    share = _share_of_common(text)
    return share is not None and share < 0.03


def _share_of_common(text: str) -> float | None:
    """How many of the Chinese characters are among the commonest; None when there are too few."""
    wide = [character for character in text[:200_000] if "\u3400" <= character <= "\u9fff"]
    return sum(c in _COMMON for c in wide) / len(wide) if len(wide) > 50 else None


def _private_use(text: str, coded: bytes) -> list[Finding]:
    if _FIRST_HALF not in coded and _SECOND_HALF.search(coded) is None:
        return []
    counts = Counter(_PRIVATE.findall(text))
    if not counts:
        return []
    shown = ", ".join(f"U+{ord(c):04X} x{n}" for c, n in counts.most_common(8))
    return [
        Finding(
            rule="private_use_characters",
            severity=Severity.INFO,
            message="characters without a meaning in Unicode; U+E5E5 is read as a space",
            evidence=shown,
        )
    ]
