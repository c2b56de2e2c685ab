"""Commands that bring the stack to AWS, and take it away again."""

from __future__ import annotations

import sys
from typing import Annotated

import typer
from rich.markup import escape

from kotadb_local.cli.display import messages
from kotadb_local.deployment.failures import NotConfirmed, ParameterInvalid
from kotadb_local.deployment.stage import find_stage
from kotadb_local.state import project_directory

StageArgument = Annotated[str, typer.Argument(help="dev, staging or prod, as in samconfig.toml.")]
RegionOption = Annotated[
    str | None, typer.Option("--region", help="Else what AWS_REGION or the profile says.")
]
DryRunOption = Annotated[
    bool, typer.Option("--dry-run", help="Show what would happen; asks no account.")
]


def add_to(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    app.command()(deploy)
    app.command()(teardown)


class Person:
    """Who sits at the terminal; a pipe is nobody."""

    @property
    def interactive(self) -> bool:
        """Whether somebody answers."""
        return sys.stdin.isatty()

    def say(self, text: str) -> None:
        """Show a line."""
        messages.print(text, markup=False)

    def ask(self, text: str, *, default: str | None = None, hidden: bool = False) -> str:
        """Their answer."""
        answer: str = typer.prompt(
            text, default=default, hide_input=hidden, show_default=bool(default), err=True
        )
        return answer

    def confirm(self, text: str) -> bool:
        """Whether they agree; nobody agrees to nothing."""
        if not self.interactive:
            raise NotConfirmed("nobody can be asked here: give --yes")
        return typer.confirm(text, err=True)


def deploy(
    stage: StageArgument,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="A parameter of the template."),
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Ask for every parameter, with its explanation.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Deploy without asking.")] = False,
    region: RegionOption = None,
    dry_run: DryRunOption = False,
) -> None:
    """Bring this checkout to AWS, asking for what is missing. It must have been built."""
    # The client of AWS alone takes longer to load than most commands run.
    from kotadb_local.deployment import release as releases
    from kotadb_local.deployment.account import Account
    from kotadb_local.deployment.questions import Questions
    from kotadb_local.deployment.template import Template

    project, person = project_directory(), Person()
    found, template = find_stage(project, stage), Template(project / "template.yaml")
    account = None if dry_run else Account(region=region)

    def make_secret(name: str, text: str) -> str:
        if account is None:
            return f"arn:aws:secretsmanager:dry-run-1:000000000000:secret:{name}"
        return account.make_secret(name, text)

    questions = Questions(template=template, stage=found, terminal=person, make_secret=make_secret)
    values = questions.answered(_pairs(settings or ()), everything=everything)
    release = releases.Release(project=project, stage=found, template=template, values=values)
    if account is None:
        releases.refuse_unreadable_certificates(release)
        for line in release.plan(None, None):
            person.say(line)
        for one in release.missing():
            person.say(f"missing      {one}: run make build")
        person.say("Nothing was asked of AWS, and nothing was deployed.")
        return
    stack = releases.deploy(release, account, person, confirmed=yes)
    version = releases.check_health(stack.outputs["ApiUrl"])
    messages.print(f"[green]{stack.name} answers[/green] with version {escape(version)}")
    for line in releases.next_steps(stack):
        person.say(line)


def teardown(
    stage: StageArgument,
    confirmation: Annotated[
        str | None, typer.Option("--confirm", help="The name of the stack, where nobody is asked.")
    ] = None,
    region: RegionOption = None,
    dry_run: DryRunOption = False,
) -> None:
    """Delete the stack of a stage, after its name was given; say what is lost and what stays."""
    from kotadb_local.deployment.account import Account, need_stack
    from kotadb_local.deployment.teardown import LOST, tear_down, what_stays

    person, found = Person(), find_stage(project_directory(), stage)
    if dry_run:
        person.say(f"With {found.stack} would be lost, as far as it has them:")
        for line in LOST.values():
            person.say(f"  {line}")
        answers = found.remembered()
        stays = what_stays(answers, has_cluster=answers.get("Database") == "aurora")
    else:
        account = Account(region=region)
        standing = need_stack(account.stack(found.stack), found.stack, account.region)
        stays = tear_down(account, standing, person, confirmation=confirmation)
    person.say("What stays:")
    for line in stays:
        person.say(f"  {line}")


def _pairs(settings: list[str] | tuple[()]) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for one in settings:
        name, equals, value = one.partition("=")
        if not equals:
            raise ParameterInvalid(f"--set takes NAME=VALUE, and not {one}")
        pairs[name] = value
    return pairs
