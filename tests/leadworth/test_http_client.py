"""HTTP client of the platforms."""

from __future__ import annotations

from pathlib import Path

import pytest

from leadworth.fault_injection import Fault, Faults, Wait
from leadworth.http_errors import BusyError
from tests.conversions.events import event, running_platforms


class Busy(Faults):
    def draw(self) -> Fault | None:
        return Fault.BUSY


def test_a_busy_answer_says_how_long_to_wait(tmp_path: Path) -> None:
    busy = Busy(1.0, wait=Wait(retry_after=7))
    with running_platforms(tmp_path, busy) as (_, named), pytest.raises(BusyError) as raised:
        named["meta"].send([named["meta"].plan(event())])
    assert raised.value.after is not None
    assert raised.value.after.total_seconds() == 7
