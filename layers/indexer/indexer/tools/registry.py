"""What a tool is: a question or a wish of a coding agent, with a schema, answered by short text.

An agent reads every character of an answer, so answers are lines and not documents, places are
`path:line:column` with both counted from 1, and an error says what to do next.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from indexer.database.connection import Database
from indexer.errors import Refused
from indexer.http.problems import TellsDetails, fault_told
from indexer.http.shapes import LONGEST_NAME, LONGEST_PATH, LONGEST_REF
from indexer.jobs.queue import JobQueue
from indexer.settings import Settings
from indexer.tools.pages import cut

_MOST_FAULTS: Final = 20
_LONGEST_ARGUMENT: Final = 100

# What an agent may do about an error, by its code.
NEXT_STEPS: Final[Mapping[str, str]] = {
    "cursor_expired": "Call again without cursor.",
    "cursor_invalid": "Call again without cursor, or with the cursor of the answer before.",
    "file_not_found": "search_code tells the path of what a file defines; list_files all paths.",
    "folder_not_found": "list_files with folder / tells those there are.",
    "lines_beyond_end": "read_file without lines begins at the first.",
    "nothing_at_place": "search_code tells the line and column of a name.",
    "not_indexed": "index_repository adds it; get_index_job_status tells when it is done.",
    "repository_ambiguous": "list_repositories tells the ids.",
    "repository_not_found": "list_repositories tells what is there; index_repository adds another.",
    "symbol_not_found": "The id is of a commit that is gone: find_definition tells it anew.",
    "text_not_stored": "index_repository with force stores the texts.",
}


class ToolUnknown(Refused):
    """There is no tool of this name."""

    code = "tool_unknown"
    status: ClassVar[int] = 404

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(f"There is no such tool; there are {', '.join(names)}.")


class ArgumentsInvalid(Refused):
    """The arguments are not what the tool takes."""

    code = "arguments_invalid"
    status: ClassVar[int] = 422


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who calls a tool, and what a tool may use for them. `wake` tells a worker of a new job."""

    tenant_id: UUID
    request_id: str
    settings: Settings
    database: Database
    queue: JobQueue
    wake: Callable[[UUID], object]


class Arguments(BaseModel):
    """What a tool takes."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class OfRepository(Arguments):
    """What is asked of one repository."""

    repository: str = Field(
        description="owner/name, or its id.", min_length=1, max_length=LONGEST_NAME
    )
    ref: str | None = Field(
        default=None,
        description="A branch or tag that was indexed; the default branch unless named.",
        min_length=1,
        max_length=LONGEST_REF,
    )


class OfFile(OfRepository):
    """What is asked of one file."""

    path: str = Field(description="The file's path.", min_length=1, max_length=LONGEST_PATH)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """A tool: how it is called, what it takes, and what answers."""

    name: str
    title: str
    description: str
    arguments: type[Arguments]
    answer: Callable[[Caller, Any], str]
    read_only: bool = True

    def described(self) -> dict[str, Any]:
        """The tool as `tools/list` tells of it."""
        schema = self.arguments.model_json_schema()
        schema.pop("title", None)
        schema.pop("description", None)
        return {
            "name": self.name,
            "title": self.title,
            "description": self.description,
            "inputSchema": schema,
            "annotations": {
                "title": self.title,
                "readOnlyHint": self.read_only,
                "destructiveHint": False,
                "idempotentHint": True,
                "openWorldHint": not self.read_only,
            },
        }


@dataclass(frozen=True, slots=True)
class Answered:
    """What a tool said; `failed`: it is an error, told so that the agent can do better."""

    text: str
    failed: bool = False


class Toolbox:
    """The tools there are, by name."""

    def __init__(self, tools: Sequence[Tool]) -> None:
        self._tools = {one.name: one for one in tools}

    def described(self) -> list[dict[str, Any]]:
        """All tools, as `tools/list` tells of them."""
        return [one.described() for one in self._tools.values()]

    def call(self, caller: Caller, name: str, arguments: Mapping[str, Any]) -> Answered:
        """What a tool answers. A request at fault is an answer too.

        Raises:
            ToolUnknown: there is no such tool.
            DatabaseError: the database did not answer.
        """
        tool = self._tools.get(name)
        if tool is None:
            raise ToolUnknown(tuple(self._tools))
        try:
            return Answered(cut(tool.answer(caller, _read(tool, arguments))))
        except Refused as error:
            return Answered(cut(_told(error)), failed=True)


def _read(tool: Tool, arguments: Mapping[str, Any]) -> Arguments:
    try:
        return tool.arguments.model_validate(arguments)
    except ValidationError as error:
        faults = [
            f"{_argument(one['loc'])}: {fault_told(one)}" for one in error.errors()[:_MOST_FAULTS]
        ]
        if (others := error.error_count() - len(faults)) > 0:
            faults.append(f"and {others} more faults")
        takes = ", ".join(tool.arguments.model_fields) or "nothing"
        raise ArgumentsInvalid(f"{'; '.join(faults)}. {tool.name} takes: {takes}.") from None


def _argument(place: Sequence[int | str]) -> str:
    return ".".join(map(str, place))[:_LONGEST_ARGUMENT] or "arguments"


def _told(error: Refused) -> str:
    lines = [f"{error} ({error.code})"]
    if isinstance(error, TellsDetails):
        lines += [
            f"{detail['excerpt']}\n{detail['marker']}"
            for detail in error.details
            if "excerpt" in detail
        ]
    if step := NEXT_STEPS.get(error.code):
        lines.append(step)
    return "\n".join(lines)
