"""The models: where text stands on a picture, and what a cut-out of one line says."""

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray
from rapidocr import RapidOCR

from archive.reading.optical import engine_name

Pixels: TypeAlias = NDArray[Any]
"""Rows of pixels: grey, or red, green and blue."""

_TALLEST: Final = 2_600
_CUT: Final = 1_800
_SLACK: Final = 400
_PARAMETERS: Final = {
    "Global.log_level": "critical",
    "Global.use_cls": False,
    "Global.use_preprocess_img": False,
    "Global.use_vertical_padding": False,
    "Det.limit_side_len": 64,  # a sheet has the size that it needs
    "EngineConfig.onnxruntime.intra_op_num_threads": 1,
    "EngineConfig.onnxruntime.inter_op_num_threads": 1,
    "Rec.rec_img_shape": [3, 48, 96],  # digits by the hundred: a batch is as wide as its widest
    "Rec.rec_batch_num": 8,
}


class Engine:
    """The models of rapidocr's wheel, on one thread. Making one takes a second and 200 MB.

    name: as `engine_name` says.
    """

    name: Final = str(engine_name())

    def __init__(self) -> None:
        self._models = RapidOCR(params=dict(_PARAMETERS))

    def detect(self, pixels: Pixels) -> Pixels:
        """The corners of every line of text, clockwise from the upper left: n × 4 × 2."""
        found = [np.empty((0, 4, 2))]
        for top, part in _tiles(pixels):
            boxes = getattr(self._models(part, use_det=True, use_rec=False), "boxes", None)
            if boxes is not None and len(boxes):
                found.append(np.asarray(boxes, dtype=float) + np.array([0, top]))
        return np.concatenate(found)

    def read(self, crops: Sequence[Pixels]) -> list[tuple[str, float]]:
        """What each cut-out says, and how sure the model is (0 to 1)."""
        usable = [number for number, crop in enumerate(crops) if min(crop.shape[:2]) >= 2]
        told = [("", 0.0)] * len(crops)
        if not usable:
            return told
        seen = self._models.recognize_txt([crops[number] for number in usable])
        for number, text, score in zip(usable, seen.txts or (), seen.scores or (), strict=True):
            told[number] = text.strip(), float(score)
        return told


@cache
def engine() -> Engine:
    """The engine of this process."""
    return Engine()


def _tiles(pixels: Pixels) -> Iterator[tuple[int, Pixels]]:
    """A tall picture in pieces, cut where a row of pixels is most even; each with its top."""
    top, height = 0, pixels.shape[0]
    while height - top > _TALLEST:
        rows = pixels[top + _CUT - _SLACK : top + _CUT + _SLACK].astype(np.int16)
        spread = rows.reshape(len(rows), -1).std(axis=1)
        calm = np.convolve(spread, np.ones(9) / 9, mode="same")
        end = top + _CUT - _SLACK + int(calm.argmin())
        yield top, pixels[top:end]
        top = end
    yield top, pixels[top:]
