"""A row names its junk where that is certain, high, and more than elsewhere."""

from __future__ import annotations

import pytest

from reporting.page.page_model import Message, Quantity, Unit
from reporting.views.junk_notes import junk_notes
from reporting.views.metric_inputs import ScopeSums


def part(scored: int, junk: int) -> ScopeSums:
    return ScopeSums({"leads": scored, "scored": scored, "junk": junk})


def test_the_share_is_that_of_the_scored_leads() -> None:
    notes = junk_notes({"Display": part(200, 90), "Paid Search": part(900, 30)})
    assert notes == {"Display": Message("{share} of its leads are junk", {"share": Quantity(0.45, Unit.SHARE)})}


@pytest.mark.parametrize(
    ("scored", "junk", "others_junk"),
    [
        (0, 0, 30),  # nothing scored
        (10, 4, 30),  # too few leads
        (400, 60, 30),  # usual
        (400, 160, 360),  # as much as elsewhere
    ],
)
def test_a_share_that_is_usual_or_uncertain_is_not_named(scored: int, junk: int, others_junk: int) -> None:
    assert junk_notes({"Display": part(scored, junk), "Paid Search": part(900, others_junk)}) == {}


def test_a_channel_alone_is_compared_with_the_usual_share() -> None:
    assert set(junk_notes({"Display": part(400, 200)})) == {"Display"}
    assert junk_notes({}) == {}
