"""Whether the text layer of a PDF page is one to go by."""

import re
from enum import StrEnum
from typing import Final

import pypdfium2
import pypdfium2.raw as pdfium

from archive.reading.files.pdf_page import glyphs, has_pictures

_FEW: Final = 20
_MANY: Final = 200
_READABLE: Final = re.compile(r"[\u4e00-\u9fff\u3000-\u303f\uff01-\uff5e\u2010-\u2027 -~·×℃①-⑩]")
_CHINESE: Final = re.compile(r"[\u4e00-\u9fff]")
_MOST: Final = 0.8
# Every page of a report has some of these; a font whose table of characters is wrong, next to none.
_USUAL: Final = frozenset("的年政府信息公开本一二三和申请行为理在有不工作")
_FEWEST: Final = 0.03
_COVERS: Final = 0.6


class Layer(StrEnum):
    """What a page's text is.

    good: to go by. none: there is next to none, and something is drawn. garbled: not the characters
    that are shown. covered: text over a picture of the page, as a scanner's program adds it.
    """

    GOOD = "good"
    NONE = "none"
    GARBLED = "garbled"
    COVERED = "covered"


def layer_of(page: pypdfium2.PdfPage) -> Layer:
    """What the text of a page is."""
    text = "".join("".join(glyph.text for glyph in glyphs(page)).split())
    if len(text) < _FEW:
        return Layer.NONE if has_pictures(page) else Layer.GOOD
    if is_garbled(text):
        return Layer.GARBLED
    return Layer.COVERED if _is_covered(page) else Layer.GOOD


def is_garbled(text: str) -> bool:
    """Whether text is not what anybody wrote: many characters of no script, or Chinese ones that
    no text has so seldom.

    >>> is_garbled("政府信息公开工作年度报告" * 9), is_garbled("䀀䁀爀猀" * 9)
    (False, True)
    """
    if len(_READABLE.findall(text)) < _MOST * len(text):
        return True
    chinese = _CHINESE.findall(text)
    usual = sum(character in _USUAL for character in chinese)
    return len(chinese) >= _MANY and usual < _FEWEST * len(chinese)


def _is_covered(page: pypdfium2.PdfPage) -> bool:
    wide, high = page.get_size()
    for picture in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE], max_depth=2):
        left, bottom, right, top = picture.get_bounds()
        if (right - left) * (top - bottom) >= _COVERS * wide * high:
            return True
    return False
