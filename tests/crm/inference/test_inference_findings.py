"""Findings of schema inference."""

from __future__ import annotations

import pytest

from crm.inference.column_profile import profile_column
from crm.inference.inference_findings import InferenceFindings


@pytest.mark.parametrize(
    ("setting", "values"),
    [
        ("leads.id", ["K0001", "K0002"]),
        ("leads.columns.last_name", ["Lovelace", "Lovelace", "Hopper"]),
        ("leads.columns.gclid", ["Cj0KCQiA", "Cj0KCQiB"]),
        ("leads.columns.email", ["ada@example.org"]),
        ("leads.columns.phone", ["+39 333 1234567"]),
    ],
)
def test_examples_of_personal_settings_are_masked(setting: str, values: list[str]) -> None:
    findings = InferenceFindings()
    findings.add(setting, profile_column("column", values), "header")

    assert findings.inferred[0].column == "column"
    assert values[0] not in findings.inferred[0].example


def test_other_examples_are_shown() -> None:
    findings = InferenceFindings()
    findings.add("leads.columns.source", profile_column("Source", ["web", "web", "fair"]), "header")

    assert findings.inferred[0].example == "web"
