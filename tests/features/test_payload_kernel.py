"""Scanner of payloads: what it accepts; its values are tested in `test_collector_payload`."""

from __future__ import annotations

import numpy as np
import pytest

from features.payload_kernel import BOOLEAN, FLOAT, INTEGER, NAMES, TEXT, scan_payloads


def scanned(text: str) -> tuple[bool, dict[str, tuple[int, float]]]:
    values, kinds = np.zeros((1, len(NAMES))), np.zeros((1, len(NAMES)), dtype=np.uint8)
    spans, nested, plain = np.zeros((1, 2), np.int64), np.zeros(1, np.bool_), np.zeros(1, np.bool_)
    raw = text.encode()
    scan_payloads(np.frombuffer(raw, np.uint8), np.array([len(raw)]), values, kinds, spans, nested, plain)
    found = {name: (int(kinds[0, at]), float(values[0, at])) for at, name in enumerate(NAMES) if kinds[0, at]}
    return bool(plain[0]), found


def test_numbers_flags_and_texts() -> None:
    plain, found = scanned('{"v":1,"ik_cv":0.31,"hp":true,"auto":false,"kind":"enter","other":"x","gap":null}')
    assert plain
    expected = {"v": (INTEGER, 1.0), "ik_cv": (FLOAT, 0.31), "hp": (BOOLEAN, 1.0), "auto": (BOOLEAN, 0.0)}
    assert found == {**expected, "kind": (TEXT, float(int.from_bytes(b"enter", "little")))}


def test_touches_are_skipped() -> None:
    plain, found = scanned('{"first":{"source":"google","keys":7},"v":1,"last":{"term":"crm"}}')
    assert plain
    assert found == {"v": (INTEGER, 1.0)}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[1]",
        '{"v":1',
        '{"v":01}',
        '{"v":1.}',
        '{"v":1e3}',
        '{"v":1,}',
        '{"v" 1}',
        '{"tz":"Z\\u00fcrich"}',
        '{"v":1}x',
    ],
)
def test_other_texts_are_left_to_the_parser(text: str) -> None:
    assert not scanned(text)[0]
