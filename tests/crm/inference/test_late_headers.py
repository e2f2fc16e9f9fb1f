"""Headers of columns that sales fills."""

from __future__ import annotations

import pytest

from crm.inference.late_headers import sales_phrase


@pytest.mark.parametrize(
    "header",
    [
        "Call Status",
        "call_status",
        "Reason",
        "Rejection reason",
        "Approved",
        "Approved By",
        "Contacted",
        "Last Activity Date",
        "Stage Notes",
        "Close Reason",
        "Lead Owner",
        "Contacted?",
        "Elapsed Days In Sales Stage",
        "Next Step",
        "Follow-up date",
        "Verlustgrund",
        "Letzte Aktivität",
        "Zuständig",
        "Motivo del rifiuto",
        "Esito della chiamata",
        "Motif de perte",
        "Próximo passo",
        "Último contacto",
        "Причина отказа",
        "Ответственный",
        "담당자",
        "担当者",
        "Reden",
        "Powód utraty",
        "Chance of winning",
        "Win probability (%)",
        "Gewinnchance",
        "Tapsårsak",
    ],
)
def test_sales_fills_them(header: str) -> None:
    assert sales_phrase(header)


@pytest.mark.parametrize(
    "header",
    [
        "Marital status",
        "Employment Status",
        "How should we contact you?",
        "What is your reason for contacting us",
        "Funding stage",
        "Home owner",
        "Reason for loan",
        "Motivo della richiesta",
        "Grund der Anfrage",
        "Budget approved",
        "Reason for your enquiry in a few words please",
        "Preferred call time",
        "Product",
        "Campaign",
        "Score of website",
        "Total Time Spent on Website",
        "Contact person",
        "Notes",
        "Credit score",
        "Region",
        "Company size",
    ],
)
def test_a_form_fills_them(header: str) -> None:
    assert sales_phrase(header) == ""
