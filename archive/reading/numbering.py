"""Index numbers (索引号) and document numbers (文号): their structure, checksums and damage."""

import re

_BRACKETS = r"[〔\[（(【﹝〈]"
_CLOSING = r"[〕\]）)】﹞〉]"
_DOCUMENT = re.compile(
    rf"[\u4e00-\u9fff]{{2,16}}{_BRACKETS}\s*((?:19|20)\d{{2}})\s*{_CLOSING}\s*(?:第)?\s*(\d{{1,5}})\s*号"
)
_DAMAGED = re.compile(rf"^([\u4e00-\u9fff]{{2,16}}){_BRACKETS}((?:19|20)\d{{2}})(\d{{1,4}})号$")
_INDEX = re.compile(
    r"^([0-9A-Za-z]{7,18}(?:-[0-9A-Za-z]{1,3}){0,2})/((?:19|20)\d{2}(?:\d{2})?)-(\d+)$"
)
_USCC = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_ORGAN_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)


def repaired_document_number(printed: str) -> str:
    """A document number whose closing bracket was lost gets it back (the year has four digits, so
    only one reading is possible); anything else stays as printed.

    >>> repaired_document_number("琼府办〔201451号")
    '琼府办〔2014〕51号'
    >>> repaired_document_number("国办发〔2017〕24号")
    '国办发〔2017〕24号'
    """
    found = _DAMAGED.match("".join(printed.split()))
    return f"{found.group(1)}〔{found.group(2)}〕{found.group(3)}号" if found else printed


def document_number_in(line: str) -> str | None:
    """A line that is a document number and nothing else, white space gone; None otherwise.

    >>> document_number_in("国发〔2018〕43号"), document_number_in("根据国发〔2018〕43号文件")
    ('国发〔2018〕43号', None)
    """
    bare = "".join(line.split())
    return bare if _DOCUMENT.fullmatch(bare) else None


def index_checksum(index_number: str) -> bool | None:
    """Whether the organ's code inside an index number proves itself (GB 11714, GB 32100); None
    when the number carries no such code.

    >>> index_checksum("00826556-4/2018-12252"), index_checksum("113308810026305088/2014-128123")
    (True, True)
    >>> index_checksum("2026-02-00018") is None
    True
    """
    found = _INDEX.match("".join(index_number.split()).upper())
    if not found:
        return None
    code = found.group(1)
    if len(code) == 18:
        return _uscc_holds(code)
    bare = code.split("-")[0] + (code.split("-")[1] if "-" in code else "")
    return _organ_holds(bare) if len(bare) == 9 else None


def division_of(index_number: str) -> str | None:
    """The division code (GB/T 2260) at registration inside a unified social credit code.

    >>> division_of("113308810026305088/2014-128123")
    '330881'
    """
    code = "".join(index_number.split()).split("/")[0]
    return code[2:8] if len(code) == 18 and _uscc_holds(code.upper()) else None


def _uscc_holds(code: str) -> bool:
    if len(code) != 18 or any(character not in _USCC for character in code):
        return False
    total = sum(_USCC.index(c) * w for c, w in zip(code[:17], _USCC_WEIGHTS, strict=True))
    return _USCC[(31 - total % 31) % 31] == code[17]


def _organ_holds(code: str) -> bool:
    total = sum(int(c, 36) * w for c, w in zip(code[:8], _ORGAN_WEIGHTS, strict=True))
    check = 11 - total % 11
    return code[8] == {10: "X", 11: "0"}.get(check, str(check))
