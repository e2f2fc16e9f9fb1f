"""Twenty recorded complaints about CRM connectors, and the tests that show that ours has none of these faults.

| # | complaint | recorded as |
|---|---|---|
| 1 | HubSpot: more than 10,000 changed records, 400, the sync fails | airbytehq/airbyte#10700 |
| 2 | HubSpot: more than 10,000 records with one timestamp, endless loop | airbytehq/airbyte#43317 |
| 3 | reading stops at 10,000 without an error, the rest is ignored | activepieces/activepieces#10160 |
| 4 | many custom properties: 414, or fields are lost | airbytehq/airbyte#33976, dlt-hub/verified-sources#305 |
| 5 | history with a page over 50: 400 | HubSpot/hubspot-api-python#143 |
| 6 | a record just created is not found by search | HubSpot/hubspot-api-php#59, Flagsmith/flagsmith#5739 |
| 7 | associations are missing in incremental reads | airbytehq/airbyte#14390 |
| 8 | an association changed, the record is not read again | airbytehq/airbyte#27199 |
| 9 | merged contacts stay as duplicates, the old id keeps its rows | singer-io/tap-hubspot#49 |
| 10 | Salesforce: rows appear late below the saved stamp and are lost | airbytehq/airbyte#27146 |
| 11 | Salesforce: rows that share a stamp are lost at page borders | supaglue-labs/supaglue#532 |
| 12 | updates are never picked up, without an error | airbytehq/airbyte#42490, #27048 |
| 13 | deleted records stay | airbytehq/airbyte#10155, NangoHQ/integration-templates#628 |
| 14 | compound fields break bulk queries | simple-salesforce/simple-salesforce#182, jsforce/jsforce#380 |
| 15 | a new field is missing until a restart; a schema change loses rows | estuary/connectors#3493 |
| 16 | mixed currencies are summed, or shown in the wrong one | SuiteCRM/SuiteCRM#9840, SalesforceFoundation/NPSP#5185 |
| 17 | own writes trigger own webhooks without end; doubled webhooks | twentyhq/twenty#11322, n8n-io/n8n#1018 |
| 18 | an expired change token is an exception, and nothing is read again | MicrosoftDocs/powerapps-docs#3845 |
| 19 | Zoho: the first 2,000 only; wrong data centre; expiry of tokens; 50 fields | airbytehq/airbyte#30977, #27423 |
| 20 | Pipedrive: deals and hash fields missing. Odoo: dates move | airbytehq/airbyte#33879, #37747, odoo/odoo#144848 |

`TESTS` has the tests of each; a test that is renamed has to be renamed there too.
"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

_TESTS = Path(__file__).parents[1]
_HUBSPOT = "crm/connectors/hubspot/test_hubspot_reading.py"
_ONE_STAMP = f"{_HUBSPOT}::test_more_records_with_one_timestamp_than_a_search_can_page_through"
_SALESFORCE = "crm/connectors/salesforce/test_salesforce_reader.py"
_ZOHO = "crm/connectors/zoho"
_ALL = "contracts/test_crm_connectors.py"
_COUNT = "crm/test_mirror_sweeps.py::test_a_count_that_differs_after_the_sweep_is_an_alarm"
_MERGED = "crm/test_mirror_outcomes.py::test_the_outcome_of_a_merged_lead_follows_to_the_survivor"
_SWEPT = "crm/test_mirror_sweeps.py::test_associations_are_read_with_each_change_and_swept_weekly"
_PIPEDRIVE, _ODOO = "crm/connectors/pipedrive", "crm/connectors/odoo"

TESTS = {
    1: (
        _ONE_STAMP,
        "crm/connectors/hubspot/test_hubspot_peer_objects.py::test_the_account_refuses_to_page_beyond_ten_thousand",
    ),
    2: (_ONE_STAMP, f"{_ALL}::test_records_that_share_one_time_are_all_read_and_then_none_again"),
    3: (_ONE_STAMP, _COUNT),
    4: (f"{_HUBSPOT}::test_hundreds_of_properties_are_all_read",),
    5: (f"{_HUBSPOT}::test_a_list_with_former_values_keeps_to_fifty_a_page",),
    6: (f"{_HUBSPOT}::test_a_record_that_is_not_searchable_yet_comes_with_a_later_window_and_is_read_by_id_at_once",),
    7: (
        "crm/connectors/hubspot/test_hubspot_associations.py::test_associations_are_read_for_unchanged_records_with_the_primary_company",
        _SWEPT,
    ),
    8: (
        _SWEPT,
        "crm/connectors/salesforce/test_salesforce_links.py::test_a_changed_association_is_seen_without_a_change_of_either_record",
    ),
    9: (
        f"{_HUBSPOT}::test_a_merge_is_an_alias_of_the_old_ids",
        f"{_HUBSPOT}::test_a_merge_that_no_property_lists_is_found_by_the_old_id",
        _MERGED,
    ),
    10: (
        f"{_SALESFORCE}::test_a_row_that_commits_late_with_an_older_stamp_is_in_a_window_with_lookback",
        f"{_ALL}::test_a_record_that_commits_late_is_found_within_the_lookback",
    ),
    11: (
        f"{_SALESFORCE}::test_rows_that_share_one_stamp_come_all_across_page_borders",
        f"{_SALESFORCE}::test_every_live_row_of_a_window_comes_once",
    ),
    12: (
        f"{_SALESFORCE}::test_a_change_that_only_moves_the_system_stamp_is_read",
        f"{_ALL}::test_the_mirror_at_rest_equals_the_account",
        _COUNT,
    ),
    13: (
        f"{_SALESFORCE}::test_deleted_merged_and_purged_records_are_removals",
        "crm/test_mirror_sweeps.py::test_a_record_that_vanished_without_a_trace_is_found_by_the_sweep",
        f"{_ALL}::test_the_mirror_at_rest_equals_the_account",
    ),
    14: (
        "crm/connectors/salesforce/test_salesforce_bulk.py::test_compound_fields_are_left_out_because_bulk_refuses_them",
    ),
    15: (
        f"{_HUBSPOT}::test_a_removed_property_reads_as_missing_and_a_new_one_is_seen_without_a_restart",
        f"{_ALL}::test_a_field_that_vanishes_and_one_that_comes_back_cost_no_record",
    ),
    16: (
        "crm/test_mirror_outcomes.py::test_amounts_in_two_currencies_are_converted_or_refused_and_never_added",
        "crm/connectors/salesforce/test_connector.py::test_amounts_keep_the_currency_of_their_record",
        f"{_ZOHO}/test_connector.py::test_deals_of_an_account_with_several_currencies_have_their_own",
    ),
    17: (
        f"{_PIPEDRIVE}/test_pipedrive_events.py::test_ten_rounds_of_scores_and_events_do_not_start_each_other",
        "serving/rescoring/test_event_reader.py::test_own_writes_and_repeated_events_do_nothing",
        "serving/rescoring/test_nightly_run.py::test_a_second_run_reads_its_own_echo_and_writes_nothing",
        f"{_PIPEDRIVE}/test_pipedrive_checks.py::test_webhooks_that_are_there_twice_are_named",
    ),
    18: (
        "crm/connectors/dynamics/test_dataverse_reader.py::test_an_expired_delta_link_starts_a_new_one_and_a_comparison_of_all_ids",
    ),
    19: (
        f"{_ZOHO}/test_zoho_reading.py::test_more_than_2000_records_of_one_second_are_all_read",
        f"{_ZOHO}/test_zoho_reading.py::test_lists_go_beyond_2000_records_and_stay_within_the_window",
        f"{_ZOHO}/test_zoho_token.py::test_data_is_read_from_the_server_that_the_token_names",
        f"{_ZOHO}/test_zoho_token.py::test_a_token_is_renewed_before_its_end",
        f"{_ZOHO}/test_zoho_reading.py::test_fields_beyond_50_are_all_read",
    ),
    20: (
        f"{_PIPEDRIVE}/test_connector.py::test_archived_deals_are_a_list_of_their_own_and_none_is_missed",
        f"{_PIPEDRIVE}/test_pipedrive_fields.py::test_custom_fields_of_leads_and_deals_are_read_by_their_key",
        f"{_ODOO}/test_mirror_of_odoo.py::test_a_deal_is_won_when_it_reached_the_first_stage_of_won_deals",
        f"{_ODOO}/test_mirror_of_odoo.py::test_a_day_does_not_move_with_the_zone",
    ),
}
"""Number of a complaint -> its tests: file below `tests/` and name."""


@pytest.mark.parametrize("number", range(1, 21))
def test_each_complaint_has_its_tests(number: int) -> None:
    for named in TESTS[number]:
        file, _, name = named.partition("::")
        module = ast.parse((_TESTS / file).read_text(encoding="utf-8"))
        assert name in {item.name for item in module.body if isinstance(item, ast.FunctionDef)}, named
