"""What a visitor sends beside the content of the form never makes a lead worth more.

The reference is the same person who typed the same profile, message and attribution, with the same time from showing
the form to sending it and a collector that tells the truth. Behaviour, age, counts, what the service or a server knows,
unknown columns, the honeypot, tokens of any kind and the collector's data may lower the value, by the junk probability.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from features.collected_touches import touch_values
from leadworth.form_settings import FormSettings
from leadworth.records import AGE, FormFields, Lead
from serving.forms.signed_token import TokenSigner
from store.decision_log import replayable
from tests.behaviour.test_recorded_scores import FOLDER
from tests.features.leads import PERSON, payloads
from tests.serving.running import FolderRegistry, client_of, settings_in

FORM = "contact"
COLLECTED = ("lw_data", "form_token")
CLAIMS = (*(name for name in Lead.model_fields if name not in FormFields.model_fields), AGE, "Locations", "Device")
"""Fields that only a server or the service knows, the age, and columns of the model that the form does not ask for."""
JUNK_OF_AN_HONEST_PERSON = 0.1

TYPED = st.fixed_dictionaries(
    {
        "email": st.sampled_from(["sara.conti@conti-forni.it", "sara.conti@gmail.com", "bluelamp77@gmail.com"]),
        "first_name": st.just("Sara"),
        "last_name": st.just("Conti"),
    },
    optional={
        "company": st.just("Conti Forni Srl"),
        "country": st.just("Italy"),
        "job_title": st.sampled_from(["Head of Buying", "Student"]),
        "employees": st.sampled_from(["3", "900"]),
        "budget": st.sampled_from(["500", "90000"]),
        "phone": st.just("+39 06 6982 1234"),
        "message": st.sampled_from(["Please send a quote for 40 seats.", "What does it cost?"]),
        "source": st.sampled_from(["google", "linkedin", "bing"]),
        "medium": st.just("cpc"),
        "gclid": st.just(
            "Cj0KCQjw6ar4BRDnARIsAITGzlC8gvR5NTWvpQOIKIPyE4xcO5LjGJoZKBW9YXJrdyeo0q4D3t2UyJYaAoeoEALw_wcB"
        ),
    },
)
NUMBERS = st.sampled_from(["0", "1", "3", "300", "1e9", "yes", "no", "import", "2020-01-01", "IT", "3269"])
CLAIMED = st.dictionaries(st.sampled_from(CLAIMS) | st.text(max_size=12), NUMBERS | st.text(max_size=12), max_size=6)
BEST = json.dumps(
    PERSON | {"ga": 1_600_000_000, "fbp": 1_600_000_000, "ms": 9e6, "dwell": 9e4, "scroll": 100, "vis": 9}
)
SEEN = payloads() | st.sampled_from([BEST, "{", json.dumps({"v": 1})])
AGES = st.none() | st.sampled_from([0, 30, 600, 80_000])


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A service with the recorded model, which was trained on a simulated CRM with the collector's data."""
    registry = FolderRegistry(FOLDER)
    registry.alias = "bundle"
    forms = FormSettings(protected=(FORM,), per_minute=0)
    configured = settings_in(tmp_path_factory.mktemp("page")).model_copy(update={"forms": forms})
    with client_of(configured, registry) as client:
        yield client


def token_of(page: TestClient, age: int) -> str:
    """Return a token of the service that is some seconds old."""
    signer: TokenSigner = page.app.state.scoring.enrichment.signer
    now = signer._signer.get_timestamp()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(signer._signer, "get_timestamp", lambda: now - age)
        return signer.issue(FORM)


def decided(page: TestClient, body: dict[str, str], headers: dict[str, str] | None = None) -> dict[str, Any]:
    """Post a form and return its decision."""
    body = {name: text.encode("utf-8", "replace").decode() for name, text in body.items()}
    assert page.post(f"/v1/forms/{FORM}/leads", data=body, headers=headers).status_code == 202
    with page.app.state.store.engine.connect() as connection:
        [row] = replayable(connection, decision=None, lead=None, last=1)
        return dict(row)


