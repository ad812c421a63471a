"""What templates and code of the pages say, and the Chinese of it: extracted by Babel.

python -m tests.web.messages brings archive/web/locale/zh.po up to date (make messages): what is said
no more goes, what is new waits for its translation.
"""

from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po, write_po

from archive.codebook.indicators import concepts

ROOT = Path(__file__).resolve().parents[2]
CHINESE = ROOT / "archive/web/locale/zh.po"
KEYWORDS = DEFAULT_KEYWORDS | {"sentence": None}
METHODS = [("**.py", "python"), ("templates/**.html", "jinja2"), ("templates/**.atom", "jinja2")]


def said() -> Catalog:
    """Every message that `_` and its like mark in archive/web, and the notes of concepts."""
    catalogue = Catalog()
    for _, _, message, _, context in extract_from_dir(
        ROOT / "archive/web", METHODS, keywords=KEYWORDS
    ):
        catalogue.add(message, context=context)
    for each in concepts().values():
        if each.note:
            catalogue.add(each.note)
    return catalogue


def chinese() -> Catalog:
    """The catalogue as it stands."""
    with CHINESE.open("rb") as source:
        return read_po(source, locale="zh")


def update() -> None:
    catalogue = chinese()
    catalogue.update(said(), no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    with CHINESE.open("wb") as target:
        write_po(target, catalogue, no_location=True, omit_header=True, sort_output=True, width=0)


if __name__ == "__main__":
    update()
