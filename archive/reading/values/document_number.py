"""Document numbers (文号): their structure and damage."""

import re

from archive.codebook.phrases import squeezed

_BRACKETS = r"[〔\[（(【﹝〈]"
_CLOSING = r"[〕\]）)】﹞〉]"
_NUMBER = re.compile(
    rf"([\u4e00-\u9fff]{{2,16}}){_BRACKETS}((?:19|20)\d{{2}})(?:年)?{_CLOSING}?(?:第)?(\d{{1,5}})号"
)


def repaired_document_number(printed: str) -> str:
    """A document number with the brackets that GB/T 9704-2012 prescribes (六角括号 〔〕), whichever
    are printed; a lost closing one is put back (the year has four digits, so only one reading is
    possible). Anything else stays as printed.

    >>> repaired_document_number("琼府办〔201451号"), repaired_document_number("国办发[2017] 24 号")
    ('琼府办〔2014〕51号', '国办发〔2017〕24号')
    >>> repaired_document_number("政府令187号")
    '政府令187号'
    """
    found = _NUMBER.fullmatch(squeezed(printed))
    return f"{found.group(1)}〔{found.group(2)}〕{found.group(3)}号" if found else printed


def document_number_in(line: str) -> str | None:
    """A line that is a document number and nothing else, white space gone; None otherwise.

    >>> document_number_in("国发〔2018〕43号"), document_number_in("根据国发〔2018〕43号文件")
    ('国发〔2018〕43号', None)
    """
    bare = squeezed(line)
    return bare if _NUMBER.fullmatch(bare) else None
