"""Whether reports that are pictures are read."""

from importlib.util import find_spec

from archive.store.query.optical import (
    WantedPictures,
    count_picture_versions,
    count_unreadable_versions,
)
from archive.work.health.result import Result, Subject, good, warn

PACKAGE = "rapidocr"


def pictures_check(subject: Subject) -> Result:
    """Pages whose text is in pictures that nobody has read yet, or that nobody can read."""
    with subject.ledger.read() as connection:
        waiting = count_picture_versions(connection, WantedPictures(engine=None))
        unreadable = count_unreadable_versions(connection)
    if not waiting and unreadable:
        return good(
            f"{unreadable:,} pages or files are pictures that cannot be read; no other waits"
        )
    if not waiting:
        return good("every page that is a picture is read, or there is none")
    saw = f"{waiting:,} pages or files are pictures that are not read"
    if find_spec(PACKAGE) is None:
        return warn(saw, 'pip install "gongkai[ocr]", then gongkai ocr')
    return warn(saw, "gongkai ocr")
