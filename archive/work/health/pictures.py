"""Whether reports that are pictures are read."""

from archive.reading.optical import engine_name
from archive.store.query.optical import (
    WantedPictures,
    count_picture_versions,
    count_unreadable_versions,
)
from archive.work.health.result import Result, Subject, good, warn


def pictures_check(subject: Subject) -> Result:
    """Pages whose text is in pictures that nobody has read yet, or that nobody can read; and those
    that an earlier version has read.
    """
    engine = engine_name()
    with subject.ledger.read() as connection:
        waiting = count_picture_versions(connection, WantedPictures(engine=None))
        earlier = count_picture_versions(connection, WantedPictures(engine=engine)) - waiting
        unreadable = count_unreadable_versions(connection)
    if not waiting and earlier:
        return warn(f"{earlier:,} pages or files are read by an earlier version", "gongkai ocr")
    if not waiting and unreadable:
        return good(
            f"{unreadable:,} pages or files are pictures that cannot be read; no other waits"
        )
    if not waiting:
        return good("every page that is a picture is read, or there is none")
    saw = f"{waiting:,} pages or files are pictures that are not read"
    if engine is None:
        return warn(saw, 'pip install "gongkai[ocr]", then gongkai ocr')
    return warn(saw, "gongkai ocr")
