"""The entry point of optical reading: pictures in, what was seen out."""

from collections.abc import Callable, Sequence
from typing import Final

from archive.model.errors import CannotRunError
from archive.model.optical import OpticalDocument, OpticalLimits

_USUAL: Final = OpticalLimits()


def _no_alarm(_seconds: float) -> None:
    """No page is ended."""


_MISSING: Final = 'reading pictures needs a package: pip install "gongkai[ocr]"'


def recognise(
    bodies: Sequence[bytes],
    *,
    limits: OpticalLimits = _USUAL,
    spent: Callable[[], float] = float,
    alarm: Callable[[float], None] = _no_alarm,
) -> OpticalDocument:
    """What stands on the pictures of some bodies: each a picture, a PDF or a Word file that holds
    pictures. Pages of a PDF that have a text layer to go by are not looked at.

    Made for a process of its own, which is ended when it takes too much (see OpticalLimits). What
    is not read is a finding. spent: seconds of the processor so far; what stays 0 limits no page.
    alarm: called with the seconds of the processor that the page to come may take, and with 0
    behind the last; raises TimeoutError in the midst of one that takes more.
    CannotRunError: the extra `ocr` is missing.
    """
    try:
        # Half a second and 300 MB, for what most commands never do; and an extra may be missing.
        from archive.reading.optical.pages import read_pages  # noqa: PLC0415
    except ImportError as error:
        raise CannotRunError(f"{_MISSING} ({error})") from None
    return read_pages(bodies, limits, spent, alarm)
