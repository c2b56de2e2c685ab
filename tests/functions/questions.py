"""The routes as questions to fill in, read from the description."""

from collections.abc import Mapping, Sequence
from typing import Any

from tests.functions.described import DESCRIPTION
from tests.functions.gateway import Answer, Gateway

from indexer.http.application import Application

PLACES = ("path", "query", "header", "body")
Filling = dict[str, dict[str, Any]]


def questions(application: Application[Any]) -> list["Question"]:
    """Every route of an application; one that the description lacks is an error."""
    return [Question(route.method, route.openapi_path) for route in application.routes]


class Question:
    """One request, as parts that may be filled with what one tenant has or with nothing."""

    def __init__(self, method: str, path: str) -> None:
        self.method, self.path = method, path
        described = DESCRIPTION["paths"][self.path][self.method.lower()]
        self.protected = bool(described["security"])
        self.required: dict[str, set[str]] = {place: set() for place in PLACES}
        self.optional: dict[str, set[str]] = {place: set() for place in PLACES}
        for one in described.get("parameters", ()):
            place = self.required if one["required"] else self.optional
            place[one["in"]].add(one["name"])
        self.takes_body = "requestBody" in described
        if body := described.get("requestBody"):
            reference = body["content"]["application/json"]["schema"]["$ref"]
            schema = DESCRIPTION["components"]["schemas"][reference.rpartition("/")[2]]
            needed = set(schema.get("required", ()))
            self.required["body"] |= needed
            self.optional["body"] |= set(schema["properties"]) - needed

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def names(self) -> set[str]:
        return set().union(*self.required.values(), *self.optional.values())

    def send(self, client: Gateway, filling: Filling) -> Answer:
        path = self.path
        for name, value in filling["path"].items():
            path = path.replace(f"{{{name}}}", value)
        return client.request(
            self.method,
            path,
            headers=filling["header"],
            json_body=filling["body"] if self.takes_body else None,
            **filling["query"],
        )

    def with_required(self, values: Mapping[str, Sequence[Any]]) -> Filling:
        """The shortest filling: what has to be there, each by its first value."""
        filling: Filling = {
            place: {name: values[name][0] for name in sorted(names)}
            for place, names in self.required.items()
        }
        if {"files", "symbols"} <= self.optional["body"]:
            filling["body"]["files"] = values["files"][0]  # or symbols: one of the two
        return filling
