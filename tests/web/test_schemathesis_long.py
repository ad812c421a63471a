"""The API holds its document at every boundary of every parameter. Making these cases takes five
seconds before any test begins: a run without the slow tests leaves this file out
(tests/web/conftest.py).
"""

import pytest
import schemathesis
from hypothesis import settings

from archive.web.openapi import document
from archive.web.route_table import API_ROUTES
from tests.web.test_schemathesis import QUIET, base, hold

__all__ = ["base"]
DOCUMENT = schemathesis.openapi.from_dict(document(API_ROUTES, "http://127.0.0.1"))


@pytest.mark.slow
@DOCUMENT.parametrize()
@settings(max_examples=300, deadline=None, suppress_health_check=QUIET)
def test_the_api_holds_its_document_for_long(case: schemathesis.Case, base: str) -> None:
    hold(case, base)
