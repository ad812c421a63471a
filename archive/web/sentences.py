"""Sentences that other layers make in English, with values inside, in the language of the page: the
errors of a request, why a run is bad, what a finding says.

A sentence is known by its pattern, so that layers below need no language. One that no pattern knows
stays as it is and is marked as English.
"""

import re
from typing import Final

from markupsafe import Markup

from archive.codebook.rules import ACROSS_YEARS, all_rules
from archive.model.content import printable
from archive.model.reading import Finding
from archive.web.i18n import gettext, spoken

_LONGEST = 600
_PAGES: Final = {
    "gongkai status lists the latest": "see /runs",
    "see gongkai status": "see /reports",
    "`gongkai table --list` has all": "see /indicators",
    "`gongkai export bodies -o bodies.csv` lists all": "see /bodies",
}
_PLACE = re.compile(r"%\((\w+)\)s")
_CELL = re.compile(r"table (?P<table>\d{1,6}) row (?P<row>\d{1,6}) column (?P<column>\d{1,6})")
_LINE = re.compile(r"^line (?P<number>\d{1,9})")
# What stands behind the words of a rule that does not hold: its two sides.
_SIDES = re.compile(r"\A[\d.+-]+ (≠|>|and) [\d.+-]+")


def sentence(pattern: str) -> str:
    """A sentence of another layer, marked for the catalogue (tests/web/messages.py)."""
    return pattern


PATTERNS: Final = (
    sentence("there is nothing at this URL"),
    sentence("there is no parameter %(name)s here"),
    sentence("it takes %(names)s"),
    sentence("did you mean %(names)s?"),
    sentence("the parameter %(name)s is missing"),
    sentence("%(name)s must be a whole number of %(least)s to %(most)s"),
    sentence("%(name)s must be true or false"),
    sentence("%(name)s has more than %(count)s characters"),
    sentence("%(name)s cannot be %(given)s"),
    sentence("%(name)s is given %(count)s times"),
    sentence("give it once"),
    sentence("%(name)s: %(given)s is not a date such as 2016-09-30"),
    sentence("%(name)s: the value has a NUL or another control character"),
    sentence("no page has the URL %(url)s"),
    sentence("nearest: %(urls)s"),
    sentence("the archive knows no URL like it"),
    sentence("%(url)s is the end of several URLs: %(urls)s"),
    sentence("give more of it"),
    sentence("%(url)s has versions 1 to %(count)s, not %(number)s"),
    sentence("the archive has no portal %(name)s"),
    sentence("see /reports"),
    sentence("see /runs"),
    sentence("see /indicators"),
    sentence("no division is called %(name)s"),
    sentence("give its code, such as %(code)s"),
    sentence("%(code)s is no division code of GB/T 2260 since %(year)s"),
    sentence("%(name)s is the name of %(count)s places"),
    sentence("%(name)s is the name of %(count)s public bodies"),
    sentence("give one of %(names)s"),
    sentence("give %(names)s"),
    sentence("no agency has %(name)s in its name"),
    sentence("the query %(query)s has no word of two characters"),
    sentence("give at least two together, such as %(example)s"),
    sentence("the query is longer than %(count)s characters"),
    sentence("give a shorter phrase"),
    sentence("This is withdrawn from public view: %(reason)s"),
    sentence("something went wrong inside"),
    sentence("the log of this server says what"),
    sentence("run %(run)s: none of %(count)s URLs gave content"),
    sentence("the archive has no run %(run)s"),
    sentence("%(count)s URLs are left"),
    sentence("look at the bad portals below"),
    sentence("the same crawl asks one again"),
    sentence("see which reports are missing, and whether a section was moved"),
    sentence("see whether anything else is wrong"),
    sentence("%(reached)s of %(count)s URLs reached"),
    sentence("%(reached)s of %(count)s URLs reached in %(portals)s portals"),
    sentence("%(count)s URLs left"),
    sentence("the same command goes on"),
    sentence("nothing was due"),
    sentence("its lists, read completely on %(day)s, do not name it"),
    sentence("its lists were read last on %(day)s"),
    sentence("its lists were never read completely in a good run"),
    sentence("no public body has the number %(number)s"),
    sentence("no public body has %(name)s in its name"),
    sentence("no public body is called %(name)s"),
    sentence("it is not the report that speaks for a body and year, so it is compared with none"),
    sentence("it was not compared yet: the next crawl, import or reread does"),
    sentence("beside the format it has only %(count)s shingles: too few to compare"),
    sentence("since %(first)s is not before %(last)s"),
    sentence("see /bodies"),
    sentence("see /coverage"),
    sentence("no province has the code %(code)s"),
    sentence("there is no concept or indicator %(name)s"),
    sentence("the answer takes too long"),
    sentence("ask for less: a rarer word, a filter"),
    sentence("too many questions wait"),
    sentence("ask again soon"),
    sentence("%(scope)s: %(count)s rows of the form have no value in this report"),
    sentence("%(count)s rows of the form have no value in this report"),
    sentence("%(count)s × labels that may mean several rows have no indicator"),
    sentence("%(count)s × rows printed a second time have no indicator"),
    sentence("%(count)s × cells that are no number have no value"),
    sentence("%(count)s × cells that fit no column have no indicator"),
    sentence("%(count)s × cells are blank or hold a placeholder: not given, not zero"),
    sentence("%(count)s × printed units are not those of the form"),
    sentence("%(count)s × rows are printed without any value"),
    sentence("%(count)s × values stand in rows that have none in the form"),
    sentence("a table is too large to be a table of a report and was not read"),
    sentence("the prose gives no number that a table gives too"),
    sentence("text of a table stands outside its grid"),
    sentence("it is kept behind the table's rows"),
    sentence("the text is a page of its own that is shown in a frame"),
    sentence("the kind of the compound file is not known"),
    sentence("a document farm's copy"),
    sentence("%(count)s pictures, %(length)s characters: the text is in the pictures"),
)


