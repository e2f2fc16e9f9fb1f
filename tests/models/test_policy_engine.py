"""Decision policy engine: refusals, verdicts, and the same decision for one lead as in a table."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadworth.records import Lead, Verdict
from models.mql_economics import MqlEconomics
from models.policy import Policy
from models.policy_engine import Decisions, PolicyEngine, RuleResults, Scores
from models.policy_kernel import decide
from tests.make_bundle import lead_of, make_bundle, make_leads

SPEC = make_bundle().spec
INDEX = {name: index for index, name in enumerate(SPEC.names)}
ECONOMICS = MqlEconomics(0.4, 25.0, "EUR")
PROFILE = {"email": "ada@lovelace.io", "company": "Lovelace"}


class Numbers(NamedTuple):
    """Scores of one lead."""

    win_probability: float
    expected_revenue: float
    junk_probability: float
    automation_probability: float


class Decision(NamedTuple):
    """The decision about one lead."""

    verdict: str
    mql: bool
    mql_reason: str
    rules: tuple[tuple[str, str], ...]


GOOD = Numbers(0.3, 1_000.0, 0.02, 0.05)


def engine(policy: Policy | None = None, fields: tuple[str, ...] = SPEC.fields, **more: Any) -> PolicyEngine:
    return PolicyEngine(policy or Policy.shipped(), INDEX, fields, more.pop("economics", ECONOMICS), **more)


def decision(decisions: Decisions, row: int) -> Decision:
    rules = tuple(decisions.rules.get(row, ()))
    return Decision(decisions.verdict[row], bool(decisions.mql[row]), decisions.mql_reason[row], rules)


def decide_one(tested: PolicyEngine, lead: Lead, vector: Any, numbers: Numbers, *, rejects: bool = False) -> Decision:
    """Decide about one lead from results that were stored as JSON, as in a replay."""
    scores = Scores(*(np.array([number]) for number in numbers))
    holds = tested.evaluate(tested.fields_of_lead(lead), np.asarray(vector).reshape(1, -1), scores)
    results = tested.results(holds[0])
    stored = RuleResults.from_json(results.to_json())
    assert stored == results
    np.testing.assert_array_equal(tested.holds(stored), holds)
    return decision(tested.decide(tested.holds(stored), scores, np.array([rejects])), 0)


def decision_of(
    lead: dict[str, Any], numbers: Numbers = GOOD, tested: PolicyEngine | None = None, *, rejects: bool | None = None
) -> Decision:
    received = Lead(**lead)
    above = numbers.junk_probability >= 0.95 if rejects is None else rejects
    return decide_one(tested or engine(), received, SPEC.vector(received), numbers, rejects=above)


def test_a_genuine_lead_is_accepted_and_qualified_with_its_value() -> None:
    decided = decision_of(PROFILE)
    assert (decided.verdict, decided.mql, decided.rules) == (Verdict.ACCEPT.value, True, ())
    assert decided.mql_reason == (
        "Passed rule mql: profile (business e-mail, company) and initiative (submitted the form); "
        "0.3000 x 1000.00 EUR x margin 0.4 = 120.00, touch cost 25.00"
    )


@pytest.mark.parametrize(
    "address",
    ["test@test.com", "asdf@gmail.com", "ada@example.com", "ada@shop.test", "ada@shop.invalid", "[email protected]"],
)
def test_a_test_address_is_never_qualified(address: str) -> None:
    decided = decision_of(PROFILE | {"email": address, "demo_requested": True}, Numbers(0.99, 1e6, 0.0, 0.0))
    assert not decided.mql
    assert decided.mql_reason.startswith("Refused by rule test-address: ")
    assert decided.verdict == Verdict.REJECT.value


@pytest.mark.parametrize("address", ["testing@acme.io", "user@acme.io", "prueba@acme.es"])
def test_a_test_word_at_a_company_is_reviewed_and_keeps_the_mql(address: str) -> None:
    decided = decision_of(PROFILE | {"email": address})
    assert (decided.verdict, decided.mql) == (Verdict.REVIEW.value, True)
    confirmed = decision_of(PROFILE | {"email": address, "first_name": "Test"})
    assert (confirmed.verdict, confirmed.mql) == (Verdict.REJECT.value, False)


@pytest.mark.parametrize("address", ["abc@acme.io", "aa@acme.io", "x7k@mozmail.com", "bluelamp77@gmail.com"])
def test_initials_relays_and_nicknames_are_accepted(address: str) -> None:
    decided = decision_of(PROFILE | {"email": address})
    assert (decided.verdict, decided.mql, decided.rules) == (Verdict.ACCEPT.value, True, ())


def test_a_test_address_is_detected_without_email_features() -> None:
    blind = PolicyEngine(Policy.shipped(), {}, (), ECONOMICS)
    assert "test-address" in decide_one(blind, Lead(email="test@test.com"), np.empty(0), GOOD).mql_reason


def test_own_domain_is_never_qualified() -> None:
    own = Policy.from_text(Policy.shipped().text.replace("own_domains = []", 'own_domains = ["lovelace.io"]'))
    decided = decision_of(PROFILE | {"email": "ada@mail.lovelace.io"}, tested=engine(own))
    assert (decided.verdict, decided.mql) == (Verdict.REVIEW.value, False)
    assert "rule own-domain" in decided.mql_reason


@pytest.mark.parametrize(
    ("lead", "numbers", "rule"),
    [
        (PROFILE, GOOD._replace(junk_probability=0.6), "junk"),
        (PROFILE | {"entry": "import"}, GOOD, "bulk-import"),
        ({"email": "ada@gmail.com"}, GOOD, "initiative-only"),
        ({"email": "x7k@privaterelay.appleid.com"}, GOOD, "initiative-only"),
        ({"email": "asdf"}, GOOD, "initiative-only"),
        ({"email": "ada@acme"}, GOOD, "initiative-only"),
        (PROFILE, GOOD._replace(expected_revenue=100.0), "touch-cost"),
        (PROFILE, GOOD._replace(win_probability=0.0625), "touch-cost"),  # 25.00 is not above 25.00
    ],
)
def test_a_refusal_names_its_rule(lead: dict[str, Any], numbers: Numbers, rule: str) -> None:
    decided = decision_of(lead, numbers)
    assert not decided.mql
    assert f"Refused by rule {rule}: " in decided.mql_reason


def test_an_import_that_acts_later_is_qualified() -> None:
    assert decision_of(PROFILE | {"entry": "import", "demo_requested": True}).mql


def test_profile_only_if_the_policy_does_not_count_the_submit() -> None:
    text = Policy.shipped().text.replace('[{ check = "own_submit" }]', '[{ field = "visits", at_least = 9 }]')
    strict = engine(Policy.from_text(text))
    assert "rule profile-only" in decision_of(PROFILE, tested=strict).mql_reason
    assert "rule no-profile-no-initiative" in decision_of({"email": "a.da@gmail.com"}, tested=strict).mql_reason


def test_without_profile_fields_in_the_data_profile_is_not_required() -> None:
    decided = decision_of({"email": None}, tested=PolicyEngine(Policy.shipped(), {}, ("source",), ECONOMICS))
    assert decided.mql
    assert "profile not in the data" in decided.mql_reason


def test_without_revenue_an_mql_needs_the_win_probability_of_the_average_lead() -> None:
    tested = engine(economics=ECONOMICS._replace(revenue_known=False, least_probability=0.25))
    decided = decision_of(PROFILE, GOOD._replace(expected_revenue=1.0), tested)
    assert decided.mql
    assert decided.mql_reason.endswith("0.3000, at least 0.2500 without revenue in the data")
    decided = decision_of(PROFILE, GOOD._replace(win_probability=0.24, expected_revenue=1.0), tested)
    assert not decided.mql
    assert decided.mql_reason == (
        "Refused by rule win-probability: a win is less likely than that of the average lead "
        "(0.2400, at least 0.2500 without revenue in the data)"
    )


def test_a_rule_that_is_switched_off_never_holds() -> None:
    lead = {"email": "ada@test.example", "company": "Lovelace"}
    assert decision_of(lead).verdict == "reject"
    decided = decision_of(lead, tested=engine(switched_off=("test-address",)))
    assert (decided.verdict, decided.mql, decided.rules) == ("accept", True, ())


def test_no_currency_is_not_shown() -> None:
    decided = decision_of(PROFILE, tested=engine(economics=ECONOMICS._replace(unit="")))
    assert "0.3000 x 1000.00 x margin 0.4 = 120.00" in decided.mql_reason


@pytest.mark.parametrize("alone", [{"honeypot_filled": True}, {"webdriver": True}, {}])
def test_automation_alone_never_rejects(alone: dict[str, Any]) -> None:
    numbers = GOOD._replace(junk_probability=0.999, automation_probability=0.99 if not alone else 0.1)
    decided = decision_of(PROFILE | alone, numbers)
    assert decided.verdict == Verdict.REVIEW.value
    assert decided.rules[-1][0] == "junk-held"
    with_sign = decision_of(PROFILE | alone | {"message": "see http://x.ru"}, numbers)
    assert with_sign.verdict == Verdict.REJECT.value
    assert {"links-in-message", "junk"} <= {code for code, _ in with_sign.rules}


def test_a_lead_rejected_by_a_custom_rule_is_not_qualified() -> None:
    rule = '[[verdict.rules]]\nid = "rival"\nverdict = "reject"\nsentence = "A rival"\n'
    rule += 'when = [{ field = "company", any_of = ["LOVELACE"] }]\n\n[[verdict.signs]]'
    decided = decision_of(
        PROFILE, tested=engine(Policy.from_text(Policy.shipped().text.replace("[[verdict.signs]]", rule, 1)))
    )
    assert (decided.verdict, decided.mql, decided.rules) == (Verdict.REJECT.value, False, (("rival", "A rival"),))
    assert "rule rejected: " in decided.mql_reason


def test_junk_is_reviewed_then_rejected() -> None:
    decided = [decision_of(PROFILE, GOOD._replace(junk_probability=junk)).verdict for junk in (0.49, 0.5, 0.94, 0.95)]
    assert decided == ["accept", "review", "review", "reject"]


def test_without_a_threshold_no_junk_score_rejects() -> None:
    decided = decision_of(PROFILE, GOOD._replace(junk_probability=0.9999), rejects=False)
    assert decided.verdict == Verdict.REVIEW.value


def test_junk_probability_below_review_is_accepted_even_above_the_threshold() -> None:
    assert decision_of(PROFILE, GOOD._replace(junk_probability=0.3), rejects=True).verdict == Verdict.ACCEPT.value


def test_a_table_gets_the_decisions_of_its_leads() -> None:
    leads, rng = make_leads(600, seed=3), np.random.default_rng(0)
    columns = {
        "win_probability": rng.random(600),
        "expected_revenue": rng.exponential(200.0, 600),
        "junk_probability": rng.choice([0.01, 0.5, 0.97], 600),
        "automation_probability": rng.choice([0.01, 0.95], 600),
    }
    tested = engine(Policy.from_text(Policy.shipped().text.replace("own_domains = []", 'own_domains = ["plant.it"]')))
    rejects = rng.random(600) < 0.3
    scores = Scores(**columns)
    matrix = SPEC.matrix(leads)
    table = tested.decide(tested.evaluate(tested.fields_of_table(leads), matrix, scores), scores, rejects)
    for row in range(600):
        lead = lead_of(leads.iloc[row])
        numbers = Numbers(*(float(columns[name][row]) for name in Numbers._fields))
        assert decision(table, row) == decide_one(tested, lead, SPEC.vector(lead), numbers, rejects=bool(rejects[row]))
    assert len({reason.split(":")[0] for reason in table.mql_reason}) >= 5


def test_uncompiled_loop_gives_the_same_decisions() -> None:
    leads, rng = make_leads(60, seed=4), np.random.default_rng(1)
    tested, junk = engine(), rng.choice([0.01, 0.6, 0.97], 60)
    scores = Scores(rng.random(60), np.full(60, 90.0), junk, rng.choice([0.1, 0.95], 60))
    holds = np.ascontiguousarray(tested.evaluate(tested.fields_of_table(leads), SPEC.matrix(leads), scores))
    earned = scores.win_probability * 36.0
    numbers = junk, junk > 0.9, earned, scores.win_probability
    for revenue_known in (True, False):
        arguments = holds, (tested._bounds, tested._ranks), numbers, (0.5, 25.0, 0.4), (True, revenue_known)
        np.testing.assert_array_equal(decide(*arguments), decide.py_func(*arguments))


def test_two_rules_of_one_check_list_it_once() -> None:
    decided = decision_of(PROFILE | {"webdriver": True}, GOOD._replace(automation_probability=0.99))
    assert [code for code, _ in decided.rules] == ["automated"]


text = st.one_of(st.none(), st.text(max_size=12), st.sampled_from(["test@test.com", "import", "[email protected]"]))
share = st.floats(0.0, 1.0)


@settings(max_examples=150)
@given(
    fields=st.fixed_dictionaries(
        dict.fromkeys(("email", "phone", "company", "entry", "budget", "message", "visits"), text)
    ),
    flags=st.fixed_dictionaries(
        {name: st.one_of(st.none(), st.booleans()) for name in ("honeypot_filled", "webdriver")}
    ),
    numbers=st.builds(Numbers, share, st.floats(0.0, 1e12), share, share),
)
def test_no_lead_makes_the_policy_fail(fields: dict[str, Any], flags: dict[str, Any], numbers: Numbers) -> None:
    decided = decision_of(fields | flags, numbers)
    assert ": " in decided.mql_reason
    assert math.isfinite(len(decided.rules))
    assert not (decided.mql and fields["email"] == "test@test.com")
