"""File names of attachments, as portals really spell them."""

import pytest

from archive.warc.disposition import file_name

NAME = "2023年报.docx"


def as_sent(name: str, charset: str) -> str:
    return name.encode(charset).decode("latin-1")


@pytest.mark.parametrize(
    ("header", "name"),
    [
        (None, None),
        ("", None),
        ("inline", None),
        (f'attachment; filename="{as_sent(NAME, "utf-8")}"', NAME),
        (f"attachment; filename={as_sent(NAME, 'gb18030')}", NAME),
        ("attachment; filename=2023%E5%B9%B4%E6%8A%A5.docx", NAME),
        ("attachment; filename=x.doc; filename*=UTF-8''2023%E5%B9%B4%E6%8A%A5.docx", NAME),
        ("attachment; filename*=nonsense'zh'2023%E5%B9%B4%E6%8A%A5.docx", NAME),
        (r'attachment; filename="..\..\etc/passwd"', "passwd"),
        ('attachment; filename=" .. "', None),
        ('attachment; filename="\xff\xff"', "\xff\xff"),
    ],
)
def test_the_name_is_read_and_never_a_path(header: str | None, name: str | None) -> None:
    assert file_name(header) == name
