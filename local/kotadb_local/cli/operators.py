"""Commands of whoever runs the service: the actions of the administration, on this machine.

They work on the database itself, whether a service runs or not, and are written down like those
that come over HTTP.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from typing import Annotated, Any, Protocol
from uuid import uuid4

import typer
from rich.markup import escape

from indexer.access.api_keys import Tier
from indexer.access.audit import Origin
from indexer.access.organizations import Role
from indexer.database.target import Target
from indexer.settings import Settings
from kotadb_local.cli import display
from kotadb_local.cli.client import Listed, pages_of
from kotadb_local.cli.display import local_time, messages, printable
from kotadb_local.cli.queries import JsonOption, LimitOption
from kotadb_local.cli.session import connected, find_place, unheard
from kotadb_local.launch import database_server, prepare
from kotadb_local.place import keep_api_key
from kotadb_local.service import ADMIN
from kotadb_local.wording import counted

CALLER = "command line"

key_commands = typer.Typer(help="API keys: make, list, revoke, replace.", no_args_is_help=True)
user_commands = typer.Typer(help="Users: make, list.", no_args_is_help=True)
organization_commands = typer.Typer(
    help="Organisations and their members: make, list, add, remove.", no_args_is_help=True
)

TierOption = Annotated[
    Tier | None, typer.Option("--tier", help="Sets the quota; left out, it stays as it is.")
]
OrganizationArgument = Annotated[str, typer.Argument(help="Its id or name.")]
UserArgument = Annotated[str, typer.Argument(help="Their id or e-mail address.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    app.add_typer(key_commands, name="key")
    app.add_typer(user_commands, name="user")
    app.add_typer(organization_commands, name="org")
    for command in (failed, retry, sweep, seed, audit):
        app.command()(command)


class Act(Protocol):
    """Performs an action by its name; fields that are None are left out."""

    def __call__(self, action: str, **fields: object) -> dict[str, Any]: ...


@contextmanager
def _administering() -> Iterator[Act]:
    # The administration loads what no other command needs.
    from admin_function.actions.action import perform
    from admin_function.actions.catalogue import CATALOGUE
    from admin_function.administration import Administration
    from indexer.observability import logger

    place, settings = find_place(), Settings.from_environment()
    log = logger.registered_handler
    with _warnings_on_standard_error(log), database_server(place, os.environ) as server:
        prepared = prepare(place, server, settings, unheard)
        administration = Administration(settings, Target.parse(prepared.urls[ADMIN]))
        origin = Origin(request_id=f"cli-{uuid4()}", caller=CALLER)

        def act(action: str, **fields: object) -> dict[str, Any]:
            given = {name: value for name, value in fields.items() if value is not None}
            event = {"action": action, **given}
            return perform(CATALOGUE, event, lambda: administration, origin)

        try:
            yield act
        finally:
            administration.close()


@contextmanager
def _warnings_on_standard_error(log: logging.Handler) -> Iterator[None]:
    """Keep the log out of a command's answer, which says itself what was done."""
    level = log.level
    log.setLevel(logging.WARNING)
    stream = log.setStream(sys.stderr) if isinstance(log, logging.StreamHandler) else None
    try:
        yield
    finally:
        log.setLevel(level)
        if stream is not None and isinstance(log, logging.StreamHandler):
            log.setStream(stream)


def carry_out(action: str, **fields: object) -> dict[str, Any]:
    """Perform one action by its name; its answer. Fields that are None are left out."""
    with _administering() as act:
        return act(action, **fields)


def list_pages(action: str, key: str, *, most: int, **fields: object) -> Listed:
    """At most `most` entries of a list, page by page."""
    with _administering() as act:
        return Listed(key, pages_of(partial(act, action, **fields), key, most=most))


def print_lines(
    found: Sequence[Mapping[str, Any]], lines: Iterable[str], nothing: str, *, as_json: bool
) -> None:
    """Print a list as JSON or as lines; where it is empty, say that there is `nothing`."""
    if as_json:
        display.print_json(found)
    for line in () if as_json else lines:
        display.output.print(printable(line), markup=False)
    if not found and not as_json:
        messages.print(nothing, style="yellow")


def print_listed(
    found: Listed, lines: Iterable[str], nothing: str, *, limit: int, as_json: bool
) -> None:
    """As `print_lines`, of a list that has `limit` entries at the most: says where it goes on."""
    print_lines(found, lines, nothing, as_json=as_json)
    display.tell_of_more(found.next_cursor, limit)


