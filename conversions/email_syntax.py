"""Syntax of e-mail addresses of persons: what is none, or a placeholder, must not be hashed.

A hash of such a text matches no person, or, of a placeholder that many leads share, the same wrong one.
"""

from __future__ import annotations

import re
import unicodedata

from features.mail_address import TEST_WORDS
from leadworth.identifier_formats import PLACEHOLDERS

_LONGEST_LOCAL, _LONGEST_DOMAIN, _LONGEST_LABEL = 64, 253, 63
_REFUSED_LOCAL = re.compile(r"[\s/\\?#*,:;()<>\[\]\"“”„«»|`\ufffd\x00-\x1f\x7f-\x9f]|%[0-9a-f]{2}")
"""Characters of damage, masks and paths; RFC 5321 allows some of them, providers do not."""
_LABEL = re.compile(r"[^\W_](?:[\w-]*[^\W_])?")
_PUNYCODE = re.compile(r"xn--[a-z0-9-]+", re.ASCII)
_TOP_LEVEL = re.compile(r"[^\W\d_]{2,}")
_RESERVED = re.compile(r"(?:.*\.)?(?:example\.(?:com|net|org)|test|invalid|localhost|local|example)")
"""RFC 2606 and RFC 6761."""
_INITIALS = 2
"""Longest word that may be initials."""
_MARKS = re.compile(r"[\W_]+")
_NO_ADDRESS = frozenset(
    {*("noemail", "nomail", "noaddress", "noemailaddress", "noemailprovided", "noemailgiven", "withoutemail")}
    | {*("none", "null", "undefined", "unknown", "notprovided", "notavailable", "notapplicable", "notset")}
    | {*("keinemail", "keineemail", "keinemailadresse", "ohneemail", "unbekannt", "keineangabe")}
    | {*("nessunaemail", "senzaemail", "nonhoemail", "sconosciuto", "sinemail", "sincorreo", "notiene")}
    | {*("pasdemail", "pasdeemail", "sansemail", "inconnu", "sememail", "naotem", "geenemail", "geenmail", "brakmaila")}
)
"""Local parts, without punctuation, that say that there is no address, at any domain."""
_PLACEHOLDER_WORDS = (
    _NO_ADDRESS
    | {_MARKS.sub("", word) for word in (*PLACEHOLDERS, *TEST_WORDS)}
    | {*("email", "mail", "name", "you", "your", "youremail", "yourmail", "username", "me", "firstname", "lastname")}
    | {*("firstnamelastname", "domain", "company", "yourcompany", "yourdomain", "noreply", "donotreply", "sample")}
    | {*("johndoe", "janedoe", "mustermann", "maxmustermann", "mariorossi")}
)
"""Local parts that are placeholders where the domain confirms it: it is reserved, or such a word as well."""


def is_address(user: str, domain: str) -> bool:
    """Return whether an address is one that a person may have, judged by how it is written.

    Parameters
    ----------
    user
        Local part, in lower case.
    domain
        In lower case.

    Examples
    --------
    >>> is_address("ada", "ferri.it"), is_address("josé", "müller.de"), is_address("ada", "x.d3")
    (True, True, False)
    >>> is_address("noemail", "acme.it"), is_address("test", "test.com"), is_address("test", "acme.it")
    (False, False, True)
    """
    if not 0 < len(user) <= _LONGEST_LOCAL or _REFUSED_LOCAL.search(user) or _is_invisible(user):
        return False
    return _is_domain(domain) and not _is_placeholder(user, domain)


def _is_domain(domain: str) -> bool:
    labels = domain.split(".")
    if len(labels) < 2 or len(domain) > _LONGEST_DOMAIN or not all(map(_is_label, labels)):
        return False
    return labels[-1].startswith("xn--") or _TOP_LEVEL.fullmatch(_without_marks(labels[-1])) is not None


def _is_label(label: str) -> bool:
    """Return whether a label is one of the DNS, of ASCII or of an internationalised name (IDNA)."""
    if label.isascii():
        if len(label) > _LONGEST_LABEL or _LABEL.fullmatch(label) is None or "_" in label:
            return False
        return not label.startswith("xn--") or (_PUNYCODE.fullmatch(label) is not None and _is_encoded(label))
    if unicodedata.combining(label[0]) or "_" in label or _LABEL.fullmatch(_without_marks(label)) is None:
        return False
    try:
        return len(label.encode("idna")) <= _LONGEST_LABEL
    except UnicodeError:
        return False


def _is_encoded(label: str) -> bool:
    """Return whether punycode encodes a label that is not of ASCII."""
    try:
        return not label.encode("ascii").decode("idna").isascii()
    except UnicodeError:
        return False


def _without_marks(text: str) -> str:
    """Return a text without the marks of scripts such as Devanagari, which belong to letters."""
    return "".join(char for char in text if not unicodedata.category(char).startswith("M"))


def _is_invisible(text: str) -> bool:
    return not text.isascii() and any(unicodedata.category(char) in ("Cn", "Co", "Cs", "Cf", "Cc") for char in text)


def _is_placeholder(user: str, domain: str) -> bool:
    word = _MARKS.sub("", user.partition("+")[0])
    if word in _NO_ADDRESS:
        return True
    label = _MARKS.sub("", domain.partition(".")[0])
    repeated = bool(word) and len(set(word)) == 1 and set(word) == set(label)
    if repeated or word not in _PLACEHOLDER_WORDS:
        return repeated
    return (len(word) > 1 and label in _PLACEHOLDER_WORDS) or (
        len(word) > _INITIALS and _RESERVED.fullmatch(domain) is not None
    )
