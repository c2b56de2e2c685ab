"""Data to try things on, made where it is asked for."""

from __future__ import annotations

from pydantic import Field

from admin_function.actions.action import Action, NothingToSay
from admin_function.administration import Administration
from indexer.access import audit
from indexer.access.api_keys import Tier
from indexer.access.audit import Origin
from indexer.access.provisioning import add_key, ensure_user
from indexer.http.shapes import View
from indexer.indexing.seed import fill, is_seeded

MADE = "3 repositories of 3 users; their keys are shown this once."
WAS_THERE = "The data was there already; nothing changed."


class SeedKeyView(View):
    """The key of one of the users that the data belongs to."""

    email: str
    tier: Tier
    key_id: str
    api_key: str = Field(description="The key itself. It is shown here and never again.")


class SeededView(View):
    """Whether there is new data to try things on."""

    seeded: bool = Field(description="False: it was there already, and nothing changed.")
    message: str
    keys: list[SeedKeyView]


def seed(administration: Administration, _wish: NothingToSay, origin: Origin) -> SeededView:
    """Make data to try things on, unless it is there."""
    settings = administration.settings
    keys: list[SeedKeyView] = []
    with administration.patient_database() as database, database.transaction() as statements:
        if is_seeded(statements):
            return SeededView(seeded=False, message=WAS_THERE, keys=[])
        owners = {}
        for tier in Tier:
            email = f"{tier}@seed.example"
            user = ensure_user(statements, email=email, tier=tier)
            owners[tier.value] = user.tenant_id
            key = add_key(statements, settings, tenant_id=user.tenant_id, tier=tier, name="seed")
            keys.append(SeedKeyView(email=email, tier=tier, key_id=key.key_id, api_key=key.api_key))
        fill(statements, settings, owners)
        audit.record(
            statements, origin, action="seed", details={"keys": [key.key_id for key in keys]}
        )
    return SeededView(seeded=True, message=MADE, keys=keys)


ACTIONS = (Action(name="seed", wish=NothingToSay, perform=seed),)
