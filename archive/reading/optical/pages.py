"""All pages of what was handed over, one after another."""

from collections.abc import Callable, Sequence
from typing import Final

from archive.model.finding import Finding, Severity
from archive.model.optical import OpticalDocument, OpticalLimits, OpticalPage
from archive.reading.optical.engine import Engine, Pixels, engine
from archive.reading.optical.page import read_page
from archive.reading.optical.pictures import Picture, Pictures

# Lightest and darkest dot of a page without ink differ by less, of 255.
_INK: Final = 24


def read_pages(
    bodies: Sequence[bytes],
    limits: OpticalLimits,
    spent: Callable[[], float],
    alarm: Callable[[float], None],
) -> OpticalDocument:
    """What was seen; see archive.reading.optical.recognise. Behind a page that took more
    than one may take no other is begun; those that were read stay.
    """
    pictures = Pictures(bodies=bodies, limits=limits)
    models = engine()
    pages: list[OpticalPage] = []
    blank: list[str] = []
    began = spent()
    alarm(limits.seconds_a_page)
    for picture in pictures:
        page = _seen(picture, pictures, models, of=len(pages) + 1)
        alarm(0)
        if page is not None:
            pages.append(page)
        if _is_blank(picture.pixels):
            blank.append(f"picture {picture.source + 1} page {picture.page}")
        if spent() - began > limits.seconds_a_page:
            long = f"page {picture.page} took more than {limits.seconds_a_page:g} seconds"
            pictures.leave_out(picture.source, f"{long}; the pages behind it are not looked at")
            break
        began = spent()
        alarm(limits.seconds_a_page)
    alarm(0)
    if blank:
        pictures.findings.append(
            Finding(
                rule="picture_blank",
                severity=Severity.INFO,
                message=f"{len(blank)} of the pages are blank",
                evidence=", ".join(blank)[:300],
            )
        )
    return OpticalDocument(
        engine=models.name, pages=tuple(pages), findings=tuple(pictures.findings)
    )


def _seen(picture: Picture, pictures: Pictures, models: Engine, *, of: int) -> OpticalPage | None:
    if _is_blank(picture.pixels):
        high, wide = picture.pixels.shape[:2]
        return OpticalPage(
            source=picture.source, page=picture.page, width=wide, height=high, turned=0.0, blocks=()
        )
    try:
        return read_page(picture.pixels, models, source=picture.source, page=picture.page, of=of)
    except Exception as error:  # noqa: BLE001  a page that libraries stumble over is a finding
        why = f"page {picture.page} could not be read"
        pictures.leave_out(picture.source, why, f"{type(error).__name__}: {error}")
        return None


def _is_blank(pixels: Pixels) -> bool:
    """No ink: the models take seconds over it, and may see something."""
    return int(pixels.max()) - int(pixels.min()) < _INK
