"""The template as CloudFormation resolves it for the parameters of one deployment."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

NOTHING = object()
NAMES = frozenset({"Ref", "Fn::GetAtt", "Fn::Sub"})
FUNCTIONS: Mapping[str, Callable[[Any], Any]] = {
    "Fn::Equals": lambda given: str(given[0]) == str(given[1]),
    "Fn::Not": lambda given: not given[0],
    "Fn::And": all,
    "Fn::Split": lambda given: given[1].split(given[0]),
}


class Deployed:
    """Resources of a template under parameters; those left out have their defaults.

    What only AWS knows stands for itself: a resource as its logical id, an attribute behind a dot.
    """

    def __init__(self, template: Mapping[str, Any], **parameters: str) -> None:
        self._template = template
        declared = template["Parameters"]
        assert set(parameters) <= set(declared)
        self.parameters = {
            name: parameters.get(name, str(one.get("Default", "")))
            for name, one in declared.items()
        }

    def resources(self) -> dict[str, Any]:
        """Every resource that is made, by its logical id."""
        return {
            name: self.resolved(one)
            for name, one in self._template["Resources"].items()
            if "Condition" not in one or self._holds(one["Condition"])
        }

    def refused(self) -> list[str]:
        """What CloudFormation says of parameters that the Rules do not let pass."""
        return [
            one["AssertDescription"]
            for rule in self._template.get("Rules", {}).values()
            if self.resolved(rule.get("RuleCondition", True))
            for one in rule["Assertions"]
            if not self.resolved(one["Assert"])
        ]

    def _holds(self, condition: str) -> bool:
        return bool(self.resolved(self._template["Conditions"][condition]))

    def resolved(self, node: Any) -> Any:
        if isinstance(node, list):
            found = [self.resolved(one) for one in node]
            return [one for one in found if one is not NOTHING]
        if not isinstance(node, dict):
            return node
        if len(node) == 1:
            ((kind, value),) = node.items()
            if kind == "Ref" or kind.startswith("Fn::"):
                return self._function(str(kind), value)
        found = {str(key): self.resolved(value) for key, value in node.items()}
        return {key: value for key, value in found.items() if value is not NOTHING}

    def _function(self, kind: str, value: Any) -> Any:
        if kind == "Fn::If":
            return self.resolved(value[1] if self._holds(value[0]) else value[2])
        if kind in NAMES:
            return self._named(kind, value)
        return FUNCTIONS[kind](self.resolved(value))

    def _named(self, kind: str, value: Any) -> Any:
        if kind == "Ref":
            return NOTHING if value == "AWS::NoValue" else self.parameters.get(value, value)
        return ".".join(value) if isinstance(value, list) else value
