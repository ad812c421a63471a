"""Progress of long work: a bar on a terminal, a line now and then elsewhere."""

import time
from typing import TYPE_CHECKING, TextIO

from archive.model.content import printable

if TYPE_CHECKING:
    import rich.progress

_BAR_WIDTH = 28
_BAR_EVERY_S = 0.1
_LINE_EVERY_S = 10.0


class Progress:
    """A count that moves. Use `Ui.progress`."""

    def __init__(self, label: str, total: int | None, err: TextIO, started_s: float) -> None:
        self._label, self._total, self._err = label, total, err
        self._bar = _Bar(err) if err.isatty() else None
        self._started_s = self._last_s = started_s
        self.done = self._shown = 0

    def step(self, count: int = 1, label: str | None = None, total: int | None = None) -> None:
        """`count` more are done; `label` replaces the words in front, `total` the number of all."""
        self.done += count
        self._label = label or self._label
        self._total = self._total if total is None else total
        now_s = time.monotonic()
        if now_s - self._last_s >= (_BAR_EVERY_S if self._bar else _LINE_EVERY_S):
            self._last_s = now_s
            self._draw()

    def close(self) -> None:
        """Clears the bar; on a plain stream writes the final count if a line was written before."""
        if self._bar is not None:
            self._bar.clear()
        elif self._last_s != self._started_s and self.done != self._shown:
            self._draw()

    def _draw(self) -> None:
        self._shown = self.done
        count = f"{self.done:,}" if self._total is None else f"{self.done:,} of {self._total:,}"
        text = f"{printable(self._label)} {count}"
        if self._bar is not None:
            self._bar.draw(text, self.done, self._total)
        else:
            self._err.write(text + "\n")
            self._err.flush()


class _Bar:
    """A bar on a terminal, drawn by `draw` alone: there is no thread."""

    def __init__(self, err: TextIO) -> None:
        self._err = err
        self._drawn: rich.progress.Progress | None = None

    def draw(self, text: str, done: int, total: int | None) -> None:
        from rich import progress  # noqa: PLC0415 - most commands end before they draw one
        from rich.console import Console  # noqa: PLC0415

        if self._drawn is None:
            words = progress.TextColumn("{task.description}", markup=False)
            self._drawn = progress.Progress(
                progress.BarColumn(_BAR_WIDTH), words,
                console=Console(file=self._err), transient=True, auto_refresh=False,
            )  # fmt: skip
            self._drawn.add_task(text, total=total, completed=done)
            self._drawn.start()
            self._drawn.console.show_cursor()  # a killed process would leave it hidden
        self._drawn.update(
            self._drawn.task_ids[0], description=text, completed=done, total=total, refresh=True
        )

    def clear(self) -> None:
        if self._drawn is not None:
            self._drawn.stop()
