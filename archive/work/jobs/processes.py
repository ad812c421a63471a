"""The processes of a worker's jobs: begun, listened to, ended in order; and how such a process ends
with its worker.
"""

import asyncio
import os
import signal
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

LEAVES_WITHIN: Final = timedelta(seconds=60)
CANNOT_RUN: Final = 4
BUSY: Final = 75  # EX_TEMPFAIL: somebody else has what a job needs
# A request under way is waited for so long.
_LEAVES_WITHIN_S: Final = 45.0
_INTERRUPTED: Final = 3
_SAID_LINES: Final = 20


@dataclass(slots=True)
class Jobs:
    """The jobs that are under way."""

    _children: set[asyncio.subprocess.Process] = field(default_factory=set)
    _stops: bool = False

    def stop(self) -> None:
        """Asks all to end, and those that are begun from now on."""
        self._stops = True
        for child in self._children:
            with suppress(ProcessLookupError):
                child.terminate()

    async def run(self, command: Sequence[str], longest: timedelta) -> tuple[int, list[str]]:
        """One job's process: its exit status, and the last lines that it said. A process that takes
        too long is interrupted, then ended; one that cannot be begun could not run.
        """
        try:
            child = await asyncio.create_subprocess_exec(
                *command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
                start_new_session=True,
                # What a job is about to do says nothing of the worker.
                env={k: v for k, v in os.environ.items() if k != "NOTIFY_SOCKET"},
            )
        except OSError as error:  # no memory, too many processes
            return CANNOT_RUN, [f"it cannot be begun: {error.strerror}"]
        self._children.add(child)
        if self._stops:
            child.terminate()
        said = asyncio.ensure_future(_lines(child))
        try:
            await _within(child, longest)
        finally:
            self._children.discard(child)
            if child.returncode is None:
                child.kill()
        return await child.wait(), await said


def end_with_worker() -> None:
    """From now on this process ends when its worker does, which holds the other end of its standard
    input.
    """
    threading.Thread(target=_end_with_worker, daemon=True).start()


def _end_with_worker() -> None:
    while os.read(0, 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    threading.Event().wait(_LEAVES_WITHIN_S)
    os._exit(_INTERRUPTED)


async def _within(child: asyncio.subprocess.Process, longest: timedelta) -> None:
    for end, allowed in ((child.terminate, longest), (child.kill, LEAVES_WITHIN)):
        try:
            await asyncio.wait_for(child.wait(), allowed.total_seconds())
        except TimeoutError:
            with suppress(ProcessLookupError):
                end()
        else:
            return


async def _lines(child: asyncio.subprocess.Process) -> list[str]:
    """The last lines that a process says."""
    said: list[str] = []
    while child.stdout is not None:
        try:
            line = await child.stdout.readline()
        except ValueError:  # longer than a line may be
            continue
        if not line:
            break
        said = [*said, line.decode("utf-8", "replace").rstrip()][-_SAID_LINES:]
    return [line for line in said if line]
