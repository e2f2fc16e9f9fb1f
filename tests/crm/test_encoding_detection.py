"""Encodings by the words of their languages: right, or in doubt."""

from __future__ import annotations

import random
import tomllib
from pathlib import Path

import pytest

from crm.encoding_detection import detect

TEXTS = tomllib.loads((Path(__file__).parent / "data" / "encoding_texts.toml").read_text(encoding="utf-8"))
CASES = [(language, encoding) for language, texts in TEXTS.items() for encoding in texts["encodings"]]


def export(language: str, encoding: str, rows: int, seed: int) -> bytes:
    rng = random.Random(seed)
    texts = TEXTS[language]
    lines = [
        f"K{n:04},{rng.choice(texts['names'])},{rng.choice(texts['cities'])},{rng.choice(texts['messages'])},google"
        for n in range(rows)
    ]
    return "\n".join(["Lead ID,Name,City,Message,Source", *lines]).encode(encoding)


@pytest.mark.parametrize(("language", "encoding"), CASES)
def test_an_export_of_one_language_is_read_right(language: str, encoding: str) -> None:
    content = export(language, encoding, 12, seed=3)
    guess = detect(content)

    assert content.decode(guess.encoding) == content.decode(encoding)
    assert guess.doubt == ""


@pytest.mark.slow
@pytest.mark.parametrize("rows", [1, 2, 4, 8, 60])
def test_a_wrong_encoding_is_always_in_doubt(rows: int) -> None:
    for language, encoding in CASES:
        for seed in range(10):
            content = export(language, encoding, rows, seed)
            guess = detect(content)
            assert guess.doubt or content.decode(guess.encoding, "replace") == content.decode(encoding)


def test_languages_may_be_mixed() -> None:
    names = ["Jürgen Weiß", "Chloé Garçon", "José Núñez", "João Gonçalves", "Åsa Lindström", "Søren Kjærgaard"]
    guess = detect("\n".join(names).encode("cp1252"))

    assert (guess.encoding, guess.doubt) == ("cp1252", "")


def test_a_doubt_names_the_other_encoding() -> None:
    guess = detect("Björn".encode("mac_roman"))

    assert guess.doubt not in {"", guess.encoding}


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize("text", ["id,name\n1,Ada\n", "id\tимя\n1\tИван Петров\n", "id,name\n1,東京商事\n"])
def test_wide_encodings_without_a_mark(text: str, encoding: str) -> None:
    assert detect(text.encode(encoding)).encoding == encoding


def test_many_stray_nul_bytes_are_no_wide_encoding() -> None:
    assert detect(b"id,message\n1," + b"a\x00 long word " * 3000).encoding == "utf-8"


def test_japanese_mail_is_not_ascii() -> None:
    assert detect("id,name\n1,東京\n".encode("iso2022_jp")).encoding == "iso2022_jp"


@pytest.mark.parametrize(
    ("names", "encoding"),
    [
        (("Γιώργος Παπαδόπουλος", "Μαρία Γεωργίου", "Ελένη Δημητρίου", "Νίκος Αθανασίου"), "cp737"),
        (("Γιώργος Παπαδόπουλος", "Μαρία Γεωργίου", "Ελένη Δημητρίου", "Νίκος Αθανασίου"), "cp869"),
        (("משה כהן", "שרה לוי", "דוד מזרחי", "רחל פרץ", "חברת שמש"), "cp862"),
        (("Žydrūnas Žukauskienė", "Rūta Petrauskaitė", "Šarūnas Čepaitis", "Įmonė Ąžuolas"), "cp775"),
        (("김민준 주식회사 한빛", "박서연", "최지훈", "이하은"), "johab"),
    ],
)
def test_an_encoding_that_is_not_listed_is_in_doubt(names: tuple[str, ...], encoding: str) -> None:
    assert detect("\n".join(names).encode(encoding)).doubt != ""
