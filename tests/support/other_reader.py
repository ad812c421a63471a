"""The command with another reader: python -m tests.support.other_reader READER crawl …

READER is a version. Reader 1 reads worse: of a text the first line, three figures, no fields and no
year, and what says 旧版误认 is a soft 404 to it. Every other reads as today's does, under its own
number.
"""

import sys
from dataclasses import replace
from importlib import import_module

import archive.reading

WORSE = "1"
MISTAKEN = "旧版误认"


def _pretend(version: str) -> None:
    for module in [archive.reading, *sys.modules.values()]:  # whoever has taken it from there
        if hasattr(module, "READER_VERSION"):
            module.READER_VERSION = version
    reader = import_module("archive.reading.read")
    hashed = import_module("archive.model.content").content_hash
    today = reader.read

    def worse(source):
        reading = today(source)
        if MISTAKEN in "\n".join(reading.lines):
            reading = replace(reading, soft_404="says nothing")
        if not reading.lines or reading.links:
            return reading
        lines = reading.lines[:1]
        return replace(
            reading, lines=lines, tables=(), figures=reading.figures[:3], statements=(), fields=(), checks=(),
            report_year=None, content_hash=hashed(reading.title, lines), publisher=None,
        )  # fmt: skip

    if version == WORSE:
        reader.read = worse


if __name__ in {"__main__", "__mp_main__"}:  # the reading processes import this module too
    _pretend(sys.argv[1])
if __name__ == "__main__":
    sys.exit(import_module("crawler.cli").main(sys.argv[2:]))
