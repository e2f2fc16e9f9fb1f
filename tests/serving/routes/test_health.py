"""Health, figures and the description of the service."""

from __future__ import annotations

import re

import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.testclient import TestClient

from leadworth.records import AGE, SCORE_COLUMNS, Lead


def figure(client: TestClient, name: str, **labels: str) -> float:
    for family in text_string_to_metric_families(client.get("/metrics").text):
        for sample in family.samples:
            if sample.name == name and labels.items() <= sample.labels.items():
                return float(sample.value)
    return 0.0


def test_health(client: TestClient) -> None:
    assert client.get("/livez").json() == {"status": "alive"}
    assert client.get("/readyz").json() == {"status": "ready", "degraded": {}, "model_version": "1", "waiting": 0}
    assert client.get("/healthz").json() == client.get("/readyz").json()


def test_figures_count_what_happened(client: TestClient) -> None:
    route = {"route": "/v1/scores", "method": "POST", "status": "200"}
    names = [
        ("leadworth_request_seconds_count", route),
        ("leadworth_store_rows_total", {"state": "committed"}),
        ("leadworth_refused_leads_total", {"problem": "not-an-object"}),
    ]
    before = [figure(client, name, **labels) for name, labels in names]
    verdict = client.post("/v1/scores", json={"lead_id": "A"}).json()["verdict"]
    client.post("/v1/scores/batch", json={"leads": [{}, 1]})
    after = [figure(client, name, **labels) for name, labels in names]
    assert [now - then for now, then in zip(after, before, strict=True)] == [1, 2, 1]
    assert figure(client, "leadworth_decisions_total", verdict=verdict, model_version="1") >= 1
    assert figure(client, "leadworth_degraded", part="store") == 0


def test_unknown_paths_do_not_become_labels(client: TestClient) -> None:
    client.get("/ada@example.org")
    client.get("/v1/scores/ada@example.org")
    assert "ada@" not in client.get("/metrics").text


def test_the_description_knows_bodies_answers_and_keys(locked: TestClient) -> None:
    document = locked.get("/openapi.json").json()
    post = document["paths"]["/v1/scores"]["post"]
    assert post["requestBody"]["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/ScoreRequest"}
    schemas = document["components"]["schemas"]
    assert set(schemas["ScoreRequest"]["properties"]) == {*Lead.model_fields, AGE}
    assert set(schemas["Score"]["properties"]) == {"lead_id", *SCORE_COLUMNS}
    assert set(document["components"]["securitySchemes"]) == {"api_key"}
    assert post["security"] == [{"api_key": []}]
    assert "security" not in document["paths"]["/readyz"]["get"]
    assert [parameter["name"] for parameter in post["parameters"]] == ["Idempotency-Key"]
    assert set(post["responses"]["422"]["content"]) == {"application/problem+json"}
    batch = document["paths"]["/v1/scores/batch"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert batch == {"$ref": "#/components/schemas/LeadBatch"}
    assert schemas["LeadBatch"]["properties"]["leads"]["items"] == {"$ref": "#/components/schemas/ScoreRequest"}
    references = set(re.findall(r'"#/components/schemas/(\w+)"', locked.get("/openapi.json").text))
    assert references <= set(schemas)
    assert {"/v1/scores", "/v1/scores/batch", "/v1/models/champion", "/livez", "/readyz", "/metrics"} <= set(
        document["paths"]
    )


@pytest.mark.parametrize(
    "path", ["/docs/assets/swagger-ui-bundle.js", "/docs/assets/swagger-ui.css", "/docs/assets/LICENSE"]
)
def test_the_page_brings_its_assets(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 200


def test_the_page_loads_nothing_from_elsewhere(client: TestClient) -> None:
    page = client.get("/docs")
    assert page.headers["content-type"].startswith("text/html")
    sources = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert len(sources) == 3
    assert all(client.get(source).status_code == 200 for source in sources)
    assert '"validatorUrl": null' in page.text
