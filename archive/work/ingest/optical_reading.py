"""A page read with what was seen on its pictures. Runs in a reading process."""

from dataclasses import replace

from archive.model.optical import OpticalFigure, OpticalReading
from archive.model.reading import Reading, Source
from archive.reading.optical.places import certainties, places_of
from archive.reading.read import read
from archive.store.write.optical_documents import unpack_document


def read_with_pictures(source: Source, packed: bytes) -> tuple[Reading, OpticalReading]:
    """What a page says with its pictures, and how sure each figure of them is. packed: what was
    seen, as the ledger keeps it. DamageError: that is damaged.
    """
    document = unpack_document(packed)
    reading = read(replace(source, optical=document))
    placed = places_of(reading, document).figures
    sure = certainties(reading)
    figures = tuple(
        OpticalFigure(position=position, certainty=certainty, place=place)
        for position, (place, certainty) in enumerate(zip(placed, sure, strict=True))
        if place is not None
    )
    return reading, OpticalReading(captured_hash="", figures=figures)
