"""The command line as a whole: its commands, and what an error looks like."""

from __future__ import annotations

import signal
import sys
from typing import Annotated, Any, cast

import typer
from rich.markup import escape
from typer.core import TyperGroup

from indexer import __version__
from indexer.errors import KotaError
from kotadb_local.cli.client import ApiRefused
from kotadb_local.cli.display import messages
from kotadb_local.cli.on_demand import CommandsOnDemand

# Which commands each module of this package adds, in the order in which `--help` shows them.
COMMANDS: dict[str, tuple[str, ...]] = {
    "service": ("up",),
    "demo": ("demo",),
    "search": ("search",),
    "agents": ("mcp",),
    "queries": ("index", "symbols", "definition", "references", "dependencies", "cycles"),
    "navigation": ("hover", "hierarchy", "exports", "unused"),
    "calls": ("callers", "callees"),
    "graph": ("impact", "packages", "unresolved"),
    "import_graph": ("graph",),
    "files": ("files", "folder", "file", "occurrences", "outline"),
    "repositories": ("repositories",),
    "jobs": ("jobs",),
    "admin": ("migrate", "export", "reset"),
    "operators": ("failed", "retry", "sweep", "seed", "audit", "key", "user", "org"),
    "queue": ("queue",),
    "installations": ("installation",),
    "doctor": ("doctor",),
    "deployment": ("deploy", "teardown"),
}
USAGE_ERROR = 2
FAILED = 1
INTERRUPTED = 130
PYDANTIC_PREFIX = "Value error, "
# What to do next, where the error alone does not tell.
ADVICE = {
    "repository_ambiguous": "kotadb repositories shows the ids",
    "repository_not_found": "kotadb repositories shows what is there",
    "not_indexed": "kotadb repositories shows which refs are indexed; kotadb index adds one",
    "nothing_to_export": "kotadb repositories shows what is indexed; kotadb index adds to it",
    "symbol_not_found": "kotadb symbols NAME shows the ids that are valid now",
    "package_not_found": "kotadb packages shows which are imported",
    "change_not_found": "kotadb files shows what is indexed; --skip-unknown goes on without it",
    "file_not_found": "kotadb files shows which are indexed",
    "text_not_stored": "kotadb index does it",
    "installation_not_found": "kotadb installation list shows the ids",
    "installation_linked": "kotadb installation unlink takes it back",
    "job_not_found": "kotadb jobs shows the newest ones",
    "job_not_due": "kotadb queue jobs --status pending shows those that wait",
    "job_not_retryable": "kotadb failed shows those that can be",
    "key_not_found": "kotadb key list shows the ids",
    "user_not_found": "kotadb user list shows who there is; kotadb user create makes one",
    "organization_not_found": "kotadb org list shows which there are; kotadb org create makes one",
    "last_owner": "kotadb org add-member … --role owner makes another one",
    "unauthenticated": "it was revoked, has ended, or is of another database: "
    "kotadb doctor says which key it is, and what to do",
    "export_ambiguous": "kotadb repositories shows the ids",
}


class _Commands(TyperGroup):
    """Turns the product's errors into one line and an exit status."""

    def __init__(self, **attributes: Any) -> None:  # noqa: ANN401 - typer's own
        super().__init__(**attributes)
        modules = {f"{__package__}.{module}": names for module, names in COMMANDS.items()}
        self.commands = cast("Any", CommandsOnDemand(modules))

    def list_commands(self, _ctx: Any) -> list[str]:  # noqa: ANN401 - click's own signature
        """Their names, which need no module."""
        return list(self.commands)

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401 - click's own signature
        try:
            return super().invoke(ctx)
        except KotaError as error:
            messages.print(f"[red]error:[/red] {escape(str(error))}")
            if advice := ADVICE.get(_code_of(error)):
                messages.print(f"       {advice}", style="dim")
            raise typer.Exit(FAILED) from None
        except typer.BadParameter as error:
            # Typer has pydantic check the values, and tells what class of exception that raised.
            error.message = error.message.removeprefix(PYDANTIC_PREFIX)
            raise
        except BrokenPipeError:
            # The reader of a pipe has seen enough.
            sys.stderr.close()
            raise typer.Exit(0) from None
        except KeyboardInterrupt:
            raise typer.Exit(INTERRUPTED) from None


app = typer.Typer(
    cls=_Commands,
    help="Index Git repositories and ask where things are defined and used.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)


def _show_version(wanted: bool) -> None:  # noqa: FBT001 - typer's callbacks get the value alone
    if wanted:
        typer.echo(f"kotadb {__version__}")
        raise typer.Exit


@app.callback()
def _common(
    _version: Annotated[
        bool,
        typer.Option(
            "--version", help="Print the version and exit.", is_eager=True, callback=_show_version
        ),
    ] = False,
) -> None:
    """Take the options that stand before a command."""


def _code_of(error: KotaError) -> str:
    return error.answer_code if isinstance(error, ApiRefused) else error.code


def _leave(number: int, _frame: object) -> None:
    sys.exit(128 + number)


def main() -> None:
    """Run the command that the process was started with. SIGTERM and SIGHUP end it in order."""
    signal.signal(signal.SIGTERM, _leave)
    # Under nohup a hang-up is to be ignored.
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        signal.signal(signal.SIGHUP, _leave)
    app(prog_name="kotadb")
