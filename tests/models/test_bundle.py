"""The bundle: consistent scores, reproducible bytes, and detection of changed files."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadworth.errors import BundleError
from leadworth.records import SCORE_COLUMNS, Lead
from models.bundle import REGISTERED, Bundle, Registered
from models.np_threshold import NeymanPearsonThreshold, Threshold
from models.policy import Policy
from models.scorecard import Scorecard
from tests.make_bundle import NOW, lead_of, make_bundle, make_leads

BUNDLE = make_bundle()
NUMBERS = [name for name in SCORE_COLUMNS if "probability" in name or name in {"expected_revenue", "predicted_value"}]


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    return BUNDLE.save(tmp_path / "bundle")


def test_a_lead_scores_like_its_row_in_a_table() -> None:
    leads = make_leads(300, seed=5)
    table = BUNDLE.score_table(leads, scored_at=NOW)
    assert list(table.columns) == ["lead_id", *SCORE_COLUMNS]
    for row in range(300):
        score = BUNDLE.score(lead_of(leads.iloc[row]), scored_at=NOW).model_dump(mode="json")
        many = table.iloc[row].to_dict()
        assert [many[name] for name in NUMBERS] == pytest.approx([score[name] for name in NUMBERS], abs=1e-9)
        reasons = json.loads(many["reasons"])
        amounts = [[r.pop("contribution") or 0.0 for r in rows] for rows in (reasons, score["reasons"])]
        assert amounts[0] == pytest.approx(amounts[1], abs=1e-8)
        assert reasons == score["reasons"]
        for name in set(SCORE_COLUMNS) - {*NUMBERS, "reasons", "scored_at"}:
            assert many[name] == score[name]


PERSON = {
    "first_name": "Sara",
    "company": "Conti Forni Srl",
    "source": "google",
    "message": "Since our old tool stops, could you send a quote for 42 seats? We would begin in March.",
}
TESTER = {"first_name": "test"}


@pytest.fixture(scope="module")
def strict() -> Bundle:
    """A bundle with the shipped rules whose threshold rejects for any sign, so that only the policy protects people."""
    any_sign = NeymanPearsonThreshold(0.005, 0.05, 700, Threshold(-7.0, 700, 700))
    model = replace(BUNDLE.value_model, junk=Scorecard.shipped("junk"), guarantee=any_sign)
    policy = Policy.from_text(Policy.shipped().text.replace("review_junk = 0.5", "review_junk = 0.0"))
    return Bundle(BUNDLE.spec, model, policy, BUNDLE.meta)


@pytest.mark.parametrize(
    ("address", "person", "verdict"),
    [
        ("b48213977xk@privaterelay.appleid.com", {}, "review"),
        ("q7x@mozmail.com", {}, "review"),
        ("bluelamp77@gmail.com", {}, "review"),
        ("happy.river@gmx.de", {}, "review"),
        ("abc@conti-forni.it", {}, "review"),
        ("aa@conti-forni.it", {}, "review"),
        ("testing@conti-werkstoffe.it", {}, "review"),
        ("user@conti-forni.it", {}, "review"),
        ("essai@conti-forni.fr", {}, "review"),
        ("testing@conti-werkstoffe.it", TESTER, "reject"),
        ("bluelamp77@gmail.com", {"phone": "123", "message": "see http://x.ru http://y.ru"}, "reject"),
        ("test@test.com", {}, "reject"),
        ("asdf@gmail.com", {}, "reject"),
    ],
)
def test_a_lead_is_rejected_for_independent_signs_only(
    strict: Bundle, address: str, person: dict[str, Any], verdict: str
) -> None:
    score = strict.score(Lead(**{**PERSON, "email": address, **person}), scored_at=NOW)
    assert score.verdict == verdict


@pytest.mark.parametrize(
    "address", ["b48213977xk@privaterelay.appleid.com", "bluelamp77@gmail.com", "abc@conti-forni.it"]
)
def test_an_unusual_address_of_a_person_adds_little_to_the_junk_probability(strict: Bundle, address: str) -> None:
    usual, unusual = (
        strict.score(Lead(**PERSON, email=email), scored_at=NOW).junk_probability
        for email in ("sara.conti@conti-forni.it", address)
    )
    assert unusual <= usual * np.exp(0.75)


def test_reasons_add_up_to_the_log_odds() -> None:
    table = BUNDLE.score_table(make_leads(200, seed=9), scored_at=NOW)
    shown = [sum(r["contribution"] for r in json.loads(text) if r["kind"] == "model") for text in table["reasons"]]
    p = table["win_probability"].to_numpy()
    assert shown == pytest.approx(np.log(p) - np.log1p(-p), abs=1e-6)


def test_a_lead_scores_the_same_alone_and_in_any_batch() -> None:
    leads = make_leads(50)
    some = leads.iloc[[7, 3]].reset_index(drop=True)
    whole = BUNDLE.score_table(leads, scored_at=NOW).iloc[[7, 3]].reset_index(drop=True)
    pd.testing.assert_frame_equal(BUNDLE.score_table(some, scored_at=NOW), whole, rtol=1e-9)


def test_an_empty_table_gives_an_empty_table() -> None:
    table = BUNDLE.score_table(make_leads(3).iloc[:0], scored_at=NOW)
    assert list(table.columns) == ["lead_id", *SCORE_COLUMNS]
    assert len(table) == 0


@settings(max_examples=60)
@given(
    fields=st.dictionaries(
        st.sampled_from(sorted(Lead.model_fields)),
        st.one_of(st.text(max_size=9), st.integers(), st.floats(), st.none()),
    )
)
def test_any_lead_is_scored(fields: dict[str, Any]) -> None:
    score = BUNDLE.score(Lead(**fields), scored_at=NOW)
    assert score.predicted_value == score.win_probability * score.expected_revenue


def test_a_saved_bundle_gives_the_same_scores(saved: Path) -> None:
    loaded, leads = Bundle.load(saved), make_leads(40, seed=2)
    assert (loaded.id, loaded.version, loaded.meta, loaded.policy) == (
        BUNDLE.id,
        BUNDLE.id[:12],
        BUNDLE.meta,
        BUNDLE.policy,
    )
    pd.testing.assert_frame_equal(
        loaded.score_table(leads, scored_at=NOW), BUNDLE.score_table(leads, scored_at=NOW), check_exact=True
    )


def test_the_same_data_and_seed_give_the_same_bytes(saved: Path, tmp_path: Path) -> None:
    again = make_bundle().save(tmp_path / "again")
    reloaded = Bundle.load(saved).save(tmp_path / "reloaded")
    names = sorted(str(file.relative_to(saved)) for file in saved.rglob("*") if file.is_file())
    assert "manifest.json" in names
    for name in names:
        assert (again / name).read_bytes() == (saved / name).read_bytes() == (reloaded / name).read_bytes()
    assert make_bundle(seed=8).id != BUNDLE.id


def test_the_registered_version_is_not_part_of_the_id(saved: Path) -> None:
    (saved / REGISTERED).write_text(
        Registered(model="leadworth", version="3", trained_at=NOW).model_dump_json(), "utf-8"
    )
    loaded = Bundle.load(saved)
    assert (loaded.version, loaded.trained_at, loaded.id) == ("3", NOW, BUNDLE.id)
    assert loaded.score(Lead(), scored_at=NOW).model_version == "3"


@pytest.mark.parametrize("name", ["features.json", "policy.toml", "meta.json", "worth/win.txt", "worth/worth.json"])
def test_a_changed_byte_is_refused(saved: Path, name: str) -> None:
    file = saved / name
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(bytes(content))
    with pytest.raises(BundleError, match=f"{name}.*was changed"):
        Bundle.load(saved)


def test_a_missing_file_is_refused(saved: Path) -> None:
    (saved / "worth" / "win.txt").unlink()
    with pytest.raises(BundleError, match=r"lacks worth/win\.txt"):
        Bundle.load(saved)


def test_a_folder_without_manifest_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="no bundle at"):
        Bundle.load(tmp_path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format": 1}, "format 1; allowed: format 2"),
        ({"format": 99, "new": {}}, "format 99"),
        ({"features_hash": "0" * 64}, "made for the features 000000000000"),
        ({"files": {"../secrets": "0" * 64}}, "outside the bundle"),
        ({"files": {}}, "cannot be read"),
        ({"features_hash": "short"}, "1 faults"),
    ],
)
def test_an_incompatible_manifest_is_refused(saved: Path, change: dict[str, Any], message: str) -> None:
    file = saved / "manifest.json"
    file.write_text(json.dumps(json.loads(file.read_text("utf-8")) | change), "utf-8")
    with pytest.raises(BundleError, match=message):
        Bundle.load(saved)


def test_a_manifest_that_is_not_json_is_refused(saved: Path) -> None:
    (saved / "manifest.json").write_text("{", "utf-8")
    with pytest.raises(BundleError, match="not the manifest"):
        Bundle.load(saved)


def test_nothing_in_the_folder_is_a_pickle(saved: Path) -> None:
    for file in saved.rglob("*"):
        if file.is_file():
            file.read_text("utf-8")
