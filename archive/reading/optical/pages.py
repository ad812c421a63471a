"""All pages of what was handed over, one after another."""

from collections.abc import Iterator, Sequence

from archive.model.optical import OpticalDocument, OpticalLimits, OpticalPage
from archive.reading.optical.engine import Engine, engine
from archive.reading.optical.page import read_page
from archive.reading.optical.pictures import Pictures


def read_pages(bodies: Sequence[bytes], limits: OpticalLimits) -> OpticalDocument:
    """What was seen; see archive.reading.optical.recognise."""
    pictures = Pictures(bodies=bodies, limits=limits)
    models = engine()
    pages = tuple(_seen(pictures, models))
    return OpticalDocument(engine=models.name, pages=pages, findings=tuple(pictures.findings))


def _seen(pictures: Pictures, models: Engine) -> Iterator[OpticalPage]:
    number = 0
    for picture in pictures:
        try:
            page = read_page(
                picture.pixels, models, source=picture.source, page=picture.page, of=number + 1
            )
        except Exception as error:  # noqa: BLE001  a page that libraries stumble over is a finding
            why = f"page {picture.page} could not be read"
            pictures.leave_out(picture.source, why, f"{type(error).__name__}: {error}")
            continue
        number += 1
        yield page
