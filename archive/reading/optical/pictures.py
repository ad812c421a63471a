"""The pictures in what was handed over, decoded one after another, within limits."""

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from PIL import Image, ImageOps

from archive.model.finding import Finding, Severity
from archive.model.optical import OpticalLimits
from archive.reading.files.held import HELD
from archive.reading.files.magic import kind_of
from archive.reading.files.memory import as_file
from archive.reading.files.pdf import opened, pages_to_look_at
from archive.reading.files.refusal import RefusedError
from archive.reading.optical.engine import Pixels

_POINTS: Final = 72.0
_FORMATS: Final = {"png": "PNG", "jpeg": "JPEG", "gif": "GIF", "tiff": "TIFF", "bmp": "BMP"}
_SMALLEST: Final = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """One page. source: which body it is of, from 0; page: within that, from 1."""

    source: int
    page: int
    pixels: Pixels


@dataclass(slots=True, kw_only=True)
class Pictures:
    """The pages of bodies in order; findings: what was left out so far."""

    bodies: Sequence[bytes]
    limits: OpticalLimits
    findings: list[Finding] = field(default_factory=list)
    _is_over: bool = False

    def __iter__(self) -> Iterator[Picture]:
        pages = 0
        for source, body in enumerate(self.bodies):
            for page, pixels in self._of(source, body):
                if pages >= self.limits.pages:
                    self.leave_out(source, f"only {self.limits.pages} pages are looked at")
                    return
                pages += 1
                yield Picture(source=source, page=page, pixels=pixels)
            if self._is_over:
                return

    def _of(self, source: int, body: bytes) -> Iterator[tuple[int, Pixels]]:
        try:
            yield from self._decoded(source, body)
        except RefusedError as error:
            self.findings.append(error.finding)
        except Image.DecompressionBombError as error:
            why = f"it has more than {self.limits.pixels} pixels"
            self.leave_out(source, why, str(error))
        except TimeoutError as error:
            self.leave_out(source, "a page could not be decoded or drawn in time", str(error))
            self._is_over = True
        except MemoryError:
            self.leave_out(source, "it needs more memory than recognition may have")
        except Exception as error:  # noqa: BLE001  libraries raise what they like on hostile bytes
            self.leave_out(source, "it is damaged", f"{type(error).__name__}: {error}")

    def _decoded(self, source: int, body: bytes) -> Iterator[tuple[int, Pixels]]:
        if len(body) > self.limits.bytes:
            self.leave_out(source, f"it has more than {self.limits.bytes} bytes")
            return
        kind = kind_of(body) or ""
        if kind in _FORMATS:
            yield from self._frames(source, body, _FORMATS[kind])
        elif kind == "pdf":
            yield from self._drawn(source, body)
        elif kind in HELD:
            for number, picture in enumerate(HELD[kind](body), 1):
                yield from self._held(source, number, picture)
        else:
            self.leave_out(source, "it is neither a picture nor a file that holds any")

    def _held(self, source: int, number: int, picture: bytes) -> Iterator[tuple[int, Pixels]]:
        """A picture that a file holds; a file in a file is none, whatever it holds."""
        if kind_of(picture) in _FORMATS:
            for _, pixels in self._of(source, picture):
                yield number, pixels
        else:
            self.leave_out(source, "it is of a kind that is not read", f"its picture {number}")

    def _frames(self, source: int, body: bytes, name: str) -> Iterator[tuple[int, Pixels]]:
        """The pages of a picture: those of a TIFF, the first of every other kind."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            picture = Image.open(as_file(body), formats=[name])
            for page in range(self.limits.pages + 1 if name == "TIFF" else 1):
                try:
                    picture.seek(page)
                except EOFError:
                    return
                wide, high = picture.size
                if wide * high > self.limits.pixels:
                    self.leave_out(source, f"it has more than {self.limits.pixels} pixels",
                                    f"page {page + 1}: {wide} × {high}")  # fmt: skip
                elif min(wide, high) >= _SMALLEST:
                    yield page + 1, _pixels(picture)

    def _drawn(self, source: int, body: bytes) -> Iterator[tuple[int, Pixels]]:
        """The pages of a PDF that have no text layer to go by, drawn."""
        wanted = pages_to_look_at(body)
        with opened(body) as document:
            for number in wanted:
                page = document[number]
                wide, high = page.get_size()
                scale = self.limits.dpi / _POINTS
                most = (self.limits.pixels / max(wide * high, 1.0)) ** 0.5
                if most < 0.5:
                    self.leave_out(source, "its pages are too large", f"page {number + 1}")
                    continue
                drawn = page.render(scale=min(scale, most), may_draw_forms=False)
                yield number + 1, np.ascontiguousarray(_rgb(drawn.to_numpy()[..., ::-1]))
                page.close()

    def leave_out(self, source: int, why: str, evidence: str = "") -> None:
        """Notes that a body, or a page of it, is not read."""
        self.findings.append(
            Finding(
                rule="picture_unread",
                severity=Severity.WARNING,
                message=f"picture {source + 1} was not read: {why}",
                evidence=evidence[:300],
            )
        )


def _pixels(picture: Image.Image) -> Pixels:
    """Red, green and blue on white paper, as a viewer shows it."""
    shown = ImageOps.exif_transpose(picture)
    if shown.mode in ("RGBA", "LA", "PA") or "transparency" in shown.info:
        shown = shown.convert("RGBA")
        paper = Image.new("RGBA", shown.size, "white")
        shown = Image.alpha_composite(paper, shown)
    return np.asarray(shown.convert("RGB"))


def _rgb(pixels: Pixels) -> Pixels:
    return np.repeat(pixels, 3, axis=2) if pixels.shape[2] == 1 else pixels[..., -3:]
