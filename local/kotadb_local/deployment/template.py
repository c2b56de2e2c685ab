"""What the template asks for: its parameters with their explanations, and what goes together."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import yaml

from kotadb_local.deployment.failures import ParameterInvalid

SECRET_ENDING = "SecretArn"  # noqa: S105 - the end of a parameter's name


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One parameter, as the template declares it. `default` None: it has to be given."""

    name: str
    description: str
    default: str | None
    allowed_values: tuple[str, ...]
    allowed_pattern: str | None
    least: float | None
    most: float | None

    @property
    def names_secret(self) -> bool:
        """Whether its value is where a secret is."""
        return self.name.endswith(SECRET_ENDING)

    def check(self, value: str) -> None:
        """Return when the template takes the value.

        Raises:
            ParameterInvalid: it does not; the text says what it takes.
        """
        if self.allowed_values and value not in self.allowed_values:
            raise self._invalid(f"one of {', '.join(self.allowed_values)}")
        if self.allowed_pattern and not re.fullmatch(self.allowed_pattern, value):
            raise self._invalid(f"what matches {self.allowed_pattern}")
        if self.least is not None or self.most is not None:
            self._check_number(value)

    def _check_number(self, value: str) -> None:
        least = -float("inf") if self.least is None else self.least
        most = float("inf") if self.most is None else self.most
        try:
            fits = least <= float(value) <= most
        except ValueError:
            fits = False
        if not fits:
            upper = "" if self.most is None else f", at most {self.most:g}"
            raise self._invalid(f"a number, at least {least:g}{upper}")

    def _invalid(self, wanted: str) -> ParameterInvalid:
        return ParameterInvalid(f"{self.name} takes {wanted}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """An assertion of the Rules that does not hold: why, and the parameters it looks at."""

    reason: str
    parameters: tuple[str, ...]


class Template:
    """The parameters and rules of one template."""

    def __init__(self, path: Path) -> None:
        loaded = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506 - it makes plain values only
        self.parameters = {
            str(name): _parameter(str(name), one) for name, one in loaded["Parameters"].items()
        }
        self._rules: Mapping[str, Any] = loaded.get("Rules", {})

    def complete(self, values: Mapping[str, str]) -> dict[str, str]:
        """The value of every parameter that has one: given, or its default.

        Raises:
            ParameterInvalid: a name is none of the template's, or a value is not taken.
        """
        for name, value in values.items():
            if name not in self.parameters:
                known = ", ".join(sorted(self.parameters))
                raise ParameterInvalid(f"{name} is no parameter; there are {known}")
            self.parameters[name].check(value)
        defaults = {
            name: one.default for name, one in self.parameters.items() if one.default is not None
        }
        return {**defaults, **values}

    def refusals(self, values: Mapping[str, str]) -> list[Refusal]:
        """What CloudFormation would refuse of these values, by the Rules."""
        complete = self.complete(values)
        return [
            Refusal(
                reason=str(one["AssertDescription"]),
                parameters=tuple(_parameters_in(one["Assert"])),
            )
            for rule in self._rules.values()
            if _holds(rule.get("RuleCondition", True), complete)
            for one in rule["Assertions"]
            if not _holds(one["Assert"], complete)
        ]


class _Loader(yaml.SafeLoader):
    """Reads CloudFormation's short forms, `!Ref x`, as their long ones."""


def _function(loader: Any, tag: str, node: Any) -> dict[str, Any]:  # noqa: ANN401 - the library has no types
    name = tag if tag in {"Ref", "Condition"} else f"Fn::{tag}"
    if isinstance(node, yaml.ScalarNode):
        return {name: loader.construct_scalar(node)}
    if isinstance(node, yaml.SequenceNode):
        return {name: loader.construct_sequence(node, deep=True)}
    return {name: loader.construct_mapping(node, deep=True)}


_Loader.add_multi_constructor("!", _function)


def _parameter(name: str, told: Mapping[str, Any]) -> Parameter:
    default = told.get("Default")
    return Parameter(
        name=name,
        description=str(told.get("Description", "")).strip(),
        default=None if default is None else str(default),
        allowed_values=tuple(map(str, told.get("AllowedValues", ()))),
        allowed_pattern=told.get("AllowedPattern"),
        least=told.get("MinValue"),
        most=told.get("MaxValue"),
    )


def _holds(node: Any, values: Mapping[str, str]) -> bool:  # noqa: ANN401 - any part of a rule
    if isinstance(node, bool):
        return node
    ((name, given),) = node.items()
    match name:
        case "Fn::Equals":
            left, right = (_value(one, values) for one in given)
            return left == right
        case "Fn::Not":
            return not _holds(given[0], values)
        case "Fn::And":
            return all(_holds(one, values) for one in given)
        case "Fn::Or":
            return any(_holds(one, values) for one in given)
    raise ValueError(f"the rules of the template use {name}, which is not known here")


def _value(node: Any, values: Mapping[str, str]) -> str:  # noqa: ANN401 - any part of a rule
    return values.get(node["Ref"], "") if isinstance(node, dict) else str(node)


def _parameters_in(node: Any) -> Iterator[str]:  # noqa: ANN401 - any part of a rule
    if isinstance(node, dict):
        if "Ref" in node:
            yield cast("str", node["Ref"])
            return
        for value in node.values():
            yield from _parameters_in(value)
    elif isinstance(node, list):
        for value in node:
            yield from _parameters_in(value)