@key_commands.command("create")
def create_key(
    email: Annotated[
        str | None, typer.Argument(help="Whose key it is; made if not known yet.")
    ] = None,
    organization: Annotated[
        str | None, typer.Option("--organization", help="Its key instead, by id or name.")
    ] = None,
    tier: TierOption = None,
    name: Annotated[str, typer.Option("--name", help="What the key is for.")] = "key",
    valid_days: Annotated[
        int | None, typer.Option("--valid-days", help="It ends by itself after so many.")
    ] = None,
) -> None:
    """Make an API key. It is printed once and stored nowhere."""
    issued = carry_out(
        "create_key",
        email=email,
        organization=organization,
        tier=tier,
        name=name,
        valid_days=valid_days,
    )
    owner = escape(email or organization or "")
    messages.print(f"key {issued['key_id']} for {owner} ({issued['tier']}); shown only once:")
    display.output.print(issued["api_key"], markup=False)


@key_commands.command("list")
def list_keys(
    email: Annotated[str | None, typer.Argument(help="Those of this user only.")] = None,
    organization: Annotated[
        str | None, typer.Option("--organization", help="Those of this one only.")
    ] = None,
    limit: LimitOption = 100,
    as_json: JsonOption = False,
) -> None:
    """List keys with their owners, oldest first."""
    found = list_pages("keys", "keys", most=limit, email=email, organization=organization)
    lines = [
        f"{one['key_id']}  {one['tier']}  {one['owner']}  {one['name']}  {_life(one)}"
        for one in found
    ]
    print_listed(
        found, lines, "no keys yet; kotadb key create makes one", limit=limit, as_json=as_json
    )


@key_commands.command("revoke")
def revoke_key(
    key_id: Annotated[str, typer.Argument(help="The middle part of the key.")],
) -> None:
    """Revoke a key: it is refused from the next request on."""
    done = carry_out("revoke_key", key_id=key_id)
    messages.print(f"revoked: {escape(key_id)}")
    for successor in done["successors"]:
        messages.print(f"still good, given for it by rotation: {escape(successor)}")


@key_commands.command("rotate")
def rotate_key(
    overlap_seconds: Annotated[
        int | None, typer.Option("--overlap", help="Seconds that the old key goes on; else a day.")
    ] = None,
    name: Annotated[str | None, typer.Option("--name", help="What the new key is for.")] = None,
) -> None:
    """Replace the key that this machine uses. The new one is printed, and kept beside the data."""
    place = find_place()
    with connected(place) as api:
        made = api.post("/keys/rotate", {"overlap_seconds": overlap_seconds, "name": name})
    keep_api_key(place, made["api_key"])
    until = local_time(made["replaces"]["valid_until"])
    messages.print(
        f"the old key {made['replaces']['key_id']} ends at {until}; put the new one into "
        f"{escape(place.dotenv.name)} as KOTADB_API_KEY:"
    )
    display.output.print(made["api_key"], markup=False)


@user_commands.command("create")
def create_user(
    email: Annotated[str, typer.Argument(help="Their e-mail address.")], tier: TierOption = None
) -> None:
    """Make a user, or give one another tier."""
    user = carry_out("create_user", email=email, tier=tier)
    how = "made" if user["created"] else "known"
    display.output.print(f"{user['email']}  {user['tier']}  {user['user_id']}  {how}")


@user_commands.command("list")
def list_users(limit: LimitOption = 100, as_json: JsonOption = False) -> None:
    """List users by address."""
    found = list_pages("users", "users", most=limit)
    lines = [f"{one['email']}  {one['tier']}  {one['user_id']}" for one in found]
    print_listed(found, lines, "no users yet", limit=limit, as_json=as_json)


@organization_commands.command("create")
def create_organization(
    name: Annotated[str, typer.Argument(help="Its name.")],
    tier: TierOption = None,
    owner: Annotated[
        str | None, typer.Option("--owner", help="A user who becomes an owner, by id or address.")
    ] = None,
) -> None:
    """Make an organisation, or give one another tier."""
    _print_organization(carry_out("create_organization", name=name, tier=tier, owner=owner))


@organization_commands.command("list")
def list_organizations(limit: LimitOption = 100, as_json: JsonOption = False) -> None:
    """List organisations by name, with their members."""
    found = list_pages("organizations", "organizations", most=limit)
    lines = [line for one in found for line in _organization_lines(one)]
    nothing = "no organisations yet; kotadb org create makes one"
    print_listed(found, lines, nothing, limit=limit, as_json=as_json)


