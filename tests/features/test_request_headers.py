from __future__ import annotations

import math

from features.request_headers import GROUP
from tests.features.cells import cells

CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0 Safari/537.36"
)
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:149.0) Gecko/20100101 Firefox/149.0"
USUAL = "Host,Sec-CH-UA,User-Agent,Accept,Sec-Fetch-Site,Sec-Fetch-Mode,Accept-Encoding,Accept-Language"


def test_missing_headers_and_their_order() -> None:
    assert cells(GROUP, USUAL, CHROME) == {
        "headers_missing": 0.0,
        "headers_stripped": 0.0,
        "headers_odd_order": 0.0,
        "headers_count": 8.0,
    }
    gateway = cells(GROUP, "Host,User-Agent,Accept,Accept-Encoding,Accept-Language", CHROME)
    assert (gateway["headers_missing"], gateway["headers_stripped"]) == (0.0, 3.0)
    assert math.isnan(cells(GROUP, USUAL, FIREFOX)["headers_stripped"])  # type: ignore[arg-type]
    assert cells(GROUP, "Host,Accept-Language,Accept", CHROME)["headers_odd_order"] == 1.0
