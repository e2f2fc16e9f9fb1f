"""GA4 through the Measurement Protocol."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from conversions.sandbox.peer_servers import Sandbox
from tests.conversions.events import event, running_platforms


def test_the_measurement_protocol_counts_a_repeated_event_twice(tmp_path: Path) -> None:
    """So the worker must not send again what may have arrived."""
    with Sandbox().run() as sandbox:
        protocol = {"via": "measurement_protocol", "api_secret": "x", "endpoint": sandbox.http_address}
        with running_platforms(tmp_path, ga4=protocol) as (_, named):
            payload = named["ga4"].plan(event())
            for _ in range(2):
                named["ga4"].send([payload])
            assert named["ga4"].limits.repeats is None
        assert set(sandbox.of("ga4").counts.values()) == {2}


def test_the_measurement_protocol_does_not_count_a_cookie_for_a_client_id(tmp_path: Path) -> None:
    with Sandbox().run() as sandbox:
        protocol = {"via": "measurement_protocol", "api_secret": "x", "endpoint": sandbox.http_address}
        with running_platforms(tmp_path, ga4=protocol) as (_, named):
            payload = named["ga4"].plan(event())
            for text in ("GA1.1.1234567890.1764000000", "GS1.1.1764000000.5.1.1764000100.0.0.0", "undefined"):
                named["ga4"].send([replace(payload, body={**payload.body, "client_id": text})])
        assert not sandbox.of("ga4").values
        assert sandbox.of("ga4").refused.total() == 3
