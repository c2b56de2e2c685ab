"""Who may administer: whoever holds the admin key, from where it is allowed."""

from __future__ import annotations

import hmac
import re
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import ClassVar

from indexer.access.tenants import Unauthenticated
from indexer.errors import Refused
from indexer.settings import Settings

_BEARER = re.compile(r"bearer[ \t]+(?P<key>\S+)", re.IGNORECASE | re.ASCII)
_NO_CREDENTIAL = re.compile(r"(bearer)?", re.IGNORECASE | re.ASCII)

# Of a caller whose address the gateway did not tell.
UNKNOWN_ADDRESS = "unknown"


class Forbidden(Refused):
    """The credential does not open the administration, or nothing does: no admin key is set."""

    code = "forbidden"
    status: ClassVar[int] = 403

    def __init__(self) -> None:
        super().__init__("This credential does not open the administration.")


class NetworkNotAllowed(Refused):
    """The request comes from outside the networks that the administration answers to."""

    code = "network_not_allowed"
    status: ClassVar[int] = 403

    def __init__(self) -> None:
        super().__init__("The administration does not answer to this network.")


def admit_operator(
    settings: Settings,
    *,
    authorization: str | None,
    source_address: object,
    needs_key: bool = True,
) -> None:
    """Return when the caller may administer. It asks no database.

    What is public, because it holds no data (`needs_key` False), is open without a credential too,
    but only from the networks that are allowed, and only where an admin key is set at all.

    Raises:
        NetworkNotAllowed: the address is none of ADMIN_ALLOWED_NETWORKS, or is none at all.
        Unauthenticated: there is no credential.
        Forbidden: the credential is not the admin key.
    """
    if settings.admin_allowed_networks and not _is_allowed(settings, source_address):
        raise NetworkNotAllowed
    if not needs_key and settings.admin_api_keys:
        return
    header = (authorization or "").strip(" \t")
    if _NO_CREDENTIAL.fullmatch(header):
        raise Unauthenticated(key_given=False)
    bearer = _BEARER.fullmatch(header)
    if not _opens(settings, bearer["key"] if bearer else ""):
        raise Forbidden


def told_address(source_address: object) -> str:
    """The caller's address as it is written down."""
    address = _address(source_address)
    return UNKNOWN_ADDRESS if address is None else str(address)


def _opens(settings: Settings, key: str) -> bool:
    given = key.encode("utf-8", "surrogatepass")
    # Every value is compared, so the time says nothing about which one came near.
    results = [hmac.compare_digest(given, known.encode()) for known in settings.admin_api_keys]
    return any(results)


def _is_allowed(settings: Settings, source_address: object) -> bool:
    address = _address(source_address)
    return address is not None and any(
        address in network for network in settings.admin_allowed_networks
    )


def _address(text: object) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(text) if isinstance(text, str) else None
    except ValueError:
        return None
    # An IPv4 caller may be told in the form that IPv6 sockets know.
    return getattr(address, "ipv4_mapped", None) or address
