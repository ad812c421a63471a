"""The words of a query, with the spellings of each, and whether a text has them."""

import re
from dataclasses import dataclass

from archive.model.errors import UsageError
from archive.search.grams import fold, query_terms
from archive.search.spellings import spellings

MAX_QUERY = 200
# Terms of one spelling that a search of one word asks the index for. Other spellings cost little:
# what no text has is looked up once.
_MAX_TERMS = 64
_PAIR = 2
_WORD = re.compile(r'"(?P<a>[^"]*)"?|“(?P<b>[^”]*)”?|[^\s"“]+')


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a query: of each its spellings, one of which a text must have."""

    spelled: tuple[tuple[str, ...], ...]

    @classmethod
    def of(cls, query: str) -> "Words":
        """The words of a query as typed. UsageError: as `query_words`."""
        return cls(tuple(map(spellings, query_words(query))))

    @property
    def each(self) -> tuple[str, ...]:
        """Every spelling of every word."""
        return tuple(dict.fromkeys(one for word in self.spelled for one in word))

    def match(self, title: str, content: str) -> bool:
        """Whether title or text has each word."""
        left = [
            word for word in self.spelled if not any(one in content or one in title for one in word)
        ]
        if not left:
            return True
        content, title = fold(content), fold(title)
        return all(any(one in content or one in title for one in word) for word in left)

    def found_in(self, content: str) -> list[str]:
        """The spellings that a text has: as they are, or else folded."""
        found, folded = [], None
        for word in self.spelled:
            here = [one for one in word if one in content]
            if not here:
                folded = fold(content) if folded is None else folded
                here = [one for one in word if one in folded]
            found += here
        return found

    def terms(self) -> list[list[list[str]]]:
        """Of each word and each of its spellings the index terms; every text that has the words
        has all terms of a spelling of each.
        """
        most = max(1, _MAX_TERMS // len(self.spelled))
        found = []
        for word in self.spelled:
            of_word = [_some(query_terms(one), most) for one in word]
            if all(of_word):  # a word of one character has no term
                found.append(of_word)
        return found

    @property
    def are_terms(self) -> bool:
        """Whether the index alone tells which texts have the words: each is one term."""
        return all(
            one.isalnum()
            and (len(one) == 2 or (one.isdecimal() and one.isascii() and len(one) <= 5))
            for one in self.each
            if len(one) >= 2
        ) and all(len(one) >= 2 for one in self.each)


def _some(terms: list[str], at_most: int) -> list[str]:
    """Numbers, which few texts have, then pairs from all over the word."""
    numbers = [each for each in terms if len(each) > _PAIR][:at_most]
    pairs, left = [each for each in terms if len(each) == _PAIR], at_most - len(numbers)
    return numbers + (pairs[:: -(-len(pairs) // left)] if left and pairs else [])


def query_words(query: str) -> tuple[str, ...]:
    """The words of a query as search compares them; what stands in quotes is one word. UsageError:
    none has two characters, or they have more than MAX_QUERY together.

    >>> query_words('行政复议 "申请 公开" 2016'), query_words("局２０16")
    (('行政复议', '申请公开', '2016'), ('局2016',))
    """
    if len(query) > 20 * MAX_QUERY:
        raise UsageError(_too_long())
    found = (fold(each[each.lastgroup or 0]) for each in _WORD.finditer(query))
    words = tuple(dict.fromkeys(filter(None, found)))
    if max(map(len, words), default=0) < 2:
        raise UsageError(
            f"the query {query.strip()!r} has no word of two characters; "
            "give at least two together, such as 复议"
        )
    if sum(map(len, words)) > MAX_QUERY:
        raise UsageError(_too_long())
    return words


def _too_long() -> str:
    return f"the query is longer than {MAX_QUERY} characters; give a shorter phrase"
