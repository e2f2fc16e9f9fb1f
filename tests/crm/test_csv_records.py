"""CSV records with their lines and faults."""

from __future__ import annotations

import csv

from crm.csv_records import CsvRecord, read_records


class Source:
    """Input that is read in parts."""

    def __init__(self, *parts: bytes) -> None:
        self.rest = parts[0]
        self.parts = list(parts[1:])

    def more(self) -> bool:
        if not self.parts:
            return False
        self.rest += self.parts.pop(0)
        return True


def read(source: Source, until: int | None = None) -> list[CsvRecord]:
    return list(read_records(source, ",", 1, len(source.rest) if until is None else until))


def test_records_carry_their_lines() -> None:
    records = read(Source(b'a,b\n"x\ny",2\n\n3,4\n'))

    assert [(record.line, record.next_line, record.fields) for record in records] == [
        (1, 2, ["a", "b"]),
        (2, 4, ["x\ny", "2"]),
        (4, 5, []),
        (5, 6, ["3", "4"]),
    ]


def test_a_record_that_is_incomplete_is_completed_from_the_source() -> None:
    source = Source(b'1,"x', b'\ny"\n2,z\n')

    assert [record.fields for record in read(source)] == [["1", "x\ny"]]
    assert source.rest == b"2,z\n"


def test_broken_records_have_a_fault_and_their_text() -> None:
    records = read(Source(b'1,"a"b\n2,\xff\n3,c\n4,"open\n'))

    assert [record.fault.partition(":")[0] for record in records] == [
        "broken quotes",
        "broken encoding",
        "",
        "quote never closed",
    ]
    assert records[0].text == '1,"a"b\n'


def test_long_fields_are_read_and_the_limit_of_the_csv_module_is_restored() -> None:
    limit = csv.field_size_limit()
    records = read(Source(b"1," + b"x" * 200_000 + b"\n"))

    assert [len(field) for field in records[0].fields or []] == [1, 200_000]
    assert csv.field_size_limit() == limit
