"""Reads stored captures again, as a crawl read them: with the portal's family, place and posts."""

from concurrent.futures import Future
from typing import Protocol

from archive.model.frontier import WarcSpot
from archive.model.outcome import Role
from archive.warc.reader import MAX_BLOCK_BYTES
from archive.work.ingest.reader_pool import READING_ERRORS, Answer, ReadingTask, refusal


class ReadPage(Protocol):
    """What a capture's reading depends on besides its bytes."""

    @property
    def url(self) -> str:
        """The URL that was asked for."""

    @property
    def role(self) -> Role:
        """What the URL was scheduled as."""

    @property
    def family(self) -> str | None:
        """The portal's CMS family; None when the catalogue does not give it."""

    @property
    def division(self) -> str | None:
        """Code of the portal's place; None when the catalogue does not give it."""

    @property
    def post_body(self) -> str | None:
        """The body of a POST; None for a GET."""


def task_for(
    page: ReadPage, spot: WarcSpot, *, optical: bytes | None = None, listed: str | None = None
) -> ReadingTask:
    """One capture of a page. What made a version was accepted then, cut as it may be. optical: what
    was seen on its pictures; None reads without. listed: what a list calls it; None: not told.
    """
    return ReadingTask(
        spot=spot,
        url=page.url,
        role=page.role,
        family=page.family,
        division=page.division,
        post_body=page.post_body,
        max_bytes=MAX_BLOCK_BYTES,
        although_cut=True,
        optical=optical,
        listed=listed,
    )


def answered(future: "Future[Answer]") -> Answer | str:
    """What a capture gives; a text says why it gives nothing, a defect of ours included: one page
    must not end the work on all others.
    """
    try:
        answer = future.result()
    except READING_ERRORS as error:
        answer = refusal(error)
    except Exception as error:  # noqa: BLE001 - see above
        return f"internal error: {type(error).__name__}: {error}"
    return answer if answer.reading is not None else answer.refused or "there is no body"
