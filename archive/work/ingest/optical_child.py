"""Pictures are recognised in a process of their own, which is limited in memory and time: what it
sees goes back as records, and no picture crosses a pipe.
"""

import math
import resource
import signal
import time
from concurrent.futures import Future
from functools import partial
from typing import Final

from archive.model.errors import MessageError
from archive.model.optical import OpticalDocument, OpticalLimits
from archive.store.query.optical import PictureCapture
from archive.warc.folder import WarcFolder
from archive.warc.message import Limits, parse_response
from archive.warc.reader import read_record
from archive.work.ingest.process_pool import Children

RECOGNISING_TIMEOUT_S: Final = 3_600.0  # of all pages together
LIMITS: Final = OpticalLimits()
TASKS_PER_CHILD: Final = 50


class Recognisers:
    """One process that recognises pictures of one WARC folder."""

    def __init__(self, folder: WarcFolder) -> None:
        self._children = Children(
            partial(recognise_captures, folder),
            begin=_prepare,
            processes=1,
            timeout_s=RECOGNISING_TIMEOUT_S,
            tasks_each=TASKS_PER_CHILD,
        )

    def recognise(self, pictures: tuple[PictureCapture, ...]) -> "Future[OpticalDocument]":
        """What is seen on pictures in their order; its future raises TimeoutError when it took too
        long, ChildDiedError when the process died twice over them, WarcError when a record is
        damaged.
        """
        return self._children.submit(pictures)

    def close(self) -> None:
        """Ends the process; what it was at is recognised by the next command."""
        self._children.close()


def engine_of(folder: WarcFolder) -> str:
    """What reads pictures now: program, version and model. CannotRunError: its package is not
    there.
    """
    recognisers = Recognisers(folder)
    try:
        return recognisers.recognise(()).result().engine
    finally:
        recognisers.close()


def recognise_captures(folder: WarcFolder, pictures: tuple[PictureCapture, ...]) -> OpticalDocument:
    """What is seen on pictures; errors as in `Recognisers.recognise`."""
    from archive.reading.optical.recognise import recognise  # noqa: PLC0415 - the parent has no engine

    bodies = [body_of(folder, each) for each in pictures]
    return recognise(bodies, limits=LIMITS, spent=time.process_time, alarm=_alarm)


def body_of(folder: WarcFolder, picture: PictureCapture) -> bytes:
    """The bytes of a picture as it was sent, decoded; b"" where they cannot be had. WarcError: the
    record is damaged.
    """
    record = read_record(folder, picture.spot)
    if not record.is_http:
        return record.block
    try:
        return parse_response(record.block, limits=Limits()).entity(name=picture.url).body
    except MessageError:
        return b""


def _prepare() -> None:
    """Limits the child's memory, and what a page may take of the processor."""
    resource.setrlimit(resource.RLIMIT_AS, (LIMITS.memory, LIMITS.memory))
    signal.signal(signal.SIGPROF, _out_of_time)


def _alarm(seconds: float) -> None:
    """Raises TimeoutError after so many seconds of the processor; 0 raises none. A library that
    never comes back to Python is ended with the process after twice as many.
    """
    signal.setitimer(signal.ITIMER_PROF, seconds)
    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    last = math.ceil(time.process_time() + 2 * seconds) if seconds else most
    last = last if most == resource.RLIM_INFINITY else min(last, most)
    resource.setrlimit(resource.RLIMIT_CPU, (last, most))


def _out_of_time(_number: int, _frame: object) -> None:
    raise TimeoutError(f"it took more than {LIMITS.seconds_a_page:g} seconds of the processor")
