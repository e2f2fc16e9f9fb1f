"""Lead data of a part is that of the part alone."""

from __future__ import annotations

import numpy as np
import pandas as pd

from training.lead_data import LeadData
from training.velocity_backfill import near_duplicates

TEXT = "We would like a demo of your product for our sales team of about forty people next week"
OTHER = "Please send us the price list for the machines that you showed at the fair in Milan in May"


def leads() -> pd.DataFrame:
    messages = [TEXT, None, OTHER, TEXT + "!", None, OTHER + ".", "Call me about the invoice of last month, please"]
    table = pd.DataFrame({"lead_id": list("abcdefg"), "message": pd.Series(messages, dtype="str")})
    return table.set_axis(np.arange(7) * 10)


def test_a_part_has_the_groups_of_its_rows_alone() -> None:
    table = leads()
    data = LeadData.of(table, {})
    for part in ([0, 1, 2, 3, 4, 5, 6], [2, 3, 5, 6], [5, 3, 1], [1, 4]):
        rows = np.array(part)
        assert data.groups(rows).tolist() == near_duplicates(table.iloc[part]).tolist()


def test_rows_are_found_by_their_index() -> None:
    data = LeadData.of(leads(), {})
    assert data.rows(pd.Index([30, 0])).tolist() == [3, 0]


def test_no_feature_is_made_of_ignored_fields() -> None:
    table = leads().assign(phone=[f"+39 06 {number}123456" for number in range(7)])
    fields = LeadData.of(table, {}, {"message"}).cells.fit_spec(np.arange(7)).fields
    assert "message" not in fields
    assert "phone" in fields
