"""Compound files (OLE, [MS-CFB] version 3) with one stream, and a workbook ([MS-XLS]) inside."""

import struct

SECTOR = 512
END, FREE, FAT = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD


def compound(name: str, stream: bytes) -> bytes:
    """A compound file that holds one stream (padded to the size that needs no mini sectors)."""
    stream = stream.ljust(max(4096, -(-len(stream) // SECTOR) * SECTOR), b"\0")
    sectors = len(stream) // SECTOR
    fat = [FAT, END, *range(3, sectors + 2), END]
    assert len(fat) <= 128
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    head += struct.pack(
        "<HHHHH6xIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, 1, 0, 4096, END, 0, END, 0
    )
    head += struct.pack("<109I", 0, *[FREE] * 108)
    directory = _entry("Root Entry", 5, 1, END, 0) + _entry(name, 2, FREE, 2, len(stream))
    directory += 2 * (bytes(68) + struct.pack("<III", FREE, FREE, FREE) + bytes(48))
    table = struct.pack("<128I", *fat, *[FREE] * (128 - len(fat)))
    return head + table + directory + stream


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


def _entry(name: str, kind: int, below: int, start: int, size: int) -> bytes:
    spelled = name.encode("utf-16-le")
    return (
        spelled.ljust(64, b"\0")
        + struct.pack("<HBBIII", len(spelled) + 2, kind, 1, FREE, FREE, below)
        + bytes(36)
        + struct.pack("<IQ", start, size)
    )
