"""One page of a picture as a browser gets it: image bytes, whatever the file says it is."""

import io
from collections.abc import Callable

import pypdfium2
import pytest
from PIL import Image

from archive.reading.files.picture import picture_of
from archive.reading.files.refusal import RefusedError
from tests.reading.files.office import docx_of_pictures, ofd_of_pictures

PNG = b"\x89PNG\r\n\x1a\n"


def made(name: str, pages: int = 1, side: int = 60) -> bytes:
    first, *others = [Image.new("RGB", (side, side), (0, 0, n)) for n in range(pages)]
    out = io.BytesIO()
    more = {"save_all": True, "append_images": others} if others else {}
    first.save(out, name, **more)
    return out.getvalue()


def made_pdf() -> bytes:
    document = pypdfium2.PdfDocument.new()
    document.new_page(595, 842)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "media_type"), [("PNG", "image/png"), ("JPEG", "image/jpeg"), ("GIF", "image/gif")]
)
def test_what_browsers_know_stays_as_it_is(name: str, media_type: str) -> None:
    body = made(name)
    assert picture_of(body, 1) == (media_type, body)


def test_pages_of_tiff_and_pdf_are_drawn_as_png() -> None:
    for body, page in ((made("TIFF", 3), 3), (made("BMP"), 1), (made_pdf(), 1)):
        media_type, picture = picture_of(body, page)
        assert media_type == "image/png"
        assert picture.startswith(PNG)


@pytest.mark.parametrize("holding", [docx_of_pictures, ofd_of_pictures])
def test_pictures_that_a_file_holds_are_its_pages(holding: Callable[..., bytes]) -> None:
    body = holding(made("PNG"), made("JPEG"), made("BMP"))
    assert [picture_of(body, page)[0] for page in (1, 2, 3)] == [
        "image/png", "image/jpeg", "image/png",
    ]  # fmt: skip
    assert picture_of(body, 2)[1] == made("JPEG")
    for page, held in ((4, body), (1, holding(holding(made("PNG")))), (1, holding(b"<svg/>"))):
        with pytest.raises(RefusedError):
            picture_of(held, page)


@pytest.mark.parametrize(
    "body", [b"", b"<html><script>alert(1)</script>", b"<svg onload='x'/>", PNG + b"<svg/>"[:0], made("TIFF")[:40],
             b"%PDF-1.4 broken", made("PNG")[:8].replace(b"PNG", b"SVG")],
)  # fmt: skip
def test_nothing_else_is_given_out(body: bytes) -> None:
    """A picture that is cut stays a picture, with its type."""
    try:
        media_type, picture = picture_of(body, 1)
    except RefusedError:
        return
    assert media_type == "image/png"
    assert picture.startswith(PNG)


@pytest.mark.parametrize(
    ("body", "page"), [(made("PNG"), 2), (made("TIFF", 2), 3), (made_pdf(), 2)]
)
def test_a_page_that_is_not_there_is_refused(body: bytes, page: int) -> None:
    with pytest.raises(RefusedError):
        picture_of(body, page)


def test_a_picture_of_too_many_pixels_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("archive.reading.files.picture.MAX_PIXELS", 3_000)
    with pytest.raises(RefusedError, match="too large"):
        picture_of(made("TIFF", 2), 2)
