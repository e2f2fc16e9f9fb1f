"""Yes and no are read in every language; anything else is unreadable, never a default."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadworth.readers.flag_reader import Outcome, folded, read_flag
from leadworth.readers.flag_words import LOST, NO, OPEN, WON, YES
from leadworth.unreadable import Unreadable

SPREADSHEETS = (
    *(("TRUE", "FALSE"), ("WAHR", "FALSCH"), ("VRAI", "FAUX"), ("VERO", "FALSO"), ("VERDADERO", "FALSO")),
    *(("VERDADEIRO", "FALSO"), ("ИСТИНА", "ЛОЖЬ"), ("PRAWDA", "FAŁSZ"), ("WAAR", "ONWAAR"), ("SANT", "FALSKT")),
    *(("SAND", "FALSK"), ("TOSI", "EPÄTOSI"), ("DOĞRU", "YANLIŞ"), ("PRAVDA", "NEPRAVDA"), ("IGAZ", "HAMIS")),
    *(
        ("ADEVĂRAT", "FALS"),
        ("真", "假"),
        ("참", "거짓"),
        ("ΑΛΗΘΗΣ", "ΨΕΥΔΗΣ"),
        ("はい", "いいえ"),
        ("ІСТИНА", "ХИБНІСТЬ"),
    ),
    *(("on", "off"), ("✓", "✗"), ("☑", "☐"), ("✔️", "❌"), ("checked", "unchecked"), ("1.00", "0.00"), ("1,0", "0,0")),
    *(("Y", "N"), ("J", "N"), ("S", "N"), ("T", "F"), ("да", "нет"), ("evet", "hayır"), ("EVET", "HAYIR"), (1, 0)),
    *(("tak", "nie"), ("ano", "ne"), ("igen", "nem"), ("ja", "nee"), ("sí", "no"), ("Sim", "Na\u0303o"), (1.0, 0.0)),
)


@pytest.mark.parametrize(("yes", "no"), SPREADSHEETS)
def test_yes_and_no(yes: object, no: object) -> None:
    assert read_flag(yes) is True
    assert read_flag(no) is False


@pytest.mark.parametrize(
    "written",
    [
        "🔴 Yes",
        "✅ No",
        "✓✗",
        "⭐ perhaps",
        "⭐",
        "perhaps",
        "2",
        2,
        "0.5",
        "Not won",
        "Open",
        "Closed Won",
        "nai",
        "2024-01-05",
        "####",
    ],
)
def test_anything_else_is_unreadable(written: object) -> None:
    assert isinstance(read_flag(written), Unreadable)


@pytest.mark.parametrize(
    ("written", "outcome", "meant"),
    [
        ("Closed Won", "won", True),
        ("Closed Won", "lost", False),
        ("Lost", "won", False),
        ("Lost", "lost", True),
        ("Open", "won", False),
        ("Open", "lost", False),
        ("Not won", "won", False),
        ("Verloren", "lost", True),
        ("수주", "won", True),
        ("WAHR", "lost", True),
        ("✅ Won", "won", True),
        ("Won 🎉", "won", True),
        ("❌ Lost", "won", False),
        ("🔴 Open", "lost", False),
        ("Vundet", "won", True),
        ("已丢单", "lost", True),
        ("closed_won", "won", True),
        ("Closed/Won", "won", True),
        ("closed–lost", "won", False),
        ("Pas gagné", "won", False),
        ("Non vinta", "won", False),
        ("NOT YET WON", "won", False),
        ("Ikke vundet", "won", False),
        ("не выигран", "won", False),
        ("未成約", "won", False),
        ("미수주", "won", False),
        ("Nicht verloren", "lost", False),
        ("-", "won", None),
        ("none", "lost", None),
    ],
)
def test_flags_of_an_outcome(written: str, outcome: Outcome, meant: bool | None) -> None:
    assert read_flag(written, outcome) is meant


@pytest.mark.parametrize(
    "written", ["Deal gewonnen", "Won (50%)", "Not sure", "no decision", "-1", "Won?", "nie wieder"]
)
def test_what_is_not_understood_is_no_outcome(written: str) -> None:
    assert isinstance(read_flag(written, "won"), Unreadable)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("=TRUE()", True),
        ("WAHR()", True),
        ("=FALSCH", False),
        ("'TRUE", True),
        ('="VERO"', True),
        ('"no"', False),
        ("Yes.", True),
        ("No!", False),
        (".T.", True),
        (".F.", False),
        ("有", True),
        ("无", False),
        ("있음", True),
        ("없음", False),
        ("not selected", False),
        ("(not set)", None),
        ("...", None),
    ],
)
def test_formulas_points_and_presence(written: str, meant: bool | None) -> None:
    assert read_flag(written) is meant


def test_no_word_has_two_meanings() -> None:
    words = [{folded(word) for word in table} for table in (YES, NO, WON, LOST, OPEN)]
    for position, table in enumerate(words):
        for other in words[position + 1 :]:
            assert not table & other


@given(st.text(max_size=8))
def test_case_and_composition_do_not_matter(written: str) -> None:
    assert read_flag(written) == read_flag(f" {written} ")
