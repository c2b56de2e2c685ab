"""The values of a deployment's parameters: what is known, and what a person is asked for."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from indexer.database.target import Target
from indexer.errors import ConfigurationError
from indexer.settings import Settings
from kotadb_local.deployment.failures import DeploymentError, ParameterInvalid, ParametersRefused
from kotadb_local.deployment.stage import STAGE, Stage
from kotadb_local.deployment.template import Parameter, Template

NEW, FROM_FILE = "new", "file:"
# Asked for at the first deployment, though it has a default: everything else follows from it.
FIRST = "Database"
# The setting that each secret gives.
SETTINGS = {
    "ApiKeyPepperSecretArn": "API_KEY_PEPPER",
    "AdminApiKeySecretArn": "ADMIN_API_KEY",
    "GitHubAppPrivateKeySecretArn": "GITHUB_APP_PRIVATE_KEY",
    "GitHubWebhookSecretArn": "GITHUB_WEBHOOK_SECRET",
}


class Terminal(Protocol):
    """The person who deploys. `interactive` False: nobody can be asked."""

    @property
    def interactive(self) -> bool:
        """Whether somebody answers."""

    def say(self, text: str) -> None:
        """Show a line."""

    def ask(self, text: str, *, default: str | None = None, hidden: bool = False) -> str:
        """Their answer. A hidden one is not shown while it is typed."""

    def confirm(self, text: str) -> bool:
        """Whether they agree."""


MakeSecret = Callable[[str, str], str]


@dataclass(kw_only=True)
class Questions:
    """Asks for what is missing until the template is content.

    `make_secret` takes the name and the text of a new secret and gives its ARN.
    """

    template: Template
    stage: Stage
    terminal: Terminal
    make_secret: MakeSecret

    def answered(self, given: Mapping[str, str], *, everything: bool = False) -> dict[str, str]:
        """The value of every parameter, as a person or an earlier deployment said.

        `given` were named on the command line and are not asked for. With `everything` every other
        parameter is asked for too.

        Raises:
            ParameterInvalid: a value is not taken.
            ParametersRefused: they do not go together, and nobody can be asked, or was.
            DeploymentError: a secret cannot be made.
        """
        if STAGE in given:
            raise ParameterInvalid(f"{STAGE} is what the command is told, and nothing to set")
        remembered = {
            name: value
            for name, value in self.stage.remembered().items()
            if name in self.template.parameters
        }
        values = {**self.stage.shared, **remembered, **given}
        self.template.complete(values)
        # A pipe answers nothing: then the defaults hold, and the rules say what is missing.
        wanted = [
            one
            for one in self.template.parameters.values()
            if one.name != STAGE
            and one.name not in given
            and (everything or (one.name == FIRST and FIRST not in remembered))
        ]
        for parameter in wanted if self.terminal.interactive else ():
            values[parameter.name] = self._ask(parameter, values)
        self._until_content(values, fixed=set(given) | {one.name for one in wanted})
        return self.template.complete(values)

    def _until_content(self, values: dict[str, str], *, fixed: set[str]) -> None:
        while refusals := self.template.refusals(values):
            open_ones = [
                name
                for refusal in refusals
                for name in refusal.parameters
                if name not in fixed and not values.get(name)
            ]
            if not open_ones or not self.terminal.interactive:
                reasons = [one.reason for one in refusals]
                if open_ones:
                    reasons.append("Nobody can be asked here: give them with --set NAME=VALUE.")
                raise ParametersRefused(reasons)
            name = open_ones[0]
            values[name] = self._ask(self.template.parameters[name], values)
            fixed.add(name)

    def _ask(self, parameter: Parameter, values: Mapping[str, str]) -> str:
        self.terminal.say("")
        self.terminal.say(f"{parameter.name}: {parameter.description}")
        if parameter.allowed_values:
            self.terminal.say(f"  one of: {', '.join(parameter.allowed_values)}")
        if parameter.names_secret:
            self.terminal.say(f"  its ARN, or {NEW} to make the secret now")
        default = values.get(parameter.name, parameter.default)
        while True:
            answer = self.terminal.ask(parameter.name, default=default).strip()
            try:
                if parameter.names_secret and answer == NEW:
                    return self._new_secret(parameter)
                parameter.check(answer)
            except DeploymentError as error:
                self.terminal.say(f"  {error}")
            else:
                return answer

    def _new_secret(self, parameter: Parameter) -> str:
        text = self.terminal.ask(
            f"  the text of the secret, or {FROM_FILE}PATH", default="", hidden=True
        ).strip()
        if text.startswith(FROM_FILE):
            text = _text_of(Path(text.removeprefix(FROM_FILE)).expanduser())
        check_secret(parameter.name, text)
        words = re.findall(r"[A-Z]+[a-z]*", parameter.name.removesuffix("SecretArn"))
        name = f"{self.stage.stack}/{'-'.join(words).lower()}"
        arn = self.make_secret(name, text)
        parameter.check(arn)
        self.terminal.say(f"  {name}: {arn}")
        return arn


def check_secret(parameter: str, text: str) -> None:
    """Return when a secret may have this text.

    Raises:
        ParameterInvalid: the function that reads it could not use it. The text is not repeated.
    """
    if not text:
        raise ParameterInvalid("a secret cannot be empty")
    try:
        if variable := SETTINGS.get(parameter):
            Settings.from_environment({variable: text})
        else:
            Target.parse(text)
    except ConfigurationError as error:
        raise ParameterInvalid(str(error)) from None


def _text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, ValueError) as error:
        raise ParameterInvalid(f"{path} cannot be read: {type(error).__name__}") from None
