"""One page of a picture, or of a file that holds some, as a browser shows it: image bytes only."""

import warnings
from itertools import islice
from typing import Final

import pypdfium2
from PIL import Image

from archive.reading.files.held import HELD
from archive.reading.files.magic import kind_of
from archive.reading.files.memory import as_file
from archive.reading.files.refusal import RefusedError

MAX_BYTES: Final = 20 * 1024 * 1024
MAX_PIXELS: Final = 80_000_000
_AS_THEY_ARE: Final = {"png": "image/png", "jpeg": "image/jpeg", "gif": "image/gif"}
_PNG: Final = "image/png"
_REDRAWN: Final = {"tiff": "TIFF", "bmp": "BMP"}
_DPI, _POINTS = 120, 72
_LONGEST: Final = 2_400


def picture_of(body: bytes, page: int) -> tuple[str, bytes]:
    """Media type and bytes of one page, from 1: a picture that browsers know as it is, all others
    drawn anew as PNG. Never mark-up, whatever the bytes: what they are is looked up in them.
    RefusedError: there is no such page, or it is damaged or too large.
    """
    try:
        kind = kind_of(body) or ""
        if kind in _AS_THEY_ARE and page == 1 and len(body) <= MAX_BYTES:
            return _AS_THEY_ARE[kind], body
        if kind in _REDRAWN:
            return _PNG, _frame(body, page, _REDRAWN[kind])
        if kind == "pdf":
            return _PNG, _drawn(body, page)
        if kind in HELD:
            held = next(islice(HELD[kind](body), page - 1, None), b"")
            return picture_of(held if kind_of(held) not in HELD else b"", 1)
    except RefusedError:
        raise
    except Exception as error:  # noqa: BLE001  libraries raise what they like on hostile bytes
        raise RefusedError("file_damaged", "the picture is damaged", str(error)) from None
    raise RefusedError("file_damaged", "there is no such picture, or it is too large")


def _frame(body: bytes, page: int, name: str) -> bytes:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        picture = Image.open(as_file(body), formats=[name])
        picture.seek(page - 1)
        if picture.width * picture.height > MAX_PIXELS:
            raise RefusedError("file_too_large", "the picture is too large to be shown")
        return _png(picture.convert("RGB"))


def _drawn(body: bytes, page: int) -> bytes:
    document = pypdfium2.PdfDocument(body)
    try:
        sheet = document[page - 1]
        wide, high = sheet.get_size()
        scale = min(_DPI / _POINTS, _LONGEST / max(wide, high, 1.0))
        return _png(sheet.render(scale=scale, may_draw_forms=False).to_pil())
    finally:
        document.close()


def _png(picture: Image.Image) -> bytes:
    picture.thumbnail((_LONGEST, _LONGEST))
    out = as_file(b"")
    picture.save(out, "PNG")
    return out.getvalue()
