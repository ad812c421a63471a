"""No URL shows a password, however it is mistyped."""

import pytest

from archive.model.secrets import without_secrets


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://me:s3cret@host/a",
        "postgresql://me:s3c@ret/s3cret@host/a",
        "postgresql://host/a?x=1&password=s3cret",
        "postgresql://me:s3cret@host/a?sslpassword=s3cret&x=1",
        "postgresql//me:s3cret@host/a",
        "postgresql:me:s3cret@host/a",
        "me:s3cret@host",
        "s3cret@host",
    ],
)
def test_no_password_is_shown(url: str) -> None:
    shown = without_secrets(url)
    assert "s3c" not in shown
    assert "host" in shown


@pytest.mark.parametrize("url", ["sqlite:////data/a.sqlite", "postgresql://me@host/a", "data/home"])
def test_what_has_none_stays(url: str) -> None:
    assert without_secrets(url) == url
