"""Random edits of a repository, as commits on the branch of its copy."""

from __future__ import annotations

import random
import re
from pathlib import Path

from indexing.inputs import BRANCH, committing, git, put_file

NO_BLOB = "0" * 40

_WORD = re.compile(r"\b[a-z]\w{2,}\b")
_OPENING = re.compile(r"\)[^(){}]*\{\s*$")
_INSIDE = (
    "  const zz = 1; zz;",
    "  // A line more.",
    "  if (!zz) return { zz: 1 };",
    "  this.zz = 1;",
)


def edit_at_random(copy: Path, files: list[str], dice: random.Random) -> str:
    """Commit some edits of `files`, those that are still there; what was done, in words."""
    there = set(git(copy, "ls-tree", "-r", "--name-only", BRANCH).splitlines())
    paths = dice.sample(sorted(there & set(files)), k=dice.choice([1, 1, 1, 2, 4]))
    with committing(copy, "Edit at random") as index:
        return ", ".join([_edit(copy, path, dice, index) for path in paths])


def _edit(copy: Path, path: str, dice: random.Random, index: dict[str, str]) -> str:
    way = dice.choice(["edit"] * 8 + ["remove", "rename", "copy"])
    text = git(copy, "cat-file", "blob", f"{BRANCH}:{path}")
    if way in {"remove", "rename"}:
        git(copy, "update-index", "--index-info", given=f"0 {NO_BLOB}\t{path}\n", **index)
    if way != "remove":
        other = f"{path.rpartition('.')[0]}-{dice.randrange(1_000)}.{path.rpartition('.')[2]}"
        written = _edited(text, dice) if way == "edit" else text
        put_file(copy, path if way == "edit" else other, f"{written}\n", index)
    return f"{way} {path}"


def _edited(text: str, dice: random.Random) -> str:
    lines = text.split("\n")
    for _ in range(dice.choice([1, 1, 3])):
        at = dice.randrange(len(lines))
        match dice.randrange(6):
            case 0 if len(lines) > 1:
                del lines[at]
            case 1:
                lines.insert(at, dice.choice(lines))
            case 2:
                lines.insert(
                    at, f"export function added{dice.randrange(99)}(a: number) {{ return a; }}"
                )
            case 3:
                lines[at] = lines[at].replace("export ", "", 1)
            case 4:
                lines[at] = _WORD.sub(lambda one: one[0] + dice.choice(["", "", "X"]), lines[at])
            case _:
                opening = [number for number, line in enumerate(lines) if _OPENING.search(line)]
                if opening:
                    lines.insert(dice.choice(opening) + 1, dice.choice(_INSIDE))
    return "\n".join(lines)
