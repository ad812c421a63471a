"""Index terms as PostgreSQL keeps them: those of a version in one string of bytes, each a number
and stored as its distance from the one before. An index on UNPACKED knows them one by one; they
are stored once, in a quarter of what an array of words takes.
"""

from collections.abc import Iterable

# Distances in groups of seven bits, the first group first; every byte but a distance's last has
# its highest bit set. What is added to the bytes has them read once and not for each of them. The
# cost keeps the planner from looking into rows where the index tells.
CREATE_UNPACK = """
CREATE OR REPLACE FUNCTION search_terms(packed bytea) RETURNS integer[]
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 100000 AS $$
DECLARE
    whole bytea := packed || '';
    found integer[] := '{}';
    term bigint := -2147483648;
    distance bigint := 0;
    part integer;
BEGIN
    FOR place IN 0 .. length(whole) - 1 LOOP
        part := get_byte(whole, place);
        distance := distance * 128 + (part & 127);
        IF part < 128 THEN
            term := term + distance;
            found := found || CAST(term AS integer);
            distance := 0;
        END IF;
    END LOOP;
    RETURN found;
END $$"""
UNPACKED = "search_terms(terms)"
_LOWEST = -(2**31)
# Numbers stand where no pair does: no text has a surrogate.
_NUMBERS = 0xD800 << 16


def number_of(term: str) -> int:
    """A term of `grams` as a number of 32 bits with a sign. Pairs of rare characters (beyond
    U+FFFF) share one with another pair: a candidate more, that verification drops.
    """
    if len(term) == 2:
        return ((ord(term[0]) & 0xFFFF) << 16 | ord(term[1]) & 0xFFFF) + _LOWEST
    return _NUMBERS + int(f"1{term}") + _LOWEST


def packed(terms: Iterable[str]) -> bytes:
    """The terms of one version as the column `terms` holds them."""
    found, last = bytearray(), _LOWEST
    for number in sorted(set(map(number_of, terms))):
        distance, last = number - last, number
        for bits in (28, 21, 14, 7):
            if distance >> bits:
                found.append(distance >> bits & 127 | 128)
        found.append(distance & 127)
    return bytes(found)
