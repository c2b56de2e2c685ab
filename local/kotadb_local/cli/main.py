"""The command line as a whole: its commands, and what an error looks like."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from indexer import __version__
from indexer.errors import KotaError
from kotadb_local.cli import admin, demo, doctor, queries, service
from kotadb_local.cli.session import messages

USAGE_ERROR = 2
FAILED = 1
INTERRUPTED = 130


class _Commands(TyperGroup):
    """Turns the product's errors into one line and an exit status."""

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401 - click's own signature
        try:
            return super().invoke(ctx)
        except KotaError as error:
            messages.print(f"[red]error:[/red] {error}", markup=True, soft_wrap=True)
            raise typer.Exit(FAILED) from None
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


@app.callback()
def _common(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and exit.", is_eager=True)
    ] = False,
) -> None:
    if version:
        typer.echo(f"kotadb {__version__}")
        raise typer.Exit


service.add_to(app)
demo.add_to(app)
queries.add_to(app)
admin.add_to(app)
doctor.add_to(app)


def main() -> None:
    """Run the command that the process was started with."""
    app(prog_name="kotadb")
