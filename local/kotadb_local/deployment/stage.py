"""A stage: its stack, what everybody deploys it with, and what this person has answered before."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from kotadb_local.deployment.failures import DeploymentError, ParameterInvalid

# The parameter that the command is told, and nobody is asked for.
STAGE = "Stage"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One stage of `samconfig.toml`. `shared` are the parameters that stand there."""

    name: str
    environment: str
    stack: str
    shared: Mapping[str, str]
    answers: Path

    def remembered(self) -> dict[str, str]:
        """The answers of the last time, none of them secret; empty when there was none.

        Raises:
            DeploymentError: the file cannot be read.
        """
        try:
            found = json.loads(self.answers.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise DeploymentError(f"{self.answers} is no JSON object: mend it, or delete it")
        return {str(name): str(value) for name, value in found.items()}

    def remember(self, values: Mapping[str, str]) -> None:
        """Keep answers for the next time; the file is whole or as it was."""
        self.answers.parent.mkdir(parents=True, exist_ok=True)
        beside = self.answers.with_suffix(".new")
        beside.write_text(json.dumps(dict(sorted(values.items())), indent=2) + "\n", "utf-8")
        beside.replace(self.answers)


def find_stage(project: Path, name: str) -> Stage:
    """The stage of that name.

    Raises:
        ParameterInvalid: `samconfig.toml` has no such stage.
    """
    config = tomllib.loads((project / "samconfig.toml").read_text(encoding="utf-8"))
    stages: dict[str, Stage] = {}
    for environment, told in config.items():
        if not isinstance(told, dict):
            continue
        pairs = told["deploy"]["parameters"]["parameter_overrides"].split()
        shared = dict(pair.split("=", 1) for pair in pairs)
        stages[shared[STAGE]] = Stage(
            name=shared[STAGE],
            environment=environment,
            stack=told["global"]["parameters"]["stack_name"],
            shared=shared,
            answers=project / ".deploy" / f"{shared[STAGE]}.json",
        )
    if name not in stages:
        raise ParameterInvalid(f"{name} is no stage; there are {', '.join(stages)}")
    return stages[name]
