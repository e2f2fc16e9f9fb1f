"""Leads of the mirror that belong to the decision units of some leads, found without reading all leads."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from crm.mirror_outcomes import account_of
from crm.personal_fields import domain_digest, person_digests
from features.mail_address import read_address
from leadworth.crm_catalog import CrmInfo, ObjectRole
from store import crm_links

if TYPE_CHECKING:
    from crm.connector import Connector
    from store.crm_mirror import CrmMirror, MirrorRow

MOST_OF_AN_IDENTITY = 500
"""Leads with one e-mail address or phone number above which it is not that of a person; see `models.decision_units`."""


class UnitMembers:
    """Finds the leads that may share a decision unit: those of an account, a person, or a business's mail domain.

    More leads may be found than the units have, never fewer; `models.decision_units` decides.

    Parameters
    ----------
    mirror
        The mirror, within a transaction.
    connector
        Names the objects.
    email
        Field of the leads with the e-mail address.
    """

    def __init__(self, mirror: CrmMirror, connector: Connector, email: str) -> None:
        self._mirror = mirror
        self._info: CrmInfo = connector.info
        self._leads = connector.lead_object
        self._email = email

    def whole_units(self, leads: Collection[str]) -> set[str]:
        """Return the leads and all that may share their units, directly or through others; those that are gone not."""
        found = self._mirror.present_ids(self._leads, sorted(leads))
        latest = found
        while latest:
            latest = self.neighbours(latest) - found
            found = found | latest
        return found

    def neighbours(self, leads: Collection[str]) -> set[str]:
        """Return the leads that share an account, a person or a domain with some leads."""
        ids = sorted(leads)
        found = self._of_accounts(ids)
        rows = [row for row in self._mirror.read(self._leads, ids).values() if not row.erased]
        persons = {digest for row in rows for digest in self._persons(row)}
        found |= {
            key
            for keys in self._mirror.with_digests(self._leads, persons).values()
            if len(keys) <= MOST_OF_AN_IDENTITY
            for key in keys
        }
        domains = {domain_digest(self._mirror.cipher, domain) for row in rows if (domain := self._domain(row))}
        found |= {key for keys in self._mirror.with_digests(self._leads, domains).values() for key in keys}
        return self._mirror.present_ids(self._leads, sorted(found))

    def _of_accounts(self, leads: list[str]) -> set[str]:
        companies = self._info.with_role(ObjectRole.COMPANY)
        found: set[str] = set()
        linked = crm_links.of_records(self._mirror, self._leads, leads)
        accounts = sorted({account for links in linked.values() if (account := account_of(links, companies))})
        for company in companies:
            for records in crm_links.to_records(self._mirror, company, accounts).values():
                found |= {key for name, key in records if name == self._leads}
        return found

    def _persons(self, row: MirrorRow) -> list[str]:
        return person_digests(self._mirror.cipher, self._info, row.record)

    def _domain(self, row: MirrorRow) -> str | None:
        email = row.record.values.get(self._email)
        return read_address(email).own_domain if isinstance(email, str) else None
