from __future__ import annotations

from crm.mirror_sync import crm_cipher
from leadworth.crm_section import CrmSection
from store import crm_changes
from tests.crm.memory_connector import OWN, seeded
from tests.crm.mirror_bench import START, MirrorBench


def test_our_own_write_is_an_echo(bench: MirrorBench) -> None:
    a, b, *_ = seeded(bench.account, 4, START)
    bench.sync()
    bench.account.write("leads", a, {"lw_band": "A"}, by=OWN)
    bench.account.write("leads", b, {"lw_band": "A"}, by=OWN)
    bench.account.edit("leads", b, {"status": "Open"}, by="rep")
    rows = bench.sync().rows["leads"]
    assert (rows.echoes, rows.touched, rows.changed) == (1, 1, 1)


def test_history_comes_from_the_crm_or_from_what_we_saw(bench: MirrorBench) -> None:
    _, lead = seeded(bench.account, 2, START)
    bench.sync()
    (deal,) = bench.account.of("deals")
    for stage in ("won", "open", "lost"):
        bench.clock.advance(minutes=5)
        bench.account.edit("deals", deal, {"stage": stage, "amount": 200.0})
    bench.account.edit("leads", lead, {"status": "Open"})
    bench.sync()
    stages = bench.mirror(lambda mirror: crm_changes.of_records(mirror, "deals", [deal], ["stage"]))[deal]
    assert [item.change.value for item in stages] == ["open", "won", "open", "lost"]
    amounts = bench.mirror(lambda mirror: crm_changes.of_records(mirror, "deals", [deal], ["amount"]))[deal]
    assert [item.change.value for item in amounts] == [100.0, 200.0]
    statuses = bench.mirror(lambda mirror: crm_changes.of_records(mirror, "leads", [lead]))[lead]
    assert [item.change.value for item in statuses] == ["New", "Open"]


def test_personal_data_can_be_left_out(bench: MirrorBench) -> None:
    (a, *_) = seeded(bench.account, 4, START)
    bench.section = CrmSection(personal_data="omitted")
    bench.sync()
    row = bench.mirror(lambda mirror: mirror.read("leads", [a]))[a]
    assert row.record.values == {"source": "ads"}
    digest = crm_cipher(bench.settings).pseudonym("p0@example.org")
    assert bench.mirror(lambda mirror: mirror.of_person([digest])) == [("leads", a)]