@organization_commands.command("add-member")
def add_member(
    organization: OrganizationArgument,
    user: UserArgument,
    role: Annotated[Role, typer.Option("--role", help="What they are to it.")] = Role.MEMBER,
) -> None:
    """Make a user a member, or give a member another role."""
    _print_organization(carry_out("add_member", organization=organization, user=user, role=role))


@organization_commands.command("remove-member")
def remove_member(organization: OrganizationArgument, user: UserArgument) -> None:
    """End a membership. The last owner cannot go."""
    carry_out("remove_member", organization=organization, user=user)
    messages.print(f"{escape(user)} is a member of {escape(organization)} no more")


def failed(
    limit: LimitOption = 20,
    offset: Annotated[int, typer.Option("--offset", help="Pass over so many first.")] = 0,
    as_json: JsonOption = False,
) -> None:
    """List the jobs of all tenants that failed for good, newest first."""
    answer = carry_out("failed_jobs", limit=limit, offset=offset)
    if as_json:
        display.print_json(answer)
        return
    for one in answer["jobs"]:
        display.output.print(
            f"{one['id']}  {local_time(one['failed_at'])}  {printable(one['repository'])}"
            f"  {one['error_code']}  {printable(one['error'])}",
            markup=False,
        )
    messages.print(f"{answer['total']} failed in all", style="dim")


def retry(
    job_id: Annotated[str | None, typer.Argument(help="A job that failed.")] = None,
    every: Annotated[bool, typer.Option("--all", help="All that failed, or as below.")] = False,
    error_code: Annotated[
        str | None, typer.Option("--error-code", help="Those that failed with it.")
    ] = None,
    repository_id: Annotated[
        str | None, typer.Option("--repository-id", help="Those of this repository.")
    ] = None,
    limit: Annotated[
        int | None, typer.Option("--limit", help="At most so many: 1 to 500, else 100.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say which.")] = False,
) -> None:
    """Queue a failed job again, or many of them with --all."""
    if (job_id is None) != every:
        raise typer.BadParameter("name one job, or say --all", param_hint="JOB_ID")
    if job_id is not None:
        display.output.print(carry_out("retry_job", job_id=job_id)["message"])
        return
    done = carry_out(
        "retry_jobs",
        error_code=error_code,
        repository_id=repository_id,
        limit=limit,
        dry_run=dry_run,
    )
    for one in done["requeued"]:
        display.output.print(f"{one}  {'would be requeued' if dry_run else 'requeued'}")
    for one, why in done["passed_over"].items():
        display.output.print(f"{one}  left: {why}")
    messages.print(counted(len(done["requeued"]), "job"), style="dim")


def sweep() -> None:
    """Take back lost leases, end what expired, archive what is finished."""
    for name, number in carry_out("sweep").items():
        display.output.print(f"{name.replace('_', ' ')}: {number}")


def seed() -> None:
    """Make data to try things on: three users, their jobs in every state, an index."""
    made = carry_out("seed")
    messages.print(made["message"])
    for one in made["keys"]:
        display.output.print(f"{one['email']}  {one['api_key']}", markup=False)


def audit(
    action: Annotated[str | None, typer.Option("--action", help="This action only.")] = None,
    target: Annotated[str | None, typer.Option("--target", help="This id only.")] = None,
    limit: LimitOption = 20,
    as_json: JsonOption = False,
) -> None:
    """Show what was changed by hand, newest first."""
    found = list_pages("audit", "entries", most=limit, only_action=action, target=target)
    lines = [
        f"{local_time(one['at'])}  {one['action']}  {one['target'] or ''}  {one['caller']}"
        f"  {one['request_id']}"
        for one in found
    ]
    print_listed(found, lines, "nothing was changed by hand yet", limit=limit, as_json=as_json)


def _life(key: Mapping[str, Any]) -> str:
    if key["revoked_at"]:
        return f"revoked {local_time(key['revoked_at'])}"
    if key["expires_at"]:
        over = datetime.fromisoformat(key["expires_at"]) <= datetime.now(UTC)
        return f"{'ended' if over else 'ends'} {local_time(key['expires_at'])}"
    return f"since {local_time(key['created_at'])}"


def _print_organization(one: Mapping[str, Any]) -> None:
    for line in _organization_lines(one):
        display.output.print(printable(line), markup=False)


def _organization_lines(one: Mapping[str, Any]) -> list[str]:
    members = (f"    {each['role']}  {each['email']}  {each['user_id']}" for each in one["members"])
    return [f"{one['name']}  {one['tier']}  {one['organization_id']}", *members]
