"""Parts of large commands as jobs: the reread of a portal, the import of a file, one file of an
export. A part is the command itself, narrowed; a worker runs it in a process of its own, beside
others. Ended or killed at any instant it is only run again: each of these commands goes on.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from archive.store.query.health import GIVEN_UP
from archive.work import clock

if TYPE_CHECKING:
    from procrastinate import App

PART: Final = "part"
_BEHIND: Final = -10  # visits have a night to be made in


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """command: what a person would type behind `gongkai`, as a shell reads it. lock: parts of one
    lock are done one after the other, in the order in which they were put.
    """

    command: str
    lock: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueState:
    """What the queue holds. waiting, under_way: how many jobs, by what they are (`visit`, `reread`
    …). given_up: commands of parts that could not be done, with what was said last.
    """

    waiting: Mapping[str, int]
    under_way: Mapping[str, int]
    given_up: Mapping[str, str]


async def put_parts(app: "App", parts: Sequence[Part]) -> int:
    """Puts parts into the queue; how many are new there. Those that had been given up have another
    try.
    """
    wanted = {each.command for each in parts}
    for job in await app.job_manager.list_jobs_async(queue=GIVEN_UP, status="todo"):
        if job.id is not None and job.task_kwargs["command"] in wanted:
            await app.job_manager.cancel_job_by_id_async(job.id, delete_job=True)
    return sum([await put_part(app, each.command, each.lock) for each in parts])


async def put_part(
    app: "App", command: str, lock: str, *, again: int = 0, after: timedelta | None = None
) -> bool:
    """One part; False where it waits already. again: how often in a row it could not be done."""
    from procrastinate.exceptions import AlreadyEnqueued  # noqa: PLC0415 - an extra

    job = app.configure_task(
        PART,
        lock=lock,
        queueing_lock=f"{PART} {command}",
        priority=_BEHIND,
        schedule_at=clock.now() + after if after else None,
        allow_unknown=True,
    )
    try:
        await job.defer_async(command=command, again=again)
    except AlreadyEnqueued:
        return False
    return True


async def give_up(app: "App", command: str, said: str) -> None:
    """Notes a part that could not be done, for people."""
    job = app.configure_task(PART, queue=GIVEN_UP, allow_unknown=True)
    await job.defer_async(command=command, said=said)


async def queue_state(app: "App") -> QueueState:
    """What the queue holds now."""
    waiting: Counter[str] = Counter()
    under_way: Counter[str] = Counter()
    given_up = {}
    for status, counts in (("todo", waiting), ("doing", under_way)):
        for job in await app.job_manager.list_jobs_async(status=status):
            command = str(job.task_kwargs.get("command", job.task_name))
            if job.queue == GIVEN_UP:
                given_up[command] = str(job.task_kwargs["said"])
            else:
                counts[command.split(maxsplit=1)[0]] += 1
    return QueueState(waiting=waiting, under_way=under_way, given_up=given_up)
