"""What is deployed: numbers of the template and of the settings, never repeated here."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

from cfnlint.decode import decode

from indexer.settings import Settings

from .pages import ROOT

# AWS: at 1,769 MB a function has one processor, and more or less in proportion.
# https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
MEGABYTES_OF_A_PROCESSOR = 1_769
# What the figures of benchmarks/RESULTS.md were measured with.
MEASURED_PROCESSORS = 2
# Work and heartbeats; test_runner and the metric worker_database_connections hold it to this.
CONNECTIONS_OF_A_WORKER = 2
CONNECTIONS_OF_AN_ENVIRONMENT = 1


@cache
def template() -> dict[str, Any]:
    """The template as it is written."""
    loaded, problems = decode(str(ROOT / "template.yaml"))
    if problems:
        raise ValueError(f"template.yaml cannot be read: {problems[0]}")
    read: dict[str, Any] = loaded
    return read


@cache
def settings() -> Settings:
    """The settings of a function that is given none."""
    return Settings.from_environment({})


def parameter(name: str) -> int:
    """The default of a parameter of the template that is a number."""
    return int(template()["Parameters"][name]["Default"])


def function(name: str) -> dict[str, Any]:
    """The properties of a function."""
    properties: dict[str, Any] = template()["Resources"][name]["Properties"]
    return properties


def memory_megabytes(name: str) -> int:
    """The memory of a function, at the template's defaults."""
    memory = function(name)["MemorySize"]
    return parameter(memory["Ref"]) if isinstance(memory, dict) else int(memory)


def processors(name: str) -> float:
    """How many processors a function has."""
    return memory_megabytes(name) / MEGABYTES_OF_A_PROCESSOR


def period_seconds(name: str, event: str) -> float:
    """How often a schedule of a function ticks."""
    expression = function(name)["Events"][event]["Properties"]["ScheduleExpression"]
    found = re.fullmatch(r"rate\((\d+) (minute|hour)s?\)", expression)
    if found is None:
        raise ValueError(f"not a rate: {expression}")
    return int(found[1]) * {"minute": 60.0, "hour": 3600.0}[found[2]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Connections:
    """Database connections that the functions hold at most."""

    api: int
    worker: int
    admin: int

    @property
    def total(self) -> int:
        """All of them."""
        return self.api + self.worker + self.admin


def connections(*, api: int, worker: int, admin: int) -> Connections:
    """The connections of so many environments of each function."""
    return Connections(
        api=api * CONNECTIONS_OF_AN_ENVIRONMENT,
        worker=worker * CONNECTIONS_OF_A_WORKER,
        admin=admin * CONNECTIONS_OF_AN_ENVIRONMENT,
    )
