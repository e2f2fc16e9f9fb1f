"""OpenAPI description and Swagger UI."""

from __future__ import annotations

import re

import pytest
from starlette.testclient import TestClient

from leadworth.records import AGE, SCORE_COLUMNS, Lead


def test_bodies_responses_and_keys_are_described(locked: TestClient) -> None:
    document = locked.get("/openapi.json").json()
    post = document["paths"]["/v1/scores"]["post"]
    assert post["requestBody"]["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/ScoreRequest"}
    schemas = document["components"]["schemas"]
    assert set(schemas["ScoreRequest"]["properties"]) == {*Lead.model_fields, AGE}
    assert set(schemas["Score"]["properties"]) == {"lead_id", *SCORE_COLUMNS}
    assert set(document["components"]["securitySchemes"]) == {"api_key"}
    assert post["security"] == [{"api_key": []}]
    assert "security" not in document["paths"]["/readyz"]["get"]
    assert [parameter["name"] for parameter in post["parameters"]] == ["strict", "Idempotency-Key"]
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
def test_assets_are_served(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 200


def test_the_page_works_offline(client: TestClient) -> None:
    page = client.get("/docs")
    assert page.headers["content-type"].startswith("text/html")
    sources = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert len(sources) == 3
    assert all(client.get(source).status_code == 200 for source in sources)
    assert '"validatorUrl": null' in page.text
