"""Optical reading: what stands on pictures of pages, and where.

knows: pictures, skew, ruled lines, the models of the extra `ocr`.
never knows: forms and indicators, files, network, clock; who starts the process it runs in.
neighbours: files (kinds, PDF pages, Word files), statistics (sums), model (records).
"""

from importlib.metadata import PackageNotFoundError, version

LAYOUT_VERSION = "3"
"""Names the code that finds lines and tables on a picture; it changes when the same picture comes
out otherwise. What was seen by another one is looked at again.
"""


def engine_name() -> str | None:
    """What reads pictures here: program, version, models, and which of our versions finds lines and
    tables; None where the extra is not installed.
    """
    try:
        program = version("rapidocr")
    except PackageNotFoundError:
        return None
    return f"rapidocr {program} PP-OCRv6 small, layout {LAYOUT_VERSION}"
