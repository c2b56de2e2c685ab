"""An action, and how one is performed from an event that names it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, ValidationError

from admin_function.administration import Administration
from indexer.access.audit import Origin
from indexer.errors import KotaError, Refused
from indexer.http.problems import fault_told
from indexer.http.shapes import View

_MOST_PROBLEMS = 5


class Wish(BaseModel):
    """What an action is asked to do."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class NothingToSay(Wish):
    """For an action that takes no fields."""


class ActionUnknown(KotaError):
    """The event names no action that there is."""

    code = "action_unknown"

    def __init__(self, known: Mapping[str, object]) -> None:
        super().__init__(f"the event's action must be one of {', '.join(sorted(known))}")


class EventInvalid(Refused):
    """A field of the event is missing, unknown, or not of its type. Values are not repeated."""

    code = "event_invalid"
    status: ClassVar[int] = 422

    def __init__(self, error: ValidationError) -> None:
        problems = error.errors(include_url=False, include_input=False, include_context=False)
        super().__init__("; ".join(map(_told, problems[:_MOST_PROBLEMS])))


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One thing that the administration does, by the name that events and the audit log use."""

    name: str
    wish: type[Wish]
    perform: Callable[[Administration, Any, Origin], View]


def perform(
    actions: Mapping[str, Action],
    event: Mapping[str, Any],
    administration: Callable[[], Administration],
    origin: Origin,
) -> dict[str, Any]:
    """Do what an event asks for; the answer as JSON holds it.

    Raises:
        ActionUnknown: the event's action is none of these.
        EventInvalid: another field of the event cannot be used.
        KotaError: as the action.
    """
    name = event.get("action")
    if not isinstance(name, str) or name not in actions:
        raise ActionUnknown(actions)
    action = actions[name]
    fields = {key: value for key, value in event.items() if key != "action"}
    try:
        wish = action.wish.model_validate(fields)
    except ValidationError as error:
        raise EventInvalid(error) from None
    done = action.perform(administration(), wish, origin)
    return done.model_dump(mode="json")


def _told(problem: Mapping[str, Any]) -> str:
    field = ".".join(map(str, problem["loc"]))
    return f"{field}: {fault_told(problem)}" if field else fault_told(problem)
