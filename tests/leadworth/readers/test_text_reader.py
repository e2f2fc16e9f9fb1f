"""Text is trimmed and composed; placeholders are missing."""

from __future__ import annotations

import unicodedata

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.column_cast import texts
from leadworth.readers.text_reader import MOST_MARKS, composed, read_text


@given(st.text())
def test_text_is_trimmed_and_stays_so(value: str) -> None:
    read = read_text(value)
    assert read is None or (read and read == read.strip())
    assert read_text(read) == read


@given(st.text(st.sampled_from("\x00 ab\u3000é"), max_size=12), st.integers(1, 6))
def test_cut_text_is_within_its_limit_and_read_again_the_same(written: str, limit: int) -> None:
    read = read_text(written, limit)
    assert read is None or (0 < len(read) <= limit and "\x00" not in read)
    assert read_text(read, limit) == read


MARKED = st.text(st.sampled_from("ae\u0301\u0327\u0308\u0323\u0344\u1e69\uac00\u11a8"), max_size=MOST_MARKS)


@given(MARKED | st.text())
def test_text_is_composed_as_by_unicode(written: str) -> None:
    assert composed(written) == unicodedata.normalize("NFC", written)


@given(MARKED)
def test_composed_text_stays_so_and_long_runs_of_marks_are_cut(written: str) -> None:
    read = composed(f"a{written}" + "\u0301\u0327" * MOST_MARKS + "b")
    assert composed(read) == read
    assert (read[-1], unicodedata.normalize("NFC", read)) == ("b", read)
    assert len(read) <= 3 * len(written) + MOST_MARKS + 2


@pytest.mark.parametrize(
    "written",
    [
        "N/A",
        "n/a",
        "#N/A",
        "null",
        "NULL",
        "undefined",
        "(not set)",
        "None",
        "--",
        "—",
        "#VALUE!",
        "#REF!",
        "nan",
        "NaN",
        "Select",
        "not available",
        "#WERT!",
        "#NV",
        "#ЗНАЧ!",
        "k.A.",
        "keine Angabe",
        "non renseigné",
        "нет данных",
        "해당 없음",
        "該当なし",
        "Niet ingevuld",
        "SEM INFORMAÇÃO",
        "Nie wybrano",
        "（未選択）",
        "未回答",
        "--Ninguno--",
        "<NA>",
        " - ",
        "[object Object]",
        "\ufeff(not set)\u200b",
        pd.NA,
        pd.NaT,
        np.float64("nan"),
    ],
)
def test_placeholders_are_missing(written: object) -> None:
    assert read_text(written) is None


@pytest.mark.parametrize("written", ["Null", "NA", "Nan", "No", "x", "?", "0", "Selected", "Acme N/A", "Sin respuesta"])
def test_names_are_no_placeholders(written: str) -> None:
    assert read_text(written) == written


def test_composed_and_decomposed_text_are_the_same() -> None:
    assert read_text("Jose\u0301") == read_text("José") == "José"


@pytest.mark.parametrize(
    "macro",
    [
        *("{{campaign.name}}", "{{Campaign.Name}}", "{campaignid}", "{CampaignId}", "{keyword}", "__CAMPAIGN_NAME__"),
        *("%%CAMPAIGN%%", "${utm_source}", "%7B%7Bcampaign.name%7D%7D", "[utm_source]", "{{site_source_name}}"),
    ],
)
def test_a_macro_that_was_not_filled_in_is_missing(macro: str) -> None:
    assert read_text(macro) is None
    assert texts(pa.array([macro, "campaign"])).to_pylist() == [None, "campaign"]
