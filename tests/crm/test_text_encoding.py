"""Encoding detection and the conversion to UTF-8."""

from __future__ import annotations

import codecs
import gzip
from pathlib import Path

import pytest

from crm.encoding_detection import EncodingGuess, detect
from crm.text_encoding import sniff_encoding, utf8_blocks
from leadworth.errors import ConfigurationError

COMPANIES = {
    "cp1250": ["Łódź Żelazo", "Kraków Stal", "Gdańsk Śruby", "Wrocław Budowa", "Poznań Odzież", "Częstochowa Szkło"],
    "cp1252": ["Müller Köln", "Société Générale", "Peña Hermanos", "Città Perché", "São João", "Bjørn Søn"],
    "cp1254": ["İnşaat Şirketi", "Güneş Ağaç", "Öztürk Işık", "Çağrı Dış Ticaret"],
    "cp1251": ["Москва Строй", "Иванов и сыновья", "Петербург Сталь"],
    "koi8_r": ["Москва Строй", "Иванов и сыновья", "Петербург Сталь"],
    "cp1253": ["Αθήνα Παπαδόπουλος", "Θεσσαλονίκη Εμπόριο"],
    "cp949": ["서울상사", "김민준", "대한건설"],
    "cp932": ["東京商事", "大阪テスト株式会社", "山田タロウ"],
    "gb18030": ["北京科技有限公司", "上海贸易", "深圳电子"],
    "big5": ["台北科技", "高雄貿易", "新竹電子"],
    "cp850": ["Müller Köln", "Société", "Straße"],
    "mac_roman": ["Müller Köln", "Société Générale", "Straße Grün"],
}


def csv_bytes(encoding: str, names: list[str]) -> bytes:
    rows = [f"K{number:05},p{number}@example.com,google,{name}" for number, name in enumerate(names * 5)]
    return "\n".join(["Lead ID,Email,Source,Company", *rows]).encode(encoding)


@pytest.mark.parametrize(("encoding", "names"), COMPANIES.items())
def test_legacy_encodings(tmp_path: Path, encoding: str, names: list[str]) -> None:
    path = tmp_path / "leads.csv"
    path.write_bytes(csv_bytes(encoding, names))

    assert sniff_encoding(path).encoding == encoding
    path.write_bytes(gzip.compress(csv_bytes(encoding, names)))
    assert sniff_encoding(path).encoding == encoding


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "utf-16-le", "utf-16-be"])
def test_unicode_with_and_without_a_byte_order_mark(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "leads.csv"
    path.write_bytes(csv_bytes(encoding, COMPANIES["cp1252"]))

    assert sniff_encoding(path).encoding == encoding
    assert b"".join(utf8_blocks(path, encoding)).decode() == csv_bytes("utf-8", COMPANIES["cp1252"]).decode()


def test_stray_nul_bytes_do_not_change_the_encoding(tmp_path: Path) -> None:
    path = tmp_path / "leads.csv"
    for encoding in ("utf-8", "cp1252"):
        path.write_bytes(csv_bytes(encoding, COMPANIES["cp1252"]).replace(b"Lead ID", b"Lead\x00ID"))
        assert sniff_encoding(path).encoding == encoding


def test_ascii_is_utf8() -> None:
    assert detect(b"id,name\n1,Ada\n").encoding == "utf-8"
    assert detect(b"").encoding == "utf-8"


@pytest.mark.parametrize(
    "text",
    [
        "Müller",
        "Zoë, Müller,a;b",
        "José Núñez, ¿Cuánto?, 5 m³, £5",
        "Þór Guðmundsson, Sigríður, Reykjavík",
        "€50 – “x”",
        "Don’t call — it’s ‘urgent’",
        "It’s a café, “Chez René” – naïve…",
    ],
)
def test_short_western_texts_are_cp1252(text: str) -> None:
    assert detect(text.encode("cp1252")).encoding == "cp1252"


def test_a_large_file_is_sampled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "leads.csv"
    path.write_bytes(b"id,name\n" + b"1,Ada\n" * 900_000 + csv_bytes("cp1251", COMPANIES["cp1251"] * 9_000))
    lengths: list[int] = []

    def record(sample: bytes) -> EncodingGuess:
        lengths.append(len(sample))
        return detect(sample)

    monkeypatch.setattr("crm.text_encoding.detect", record)
    assert sniff_encoding(path).encoding == "cp1251"
    assert lengths[0] <= 1 << 18


def test_undefined_bytes_become_invalid_utf8(tmp_path: Path) -> None:
    path = tmp_path / "leads.csv"
    path.write_bytes(b"id\nM\xfcller\n\x81\n")
    assert b"".join(utf8_blocks(path, "cp1252")) == "id\nMüller\n".encode() + b"\xff\n"
    path.write_bytes("id\n1".encode("utf-16-le") + b"\x00\xd8\n\x00")
    assert b"\xff" in b"".join(utf8_blocks(path, "utf-16-le", block_bytes=3))


def test_reading_registers_no_error_handler() -> None:
    with pytest.raises(LookupError):
        codecs.lookup_error("leadworth.fault")


def test_an_encoding_that_does_not_exist(tmp_path: Path) -> None:
    (tmp_path / "leads.csv").write_bytes(b"id\n")
    with pytest.raises(ConfigurationError, match="'klingon' does not exist"):
        next(utf8_blocks(tmp_path / "leads.csv", "klingon"))