def if_genuine(decision: dict[str, Any]) -> float:
    """Return the value of the lead if it is no junk."""
    return float(decision["predicted_value"] / (1.0 - decision["junk_probability"]))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    typed=TYPED, claims=CLAIMED, seen=SEEN, trap=st.sampled_from([None, "", "filled"]), age=AGES, other=st.booleans()
)
@example(
    typed={"email": "sara.conti@conti-forni.it", "first_name": "Sara", "last_name": "Conti"},
    claims=dict.fromkeys(CLAIMS, "3"),
    seen=BEST,
    trap=None,
    age=600,
    other=False,
)
def test_nothing_but_the_content_of_the_form_raises_its_value(
    page: TestClient,
    typed: dict[str, str],
    claims: dict[str, str],
    seen: str,
    trap: str | None,
    age: int | None,
    other: bool,
) -> None:
    claims = {name: text for name, text in claims.items() if name not in FormFields.model_fields and name != "lw_next"}
    honeypot = page.app.state.settings.forms.honeypot
    token = {} if age is None else {"form_token": token_of(page, age)}
    traps = {} if trap is None else {honeypot: trap}
    attack = decided(page, typed | claims | {"lw_data": seen} | token | traps | ({"form_token": "x"} if other else {}))

    attribution = {name: str(value) for name, value in touch_values(seen).items()}
    content = attribution | typed
    truth = {"lw_data": json.dumps(PERSON)}
    timed = {} if age is None or other else {"form_token": token_of(page, age)}
    honest = [decided(page, content | truth | timed | own) for own in ({}, {honeypot: ""})]
    best = max(map(if_genuine, honest))
    assert if_genuine(attack) <= best * (1 + 1e-9)
    assert attack["predicted_value"] <= best
    if timed and "company" in typed and "phone" in typed and "gmail" not in typed["email"]:
        assert honest[0]["junk_probability"] < JUNK_OF_AN_HONEST_PERSON


CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0 Safari/537.36"
)
OF_THE_BROWSER = {"User-Agent": CHROME, "Accept-Language": "it-IT,it;q=0.9"}
SENT_BY_BROWSERS = dict.fromkeys(
    (
        *("Cache-Control", "Origin", "Referer", "Upgrade-Insecure-Requests", "Sec-CH-UA", "Sec-CH-UA-Mobile"),
        *("Sec-CH-UA-Platform", "Sec-Fetch-Dest", "Sec-Fetch-Mode", "Sec-Fetch-Site", "Sec-Fetch-User"),
    ),
    "1",
)
HEADERS = (
    *("X-Forwarded-For", "Forwarded", "X-Real-IP", "CF-Connecting-IP", "True-Client-IP", "CF-IPCountry", "X-ASN"),
    *("X-Age-Days", "X-Visits", "X-Lead-Value", "X-Token-State", "Authorization", "Cookie", "Idempotency-Key"),
    *("X-HTTP-Method-Override", "X-Original-URL", "Sec-GPC", "DNT", "Via", "X-Requested-With", "Webdriver"),
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    typed=TYPED,
    sent=st.dictionaries(
        st.sampled_from((*HEADERS, *SENT_BY_BROWSERS)) | st.from_regex(r"X-[A-Z][a-z]{1,8}", fullmatch=True),
        st.sampled_from(["0", "1", "300", "8.8.8.8", "ok", "CH"]),
        max_size=30,
    ),
)
@example(typed={"email": "sara.conti@conti-forni.it"}, sent=dict.fromkeys(HEADERS, "1"))
def test_no_header_raises_a_value_above_that_of_a_browser(
    page: TestClient, typed: dict[str, str], sent: dict[str, str]
) -> None:
    attack = decided(page, typed, OF_THE_BROWSER | sent)
    browser = decided(page, typed, OF_THE_BROWSER | SENT_BY_BROWSERS)
    assert if_genuine(attack) <= if_genuine(browser) * (1 + 1e-9)
    assert attack["predicted_value"] <= browser["predicted_value"] * (1 + 1e-9)
