"""Names of countries have their codes in every language of the reports."""

from __future__ import annotations

import pytest

from reporting.imports.country_codes import country_code


@pytest.mark.parametrize(
    "name", ["Germany", "Germania", "Deutschland", "Allemagne", "Alemania", "Alemanha", "Германия", "독일", "deu", "de"]
)
def test_germany(name: str) -> None:
    assert country_code(name) == "DE"
