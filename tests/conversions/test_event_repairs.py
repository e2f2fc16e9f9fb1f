"""Repairs of optional fields are sent with the event and named in the ledger."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from conversions.conversion_event import PersonIdentifiers
from conversions.event_checks import no_plain_address
from conversions.event_repairs import repair_identifiers
from conversions.person_identifiers import PLATFORM_IDS
from tests.conversions.events import ADA
from tests.conversions.export_setup import ExportSetup, lead

FIELDS = ("email", "phone", "first_name", "last_name", "region", "postal_code", "ip", "user_agent")
texts = st.text() | st.sampled_from(["ada@example.org", "undefined", "l:1234567890123456", " ", "a\x00b"])
people = st.builds(
    lambda person, ids: PersonIdentifiers(**person, platform_ids=ids),
    st.dictionaries(st.sampled_from(FIELDS), texts),
    st.dictionaries(st.sampled_from(PLATFORM_IDS), texts),
)


def test_sound_identifiers_are_unchanged() -> None:
    ids = {name: text for name, text in ADA.platform_ids.items() if "test" not in text or name in ("gclid", "fbclid")}
    sound = PersonIdentifiers("ada@example.org", "+4930123456", "Ada", "Lovelace", "DE", "10115", platform_ids=ids)
    assert repair_identifiers(sound) == (sound, ())


def test_a_text_that_is_no_address_or_lost_letters_is_dropped_and_named() -> None:
    person = PersonIdentifiers("noemail@noemail.com", first_name="Jos\ufffd", user_agent="Mozilla \ufffd")
    repaired, repairs = repair_identifiers(person)
    assert repaired == PersonIdentifiers()
    assert repairs == ("email dropped", "first_name dropped", "user_agent dropped")


@given(people)
def test_repaired_identifiers_need_no_further_repair(identity: PersonIdentifiers) -> None:
    repaired, repairs = repair_identifiers(identity)
    assert repair_identifiers(repaired) == (repaired, ())
    assert bool(repairs) == (repaired != identity) or set(identity.platform_ids) == {"ga_client_id"}
    without_address = {name: getattr(repaired, name) for name in FIELDS if name != "email"}
    no_plain_address({**without_address, **repaired.platform_ids})


def test_an_id_with_a_prefix_and_a_click_after_the_form_are_repaired_and_sent(export: ExportSetup) -> None:
    at = datetime.now(UTC) - timedelta(hours=8)
    late = lead(1, submitted_at=at, clicked_at=at + timedelta(seconds=5), meta_lead_id="l:1234567890123456")
    export.add(late, to=tuple(export.destinations))
    export.make_due()
    export.send_all()
    delivered = {row["destination"]: row for row in export.rows()}
    assert {row["state"] for row in delivered.values()} == {"accepted"}
    late_click = "without its time: later than the conversion"
    assert delivered["meta"]["repairs"] == "meta_lead_id corrected"
    assert delivered["google"]["repairs"] == f"gclid {late_click}"
    assert delivered["microsoft"]["repairs"] == f"msclkid {late_click}"
    assert delivered["tiktok"]["repairs"] is None
