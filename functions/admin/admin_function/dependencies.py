"""What routes are given: the administration, and where the request came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, cast

from aws_lambda_powertools.event_handler import Request
from aws_lambda_powertools.event_handler.depends import Depends

from admin_function.administration import Administration
from indexer.access.audit import Origin
from indexer.access.operators import UNKNOWN_ADDRESS
from indexer.http.application import Scope, scope_of

# On a route: the admin key must be sent. Every route here has it.
OPERATORS_ONLY: list[dict[str, list[str]]] = [{"adminKey": []}]


@dataclass(slots=True, kw_only=True)
class AdminScope(Scope):
    """One request to the administration, and the network address that it came from."""

    administration: Administration | None = None
    address: str = UNKNOWN_ADDRESS

    @property
    def caller(self) -> Mapping[str, Any]:
        """The address, for the log."""
        return {"source_address": self.address}


def current_administration(request: Request) -> Administration:
    """The administration of this execution environment.

    Raises:
        AssertionError: nobody was admitted.
    """
    administration = cast("AdminScope", scope_of(request)).administration
    if administration is None:
        raise AssertionError("admit gives every scope that it lets in its administration")
    return administration


def current_origin(request: Request) -> Origin:
    """Where this request came from, for the audit log."""
    scope = cast("AdminScope", scope_of(request))
    return Origin(request_id=scope.request_id, caller=scope.address)


CurrentAdministration = Annotated[Administration, Depends(current_administration)]
CurrentOrigin = Annotated[Origin, Depends(current_origin)]