def on_pages(said: str) -> str:
    """A sentence of another layer with the pages that help in place of commands.

    >>> on_pages("the archive has no run 9; see gongkai status")
    'the archive has no run 9; see /runs'
    """
    if said.startswith("the archive has no run "):
        return said.replace("see gongkai status", "see /runs")
    for command, page in _PAGES.items():
        said = said.replace(command, page)
    return said


def told(said: str) -> Markup:
    """A sentence for a template, in the language of the page where it is known."""
    said = on_pages(said)
    if spoken().language == "en":
        return Markup.escape(printable(said))
    parts = [_translated(part) for part in said[:_LONGEST].split("; ")]
    if len(said) > _LONGEST or parts[0] is None:
        return Markup('<span lang="en">{}</span>').format(printable(said))
    whole = zip(parts, said.split("; "), strict=True)
    return Markup.escape(printable("；".join(known or part for known, part in whole)))


def finding_words(finding: Finding) -> Markup:
    """What a finding says: a rule that does not hold in the words of the codebook, anything else as
    `told` has it.
    """
    words, _, sides = finding.message.rpartition(": ")
    scope, _, text = words.rpartition(": ")
    rule = next(
        (each for each in all_rules() if each.id == finding.rule
         and (each.text == text or each.kind == ACROSS_YEARS)), None,
    )  # fmt: skip
    if rule is None or len(sides) > _LONGEST or not _SIDES.fullmatch(sides):
        return told(finding.message)
    if spoken().language == "zh":
        said = Markup('<span lang="zh-Hans">{}</span>').format(rule.text)
        sides = sides.replace(" and ", "、")
    else:
        said = Markup.escape(rule.text_en)
    about = Markup("{}: ").format(printable(scope)) if scope else Markup()
    return Markup("{}{}: {}").format(about, said, sides)


def placed(text: str | None) -> str:
    """Text that names cells and lines, these in the language of the page."""
    cell, line = (
        gettext("table %(table)s row %(row)s column %(column)s"),
        gettext("line %(number)s"),
    )
    named = _CELL.sub(lambda found: cell % found.groupdict(), text or "")
    return _LINE.sub(lambda found: line % found.groupdict(), named)


def _translated(part: str) -> str | None:
    for pattern in PATTERNS:
        values = _values(pattern, part)
        if values is not None:
            return gettext(pattern) % values
    return None


def _values(pattern: str, said: str) -> dict[str, str] | None:
    """What stands in the places of a pattern, each as little as it can be; None where the sentence
    is another one. Each word of the pattern is looked for once: a regular expression goes back.

    >>> _values("give %(names)s", "give 320613, 320602")
    {'names': '320613, 320602'}
    """
    pieces = _PLACE.split(pattern)
    begins, *words = pieces[::2]
    if not said.startswith(begins) or not said.endswith(pieces[-1]):
        return None
    found: dict[str, str] = {}
    at = len(begins)
    for name, word in zip(pieces[1::2], words, strict=True):
        is_last = len(found) == len(words) - 1
        end = len(said) - len(word) if is_last else said.find(word, at + 1)
        if end <= at:
            return None
        found[name], at = said[at:end], end + len(word)
    return found if at == len(said) else None
