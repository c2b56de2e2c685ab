"""Every action by its name."""

from __future__ import annotations

from collections.abc import Mapping

from admin_function.actions import (
    control,
    installations,
    jobs,
    keys,
    monitoring,
    seed,
    tenants,
    upkeep,
)
from admin_function.actions.action import Action

CATALOGUE: Mapping[str, Action] = {
    action.name: action
    for topic in (monitoring, control, jobs, tenants, keys, installations, seed, upkeep)
    for action in topic.ACTIONS
}
