"""Stages of our funnel from the stages of a CRM: when a lead was contacted, became an SQL, and got a quote."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from crm.inference.stage_meanings import stage_kind

QUOTE_WORDS = (
    *("proposal", "quote", "quotation", "offer", "opportunity", "negotiat", "contract", "bid"),
    *("proposta", "preventivo", "offerta", "trattativa", "opportunit", "contratto"),
    *("angebot", "verhandlung", "vertrag", "devis", "proposition", "négociation", "négociat", "contrat"),
    *("propuesta", "presupuesto", "cotización", "negociación", "oportunidad", "contrato"),
    *("orçamento", "proposta", "negociação", "предложение", "переговор", "договор", "сделк"),
    *("견적", "제안", "협상", "계약", "見積", "提案", "交渉", "契約", "oferta", "wycena", "teklif", "offerte"),
)
"""Parts of words of stages in which the lead has a proposal."""

CONTACT_WORDS = (
    *("contacted", "reached", "connected", "called", "contattat", "kontaktiert", "erreicht", "contacté", "contactad"),
    *("contatad", "связались", "연락 완료", "連絡済"),
)
"""Parts of words of stages in which sales has talked to the lead."""
NO_CONTACT_WORDS = (
    *("not ", "never", "un", "attempt", "tried", "non ", "mai ", "nicht", "versucht", "pas ", "jamais", "sin ", "no "),
    *("não ", "не "),
)
"""Parts of words that turn them into their opposite."""

Stage = tuple[str, datetime | None]


class FunnelTimes(NamedTuple):
    """When a lead became an SQL, got a quote, was contacted; None where it was not, or no time is known."""

    sql_at: datetime | None
    quote_at: datetime | None
    touched_at: datetime | None = None


@lru_cache(maxsize=4_096)
def is_quote(stage: str) -> bool:
    """Return whether a lead has a proposal in a stage.

    Examples
    --------
    >>> [is_quote(stage) for stage in ("Proposal sent", "Preventivo inviato", "Contacted", "Closed lost")]
    [True, True, False, False]
    """
    text = stage.casefold()
    return stage_kind(stage) not in ("lost", "junk") and any(word in text for word in QUOTE_WORDS)


@lru_cache(maxsize=4_096)
def is_engaged(stage: str) -> bool:
    """Return whether sales is engaged in a stage."""
    return stage_kind(stage) in ("engaged", "won") or is_quote(stage)


@lru_cache(maxsize=4_096)
def is_contact(stage: str) -> bool:
    """Return whether sales has talked to a lead in a stage.

    Examples
    --------
    >>> [is_contact(stage) for stage in ("Contacted", "Meeting held", "Not contacted", "New", "Closed - Lost")]
    [True, True, False, False, False]
    """
    text = stage.casefold()
    if is_engaged(stage):
        return True
    return any(word in text for word in CONTACT_WORDS) and not any(word in text for word in NO_CONTACT_WORDS)


def funnel_times(
    stages: Iterable[Stage], engaged_at: datetime | None, won_at: datetime | None, qualified: frozenset[str]
) -> FunnelTimes:
    """Return the times of the funnel.

    Parameters
    ----------
    stages
        Stages of the lead, each with its time, oldest first.
    engaged_at
        Time from which the outcomes call it engaged.
    won_at
        Time of the win; a won lead was an SQL and had a quote by then at the latest.
    qualified
        Stages, in lower case, that the settings call qualified; empty: by their words.
    """
    sql_at, quote_at, touched_at = engaged_at, None, None
    for stage, at in stages:
        if at is not None and is_contact(stage) and (touched_at is None or at < touched_at):
            touched_at = at
        engaged = stage.casefold() in qualified if qualified else is_engaged(stage)
        if at is not None and engaged and (sql_at is None or at < sql_at):
            sql_at = at
        if at is not None and is_quote(stage) and (quote_at is None or at < quote_at):
            quote_at = at
    quote_at = _earliest(quote_at, won_at)
    sql_at = _earliest(sql_at, quote_at)
    return FunnelTimes(sql_at, quote_at, _earliest(touched_at, sql_at))


def _earliest(at: datetime | None, other: datetime | None) -> datetime | None:
    return min(at, other) if at and other else at or other
