"""Pictures of reports as the archive holds them, one page at a time: read and drawn in a process of
its own, which is limited in memory and time. The last ones stay at hand.
"""

import resource
from collections import OrderedDict
from concurrent.futures import TimeoutError as FutureTimeoutError
from functools import partial
from threading import Lock
from typing import Final, TypeAlias

from archive.model.errors import DamageError, NotFoundError, TooSlowError
from archive.store.query.optical import PictureCapture
from archive.warc.folder import WarcFolder
from archive.work.ingest.optical_child import body_of
from archive.work.ingest.process_pool import ChildDiedError, Children

Picture: TypeAlias = tuple[str, bytes]
"""Media type and bytes."""

DRAWING_TIMEOUT_S: Final = 15.0
MEMORY_LIMIT_BYTES: Final = 2 * 1024**3
_TASKS: Final = 200
_KEPT_BYTES: Final = 64 * 1024 * 1024


class Pictures:
    """The pictures of one WARC folder."""

    def __init__(self, folder: WarcFolder) -> None:
        self._children = Children(
            partial(_draw, folder), begin=_limit_memory, processes=1,
            timeout_s=DRAWING_TIMEOUT_S, tasks_each=_TASKS,
        )  # fmt: skip
        self._kept: OrderedDict[tuple[int, int], Picture] = OrderedDict()
        self._lock = Lock()

    def picture(self, capture: PictureCapture, page: int) -> Picture:
        """One page of what was captured, from 1. NotFoundError: there is none that can be shown.
        TooSlowError: it takes too long.
        """
        key = capture.capture_id, page
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        try:
            found: Picture | str = self._children.submit((capture, page)).result()
        except FutureTimeoutError:
            raise TooSlowError("the picture takes too long to be drawn") from None
        except (ChildDiedError, DamageError) as error:
            raise NotFoundError(f"the picture cannot be shown: {error}") from None
        if isinstance(found, str):
            raise NotFoundError(f"the picture cannot be shown: {found}")
        self._keep(key, found)
        return found

    def close(self) -> None:
        """Ends the process."""
        self._children.close()

    def _keep(self, key: tuple[int, int], found: Picture) -> None:
        with self._lock:
            self._kept[key] = found
            while sum(len(body) for _, body in self._kept.values()) > _KEPT_BYTES:
                self._kept.popitem(last=False)


def _draw(folder: WarcFolder, task: tuple[PictureCapture, int]) -> Picture | str:
    """In the child: the picture, or why there is none."""
    from archive.reading.files.picture import picture_of  # noqa: PLC0415 - the parent draws nothing
    from archive.reading.files.refusal import RefusedError  # noqa: PLC0415 - the same

    capture, page = task
    try:
        return picture_of(body_of(folder, capture), page)
    except RefusedError as error:
        return error.finding.message


def _limit_memory() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT_BYTES, MEMORY_LIMIT_BYTES))
