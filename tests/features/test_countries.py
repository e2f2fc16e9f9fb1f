from __future__ import annotations

import pytest

from features.countries import country_key, region_of


@pytest.mark.parametrize("name", ["IT", "ita", "Italy", "Italia", "Italien", "Italie", "Италия", "이탈리아", " italy"])
def test_country_names_in_seven_languages(name: str) -> None:
    assert region_of(name) == "IT"
    assert country_key(name) == "it"
