"""Repetitions keep the wait that the other system names."""

from __future__ import annotations

from datetime import timedelta

import pytest

from leadworth.http_errors import BusyError
from leadworth.http_retry import ATTEMPTS, attempts


def waits(monkeypatch: pytest.MonkeyPatch, after: timedelta | None) -> tuple[list[float], str]:
    """Return the waits before the repetitions of a request that is always refused, and the error at the end."""
    slept: list[float] = []
    monkeypatch.setattr("time.sleep", slept.append)

    def request() -> None:
        for attempt in attempts(0.5):
            with attempt:
                raise BusyError("HTTP 429", after)

    with pytest.raises(BusyError) as caught:
        request()
    return slept, str(caught.value)


@pytest.mark.parametrize("seconds", [0.0, 12.0, 299.0])
def test_a_wait_that_is_named_is_kept(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    slept, _ = waits(monkeypatch, timedelta(seconds=seconds))
    assert slept == pytest.approx([seconds] * (ATTEMPTS - 1))


def test_a_wait_of_hours_ends_the_attempts_and_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    slept, text = waits(monkeypatch, timedelta(hours=1))
    assert (slept, "it asks to wait 1:00:00" in text) == ([], True)


def test_without_a_named_wait_each_is_longer_than_the_one_before(monkeypatch: pytest.MonkeyPatch) -> None:
    slept, _ = waits(monkeypatch, None)
    assert len(slept) == ATTEMPTS - 1
    assert slept == sorted(slept)
    assert slept[-1] <= 60.0
