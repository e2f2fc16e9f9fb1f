"""Headers of amounts in thousands, millions, cents or millionths."""

from __future__ import annotations

import pytest

from crm.inference.scaled_amounts import is_scaled


@pytest.mark.parametrize(
    "header",
    [
        "Revenue (€ 000)",
        "Revenue '000",
        "Amount 000s",
        "Amount (k€)",
        "ARR ($k)",
        "Umsatz in T€",
        "Umsatz (TEUR)",
        "Umsatz (Mio. €)",
        "Revenue (EUR k)",
        "Deal value (USD thousands)",
        "Importe (miles de €)",
        "Valor (mil)",
        "Kwota (tys. zł)",
        "Сумма, тыс. руб.",
        "金額（千円）",
        "金额（万元）",
        "금액 (천원)",
        "Amount (cents)",
        "amount_in_cents",
        "Betrag in Cent",
        "Montant (centimes)",
        "amount_minor",
        "Cost (micros)",
        "metrics.cost_micros",
        "Revenue in K",
        "Umsatz in Tsd.",
        "Árbevétel (ezer Ft)",
        "Omsättning (tkr)",
        "revenue_thousands",
        "amount_k_eur",
        "revenue_k",
        "Deal Value [k]",
        "Amount (Mio)",
        "Umsatz (1.000 EUR)",
        "Revenue x1,000",
    ],
)
def test_a_scale_is_found(header: str) -> None:
    assert is_scaled(header)


@pytest.mark.parametrize(
    "header",
    [
        "Amount",
        "Amount (EUR)",
        "amount_usd_m",
        "Deal 1000",
        "12,000 amount",
        "Kwota zł",
        "Částka Kč",
        "금액(원)",
        "Team $",
        "Percent",
        "Distance (miles)",
        "Cost center",
        "Accent amount",
        "Microsoft spend",
        "Minority amount",
        "Deal (1)",
        "Amount (10.000)",
    ],
)
def test_other_headers_have_none(header: str) -> None:
    assert not is_scaled(header)
