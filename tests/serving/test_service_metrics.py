"""Prometheus metrics of scores and requests."""

from __future__ import annotations

import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.testclient import TestClient

from serving import service_metrics


def value_of(text: str, name: str, **labels: str) -> float:
    """Return the value of a sample in the text format of Prometheus; 0 without it."""
    samples = (sample for family in text_string_to_metric_families(text) for sample in family.samples)
    return next((float(s.value) for s in samples if s.name == name and labels.items() <= s.labels.items()), 0.0)


@pytest.mark.parametrize(("junk_probability", "counted"), [(0.29, 0), (0.3, 1), (0.9, 1)])
def test_junk_is_counted_from_the_threshold_of_the_policy(junk_probability: float, counted: int) -> None:
    score = {"verdict": "review", "mql": False, "model_version": "m9", "junk_probability": junk_probability}

    def read(name: str) -> float:
        return value_of(service_metrics.exposition().decode(), name, model_version="m9")

    before = read("leadworth_decisions_total"), read("leadworth_junk_leads_total")
    service_metrics.count(score, 0.3)
    after = read("leadworth_decisions_total"), read("leadworth_junk_leads_total")
    assert (after[0] - before[0], after[1] - before[1]) == (1, counted)


def test_requests_and_leads_are_counted(client: TestClient) -> None:
    route = {"route": "/v1/scores", "method": "POST", "status": "200"}
    names: list[tuple[str, dict[str, str]]] = [
        ("leadworth_request_seconds_count", route),
        ("leadworth_store_rows_total", {"state": "committed"}),
        ("leadworth_refused_leads_total", {"problem": "not-an-object"}),
    ]

    def read() -> list[float]:
        text = client.get("/metrics").text
        return [value_of(text, name, **labels) for name, labels in names]

    before = read()
    verdict = client.post("/v1/scores", json={"lead_id": "A"}).json()["verdict"]
    client.post("/v1/scores/batch", json={"leads": [{}, 1]})
    assert [now - then for now, then in zip(read(), before, strict=True)] == [1, 2, 1]
    text = client.get("/metrics").text
    assert value_of(text, "leadworth_decisions_total", verdict=verdict, model_version="1") >= 1
    assert value_of(text, "leadworth_degraded", part="store") == 0


def test_paths_are_no_labels(client: TestClient) -> None:
    client.get("/ada@example.org")
    client.get("/v1/scores/ada@example.org")
    text = client.get("/metrics").text
    assert "ada@" not in text
    assert value_of(text, "leadworth_request_seconds_count", route="/v1/scores/{lead_id:path}", status="404") >= 1
