from __future__ import annotations

import pytest

from features.campaign import GROUPS
from tests.features.cells import cell


@pytest.mark.parametrize(
    ("page", "path"),
    [
        ("https://acme.de/Demo/?gclid=1#x", "/demo"),
        ("acme.de/demo", "acme.de/demo"),
        ("https://acme.de", "/"),
        ("/?x=1", "/"),
        ("?x", "/"),
    ],
)
def test_landing_page_without_query(page: str, path: str) -> None:
    assert cell(GROUPS, "campaign_landing_path", page) == path


def test_referrer_host() -> None:
    assert cell(GROUPS, "campaign_referrer_host", "https://www.google.com/search?q=secret") == "google.com"
