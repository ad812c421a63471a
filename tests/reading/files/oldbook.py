"""A workbook ([MS-XLS]) of one sheet in a compound file."""

import struct

from archive.reading.files.compound import compound


def xls(rows: list[list[str | float]]) -> bytes:
    """An old workbook of one sheet."""
    bof = struct.pack("<HHHHII", 0x600, 5, 0x0DBB, 0x07CC, 0, 6)
    sheet_bof = struct.pack("<HHHHII", 0x600, 0x10, 0x0DBB, 0x07CC, 0, 6)
    name = "统计表".encode("utf-16-le")
    bound = struct.pack("<BBBB", 0, 0, 3, 1) + name
    begin = len(_record(0x809, bof)) + 4 + 4 + len(bound) + len(_record(0x0A))
    book = _record(0x809, bof) + _record(0x85, struct.pack("<I", begin) + bound) + _record(0x0A)
    size = struct.pack("<IIHHH", 0, len(rows), 0, max(map(len, rows)), 0)
    cells = b"".join(
        _cell(row, column, value)
        for row, values in enumerate(rows)
        for column, value in enumerate(values)
    )
    return compound(
        "Workbook", book + _record(0x809, sheet_bof) + _record(0x200, size) + cells + _record(0x0A)
    )


def _cell(row: int, column: int, value: str | float) -> bytes:
    place = struct.pack("<HHH", row, column, 0)
    if isinstance(value, str):
        text = value.encode("utf-16-le")
        return _record(0x204, place + struct.pack("<HB", len(value), 1) + text)
    return _record(0x203, place + struct.pack("<d", value))


def _record(kind: int, data: bytes = b"") -> bytes:
    return struct.pack("<HH", kind, len(data)) + data
