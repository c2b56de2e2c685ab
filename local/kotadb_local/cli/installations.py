"""Commands of operators that say which tenant an installation of the GitHub App belongs to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from kotadb_local.cli import display
from kotadb_local.cli.display import local_time, printable
from kotadb_local.cli.operators import carry_out, list_pages, print_listed
from kotadb_local.cli.queries import JsonOption, LimitOption

commands = typer.Typer(
    help="Installations of the GitHub App: list, link to a tenant, take back.",
    no_args_is_help=True,
)

InstallationArgument = Annotated[
    str, typer.Argument(help="Its id: the last part of the address of its page at GitHub.")
]


def add_to(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    app.add_typer(commands, name="installation")


@commands.command("list")
def list_installations(
    account: Annotated[
        str | None, typer.Option("--account", help="Those on this account of GitHub's.")
    ] = None,
    linked: Annotated[
        bool | None,
        typer.Option("--linked/--unlinked", help="Those that are a tenant's, or nobody's."),
    ] = None,
    limit: LimitOption = 100,
    as_json: JsonOption = False,
) -> None:
    """List where the App is installed, and whom each installation is linked to."""
    found = list_pages("installations", "installations", most=limit, account=account, linked=linked)
    lines = [_line(one) for one in found]
    print_listed(found, lines, "GitHub told of no such installation", limit=limit, as_json=as_json)


@commands.command()
def link(
    installation_id: InstallationArgument,
    email: Annotated[str | None, typer.Argument(help="The user whose it shall be.")] = None,
    organization: Annotated[
        str | None, typer.Option("--organization", help="Or the organisation, by id or name.")
    ] = None,
) -> None:
    """Give an installation to a tenant, who may have its private repositories indexed then."""
    _print_changed(
        carry_out(
            "link_installation",
            installation_id=installation_id,
            email=email,
            organization=organization,
        )
    )


@commands.command()
def unlink(installation_id: InstallationArgument) -> None:
    """Take an installation back. What was indexed with it stays its tenant's."""
    _print_changed(carry_out("unlink_installation", installation_id=installation_id))


def _print_changed(one: Mapping[str, Any]) -> None:
    unchanged = "" if one["changed"] else "  as before"
    display.output.print(f"{printable(_line(one))}{unchanged}", markup=False)


def _line(one: Mapping[str, Any]) -> str:
    reach = "all repositories" if one["all_repositories"] else "chosen repositories"
    whose = "nobody's"
    if one["tenant_id"] is not None:
        whose = f"{one['tenant']}  since {local_time(one['linked_at'])}"
    return f"{one['installation_id']}  {one['account']}  {one['state']}  {reach}  {whose}"
