"""SQLite finds records of the mirror by the whole key of an index, in a new store and in a migrated one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from leadworth.encryption import IdentifierCipher
from store import crm_aliases, crm_links
from store.crm_mirror import CrmMirror
from store.engine import open_engine
from store.migrate import upgrade
from store.mirror_statistics import STATISTICS
from tests.store.query_plan import plan_of
from tests.store.test_migrate import move

IDS = ["1", "2"]
LOOK_UPS: list[tuple[Callable[[CrmMirror], object], str]] = [
    (lambda mirror: mirror.read("leads", IDS), "crm_records_1 (crm=? AND object=? AND record_id=?)"),
    (lambda mirror: crm_links.of_records(mirror, "deals", IDS), "crm_links_1 (crm=? AND object=? AND record_id=?)"),
    (lambda mirror: crm_links.to_records(mirror, "deals", IDS), "crm_links_to (crm=? AND to_object=? AND to_id=?)"),
    (
        lambda mirror: crm_links.first_of_target(mirror.connection, "acme", "leads", IDS, "deals", "converted"),
        "crm_links_to (crm=? AND to_object=? AND to_id=?)",
    ),
    (lambda mirror: mirror.persons("leads", IDS), "crm_persons_1 (crm=? AND object=? AND record_id=?)"),
    (lambda mirror: mirror.of_person(IDS), "crm_persons_of_digest (digest=?)"),
    (lambda mirror: mirror.with_digests("leads", IDS), "crm_persons_of_digest (digest=?)"),
    (lambda mirror: crm_aliases.survivors(mirror, "leads", IDS), "crm_aliases_1 (crm=? AND object=? AND old_id=?)"),
    (lambda mirror: crm_aliases.former_ids(mirror, "leads", IDS), "crm_aliases_of (crm=? AND object=? AND new_id=?)"),
]


@pytest.mark.parametrize("old", [False, True])
def test_look_ups_use_the_whole_key_of_an_index(tmp_path: Path, *, old: bool) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'store.db'}")
    if old:
        move(engine, "0016")
    upgrade(engine)
    with engine.connect() as connection:
        mirror = CrmMirror(connection, "acme", IdentifierCipher(b"k" * 32))
        for look_up, index in LOOK_UPS:
            assert index in plan_of(connection, lambda look_up=look_up: look_up(mirror))
    engine.dispose()


def test_every_index_of_the_mirrors_tables_has_statistics(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'store.db'}")
    upgrade(engine)
    with engine.connect() as connection:
        query = "SELECT tbl_name, name FROM sqlite_master WHERE type = 'index'"
        indexes = {(table, name) for table, name in connection.exec_driver_sql(query)}
    move(engine, "0016")
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT * FROM sqlite_stat1").all() == []
    tables = {table for table, _ in STATISTICS}
    assert {index for index in indexes if index[0] in tables} == set(STATISTICS)
    engine.dispose()
