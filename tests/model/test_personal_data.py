"""Personal numbers are found where they are sure, and numbers of offices are not."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.model.personal_data import is_id_card, masked, personal_numbers

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def id_card(area: str = "320602", born: str = "19860229", order: str = "123") -> str:
    """By the standard's other formula: the sum with the check digit's own value is 1 modulo 11."""
    body = area + born + order
    total = sum(int(digit) * 2 ** (17 - place) for place, digit in enumerate(body))
    return body + "10X98765432"[total % 11]


ID = id_card(born="19900101")


def kinds(text: str) -> list[str]:
    return [each.kind.value for each in personal_numbers(text)]


@pytest.mark.parametrize(
    "text",
    [
        "申请人张某，手机13800138000", "手机号：138 0013 8000", "138-0013-8000", "+86 13800138000",
        "8613800138000", "13800138000", "手机号１３８００１３８０００。", "（13800138000）",
        "联系人：李某，联系电话：13912345678", "办公电话0513-85216780，手机13912345678",
        "监督电话：12345\n申请人：13912345678", "姓名\t电话\t13912345678", "13912345678、",
    ],
)  # fmt: skip
def test_a_mobile_number_is_found(text: str) -> None:
    assert kinds(text) == ["mobile"]


@pytest.mark.parametrize(
    "text",
    [
        "办公电话：13800138000", "联系电话13912345678", "咨询电话：0513-85216780，13912345678",
        "监督举报：139 1234 5678", "传真 13912345678", "服务热线13912345678",
        # What looks alike: sums, codes, URLs, serial numbers, landlines.
        "资金13912345678元", "13912345678.50", "共13912345678 件", "0.13912345678",
        "http://x.gov.cn/13912345678.html", "id=13912345678", "139123456789", "113912345678",
        "12912345678", "0513-85216780", "013912345678", "A13912345678", "13912345678号"[:-1] + "B",
        "138-00138000", "138 0013-8000", "014109/2017-00033", "13912345678-1",
    ],
)  # fmt: skip
def test_what_is_no_personal_mobile_number_is_not(text: str) -> None:
    assert kinds(text) == []


@pytest.mark.parametrize(
    "text",
    [ID, f"身份证号{ID}。", f"身份证：{ID[:6]} {ID[6:14]} {ID[14:]}", f"（{ID}）", f"张某{ID}李某",
     id_card(area="110105", born="19491231", order="002"), "11010519491231002x",
     "".join(chr(ord(c) + 0xFEE0) for c in ID)],
)  # fmt: skip
def test_an_identity_card_number_is_found(text: str) -> None:
    assert kinds(text) == ["id_card"]


@pytest.mark.parametrize(
    "text",
    [
        ID[:17] + "10X98765432"[("10X98765432".index(ID[17]) + 1) % 11],  # another check digit
        id_card(born="19900230"), id_card(born="19901301"), id_card(born="18000101"),
        id_card(area="990602"), id_card(area="000000"), ID + "1", "1" + ID, "A" + ID, ID + "A",
        f"http://x.gov.cn/{ID}.html", f"{ID}.5", ID[:15], f"{ID}/2", "91320602MA1MT5X12K",
    ],
)  # fmt: skip
def test_what_is_no_identity_card_number_is_not(text: str) -> None:
    assert kinds(text) == []


def test_an_office_label_does_not_hide_an_identity_card_number() -> None:
    assert kinds(f"办公电话{ID}") == ["id_card"]


def test_random_digits_are_hardly_ever_taken_for_a_person() -> None:
    """Of 18 digits one in some ten thousand has a day of birth, a province and the check digit."""
    some = random.Random(7)
    texts = ["".join(some.choices("0123456789", k=18)) for _ in range(20_000)]
    assert sum(bool(kinds(text)) for text in texts) <= 3


def test_masking_keeps_the_length_and_what_stands_around() -> None:
    text, found = masked(f"申请人{ID}，手机138 0013 8000。")
    assert text == f"申请人{'*' * 18}，手机{'*' * 13}。"
    assert len(found) == 2


@given(st.text("0123456789Xx 　１３８+-电话手机\n", max_size=60))
def test_masking_is_done_once_and_for_all(text: str) -> None:
    hidden, found = masked(text)
    assert len(hidden) == len(text)
    assert (hidden == text) is not bool(found)
    assert masked(hidden) == (hidden, [])


@given(st.dates(), st.integers(0, 999))
def test_the_check_digit_decides(born, order) -> None:
    number = id_card(born=f"{born:%Y%m%d}".rjust(8, "0"), order=f"{order:03}")
    assert is_id_card(number)
    others = [number[:17] + digit for digit in "0123456789X" if digit != number[17]]
    assert not any(map(is_id_card, others))
