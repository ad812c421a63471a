"""Numbers that a report states in its prose, each with the sentence that says so."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from itertools import zip_longest

from archive.codebook.prose import NUMBER, Fact, prose_words
from archive.model.content import narrow, squeezed
from archive.model.reading import CellState, Period, Statement

_MAX_LINE = 20_000
_MAX_SENTENCE = 600
_MIN_LINE, _MIN_CLAUSE = 4, 2
_MAX_BEFORE, _MAX_BEHIND = 60, 24
_SENTENCE = re.compile(r"[^。!?]+")
_PART = re.compile(r"[^;]+")
_CLAUSE = re.compile(r"[^,:()]+")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_HAN = "一二三四五六七八九"
_UNITS = (
    "人次|件次|条次|场次|期次|件|条|份|宗|起|例|封|篇|项|则|次|期|场|班|批|名|人|位|个|处|所|家"
)
_COUNTED = re.compile(
    rf"(?<![\d.,])(?P<number>\d{{1,9}}(?:\.\d{{1,4}})?)(?:(?P<money>万?元)|(?P<wan>万?)(?P<unit>{_UNITS}))?"
    rf"|(?<![第每逐同统单唯其初某之百千万几数{_HAN}十])"
    rf"(?P<han>[{_HAN}]?十[{_HAN}]?|[零两{_HAN}])(?P<unit_of_han>{_UNITS})(?!性)"
)
# Sentences without any of these say no number, and do not say that there was none.
_COUNT = re.compile(
    rf"\d(?:[件条份宗起例封篇项则次期场班批名人位个处所家万元、,:()]|$)|[零两十{_HAN}](?:{_UNITS})"
)
_WITH_UNIT = re.compile(rf"\d万?(?:{_UNITS}|元)")
_DENIED = re.compile(r"未(?!来)|没有|[无均都皆零]|不(?:收|产|存|向)|全部|一律|免费")
_TIME = re.compile(r"20\d\d年|以来|至今|累计|历年|截[至止]|年来|[本全今]年")
_VAGUE_BEFORE = re.compile(r"(?:[第至—~近约逾-]|超过|突破|不足|大约|将近|\d到)$")
_VAGUE_BEHIND = re.compile(r"以上|以下|以内|左右|[多余几]|工作日")
_FILLER = re.compile(r"\A[共总计合为达有数量是了到已也“”\"]*\Z")
_YEAR = re.compile(r"(?<![较比于上至到入])(20\d\d)年(?!以来|至今|起|开始)")
_QUOTED = re.compile(r"《[^《》]{1,60}》")
_GOES_ON = re.compile(r"\A.{0,4}其中")
_WAN = 10_000
# Signs that fold to one sign each: most lines have no others.
_NARROW = {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)}
_RESULTS_OF = {"review": "reviews", "litigation": "litigation"}


@dataclass(slots=True)
class _Said:
    """What the clauses before have said. topic: what they speak about; opened: the last one
    without a number; elsewhere: they speak of another year; dated: the line names the year.
    """

    topic: str = ""
    period: Period = Period.YEAR
    opened: str = ""
    elsewhere: bool = False
    dated: bool = False


@dataclass(frozen=True, slots=True)
class _Found:
    """A statement before it is known where in the line its characters stand."""

    concept: str
    value: Decimal
    unit: str | None
    state: CellState
    period: Period
    begin: int
    end: int
    sentence: tuple[int, int] = (0, 0)


def read_prose(lines: Sequence[str], *, year: int | None = None) -> tuple[Statement, ...]:
    """Every number stated about what was disclosed, asked for, reviewed, charged …, in order.

    Table rows (lines with tabs or bars) are no prose; parts of the year, other years than `year`,
    comparisons and what is only about so many (1600多件) are left out. Numbers since the beginning
    (历年累计) are cumulative.

    >>> [(s.concept, s.value) for s in read_prose(["共办理行政诉讼7起，其中其他情形数1件。"])]
    [('litigation', Decimal('7')), ('litigation_other', Decimal('1'))]
    """
    found: list[Statement] = []
    said, goes_on = _Said(), False
    for number, line in enumerate(lines, 1):
        if "\t" in line or "|" in line or len(line) > _MAX_LINE:
            continue
        text = squeezed(line)
        if not (goes_on or _GOES_ON.match(text)):
            said = _Said()
        goes_on = text.endswith((";", ":"))
        if len(text) < _MIN_LINE or not (_COUNT.search(text) or _DENIED.search(text)):
            continue
        stated = list(_in_line(_THOUSANDS.sub("", text).replace(NUMBER, "_"), said, year))
        found += _placed(stated, line, number) if stated else ()
    return tuple(found)


def _in_line(text: str, said: _Said, year: int | None) -> Iterator[_Found]:
    for sentence in _SENTENCE.finditer(text):
        if sentence.start() and not _GOES_ON.match(sentence.group()):
            said.topic = "request" if said.topic == "request" else ""
            said.opened, said.elsewhere = "", False
            said.period = Period.YEAR
        for part in _PART.finditer(text, *sentence.span()):
            if len(part.group()) <= _MAX_SENTENCE:
                yield from _in_part(part, said, year)


def _in_part(part: re.Match[str], said: _Said, year: int | None) -> Iterator[_Found]:
    """What a sentence (up to ; where it has some) says, clause by clause."""
    sentence = part.group()
    dated = _TIME.search(sentence)
    if _COUNT.search(sentence) is None and _DENIED.search(sentence) is None:
        said.dated = said.dated or bool(dated)
        return
    for clause in _CLAUSE.finditer(part.string, *part.span()):
        text = clause.group()
        if dated:
            _tell_time(text, said, year)
        met = False
        tells = _COUNT.search(text) or _DENIED.search(text)
        if tells and not said.elsewhere and len(text) >= _MIN_CLAUSE:
            for each in _in_clause(clause, sentence, said):
                met = True
                yield replace(each, sentence=part.span())
        said.topic = _topic_of(text) or said.topic
        if (
            not (met or _WITH_UNIT.search(text))
            and part.string[clause.start() - 1 : clause.start()] != "("
        ):
            said.opened = text


def _tell_time(clause: str, said: _Said, year: int | None) -> None:
    """Of which time the clause speaks; where it does not say so, of the same as before."""
    words = prose_words()
    if words.cumulative.search(f"{said.opened[-_MAX_BEFORE:]},{clause}"):
        said.period, said.elsewhere = Period.CUMULATIVE, False
        return
    if words.yearly.search(clause):
        named = _YEAR.findall(_QUOTED.sub("", clause)) if year else ()
        said.elsewhere = bool(named) and str(year) not in named
        said.period, said.dated = Period.YEAR, True
    elif "累计" in clause and said.period is Period.YEAR:
        said.elsewhere = not said.dated


def _in_clause(clause: re.Match[str], sentence: str, said: _Said) -> Iterator[_Found]:
    words = prose_words()
    text, start = clause.group(), clause.start()
    met: set[str] = set()
    for concept, number, unit in _counted(text, sentence, said):
        met.add(concept)
        begin, end = (start + spot for spot in number.span())
        yield _Found(concept, _value(number), unit, CellState.GIVEN, said.period, begin, end)
    if _DENIED.search(text) is None or words.other_period.search(text):
        return
    for fact in words.none:
        if fact.concept in met or not any(word in text for word in fact.words):
            continue
        hit = fact.pattern.search(text) if _fits(fact, text, sentence) else None
        if hit:
            met.add(fact.concept)
            begin, end = (start + spot for spot in hit.span())
            yield _Found(
                fact.concept, Decimal(0), None, CellState.STATED_NONE, said.period, begin, end
            )


def _counted(
    text: str, sentence: str, said: _Said
) -> Iterator[tuple[str, re.Match[str], str | None]]:
    """The numbers of a clause that are counted, with concept and unit. Each belongs to one fact."""
    words = prose_words()
    numbers = [each for each in _COUNTED.finditer(text) if _is_count(each, text)]
    taken = 0
    for number, following in zip_longest(numbers, numbers[1:]):
        before = text[taken : number.start()][-_MAX_BEFORE:]
        if _FILLER.match(before):
            before = said.opened[-_MAX_BEFORE:] + before
        taken = number.end()
        behind = text[taken : following.start() if following else None][:_MAX_BEHIND]
        if _is_vague(before, behind) or words.other_period.search(before):
            continue
        unit = number["money"] or number["unit"] or number["unit_of_han"]
        context = f"{before}{NUMBER}{unit or ''}{behind.partition('、')[0]}"
        for fact in _told_of(unit, context):
            hit = fact.pattern.search(context) if _fits(fact, context, sentence) else None
            concept = _concept(fact, before, said) if hit else None
            if hit and concept:
                said.topic = fact.topic or said.topic
                taken += max(0, hit.end() - len(before) - 1 - len(unit or ""))
                yield concept, number, unit
                break


@lru_cache(maxsize=4096)
def _told_of(unit: str | None, context: str) -> tuple[Fact, ...]:
    """The facts of a unit whose words stand around a number. Offices use the same words."""
    facts = prose_words().facts[unit]
    return tuple([fact for fact in facts if any(word in context for word in fact.words)])


def _is_count(number: re.Match[str], text: str) -> bool:
    """Whether it has a unit, or stands at the end of its clause or before a comma of a list; only
    money and what is counted in 万 has decimals.
    """
    if number["unit"] or number["money"] or number["han"]:
        return bool(number["wan"] or number["money"]) or "." not in (number["number"] or "")
    return text[number.end() : number.end() + 1] in ("", "、") and "." not in number.group()


def _is_vague(before: str, behind: str) -> bool:
    return bool(_VAGUE_BEFORE.search(before) or _VAGUE_BEHIND.match(behind))


def _concept(fact: Fact, before: str, said: _Said) -> str | None:
    """The fact's concept, with its topic's in front where it needs one; None: that is another."""
    if not fact.about:
        return fact.concept
    topic = _topic_of(before) or said.topic
    if topic not in fact.about:
        return None
    return f"{_RESULTS_OF[topic]}_{fact.concept}" if topic in _RESULTS_OF else fact.concept


def _fits(fact: Fact, context: str, sentence: str) -> bool:
    """Whether the words around allow a fact whose own word is there."""
    if fact.needs and not any(word in sentence for word in fact.needs):
        return False
    if any(word in context for word in fact.without):
        return any(word in context for word in fact.unless)
    scope = context if fact.units else sentence
    others = prose_words().not_requests
    return not (fact.counts_requests and any(word in scope for word in others))


def _topic_of(text: str) -> str:
    """What a text speaks about, also where it gives no number (行政复议方面)."""
    review, suit = text.rfind("复议"), text.rfind("诉讼")
    if review != suit:
        return "review" if review > suit else "litigation"
    request, disclosed = text.rfind("申请"), text.rfind("主动公开")
    if request > disclosed:
        others = prose_words().not_requests
        return "other" if any(word in text for word in others) else "request"
    return "disclosed" if disclosed >= 0 else ""


def _value(number: re.Match[str]) -> Decimal:
    if number["han"] is None:
        value = Decimal(number["number"]) * (_WAN if number["wan"] else 1)
        return Decimal(int(value)) if number["wan"] and value == int(value) else value
    tens, ten, ones = number["han"].rpartition("十")
    if ten:
        return Decimal(
            (_HAN.index(tens) + 1 if tens else 1) * 10 + (_HAN.find(ones) + 1 if ones else 0)
        )
    return Decimal("零一二三四五六七八九".find(ones) if ones != "两" else 2)


def _placed(found: Sequence[_Found], line: str, number: int) -> Iterator[Statement]:
    """What was found in a line, as it is printed there; nothing where signs of the line fold in a
    way that cannot be followed back.
    """
    origins = _origins(line)
    for each in found if origins else ():
        start, stop = origins[each.sentence[0]], origins[each.sentence[1] - 1] + 1
        begin, end = origins[each.begin], origins[each.end - 1] + 1
        yield Statement(
            concept=each.concept,
            value=each.value,
            unit=each.unit,
            state=each.state,
            period=each.period,
            printed=line[begin:end],
            sentence=line[start:stop],
            line=number,
            start=start,
            at=begin - start,
        )


def _origins(line: str) -> Sequence[int]:
    """For each sign of the squeezed line without commas in numbers, its place in the line; none
    where it cannot be told.
    """
    text = squeezed(line)
    places: Sequence[int] = range(len(text))
    if line.translate(_NARROW) != text:
        folded = [
            (sign, place)
            for place, printed in enumerate(line)
            for sign in (printed if "\u4e00" <= printed <= "\u9fff" else narrow(printed))
            if not sign.isspace()
        ]
        if "".join(sign for sign, _ in folded) != text:
            return ()
        places = [place for _, place in folded]
    commas = {each.start() for each in _THOUSANDS.finditer(text)}
    return [place for spot, place in enumerate(places) if spot not in commas] if commas else places
