"""Commands of a page, carried out as a person would: pasted into one shell, block after block."""

import json
import os
import re
import select
import subprocess
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

ANSWER, BLOCK = "---- answer", "---- block"
# NAME=…  # key of that answer
TO_PUT_IN = re.compile(r"^([A-Z]+)=… +# (\w+).*$", re.MULTILINE)
SECONDS = 60

Known = Callable[[str, Any], Any]


class Shell:
    """A bash that stays. `asks` are the commands that print one answer in JSON."""

    def __init__(self, folder: Path, asks: tuple[str, ...]) -> None:
        self._asks = re.compile(rf"^({'|'.join(asks)}) .*$", re.MULTILINE)
        self._process = subprocess.Popen(
            ["bash", "-eu"],
            cwd=folder,
            env={"PATH": os.environ["PATH"], "HOME": str(folder)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def run(self, block: str) -> list[Any]:
        """What each question of the block was answered; one without an answer counts as {}."""
        asked = self._asks.sub(rf"\g<0>; echo; echo '{ANSWER}'", block)
        self._process.stdin.write(f"{asked}\necho '{BLOCK}'\n".encode())
        self._process.stdin.flush()
        *answers, _ = self._said().split(ANSWER)
        return [json.loads(one.strip() or "{}") for one in answers]

    def close(self) -> None:
        self._process.kill()
        self._process.communicate()

    def _said(self) -> str:
        said, ends, out = b"", time.monotonic() + SECONDS, self._process.stdout
        while BLOCK.encode() not in said:
            ready, _, _ = select.select([out], [], [], max(ends - time.monotonic(), 0))
            piece = os.read(out.fileno(), 65_536) if ready else b""
            if not piece:
                self._process.kill()
                raise AssertionError(f"{said.decode()}\n{self._process.stderr.read().decode()}")
            said += piece
        return said.decode().partition(BLOCK)[0]


def carried_out(
    script: str, *, folder: Path, known: Known, asks: tuple[str, ...] = ("ask",)
) -> list[Any]:
    """The answers to a script. What a person copies from an answer into the next command is put in.

    `known` hears of each such variable and its value; what it returns, if anything, is taken
    instead.
    """
    first, *rest = TO_PUT_IN.split(script)
    with closing(Shell(folder, asks)) as shell:
        answers = shell.run(first)
        for variable, key, block in zip(rest[::3], rest[1::3], rest[2::3], strict=True):
            value = found(answers[-1], key)
            value = known(variable, value) or value
            assert value, f"{variable}: the answer has no {key}: {answers[-1]}"
            answers += shell.run(f"{variable}={value}\n{block}")
    return answers


def found(answer: Any, name: str) -> Any:
    """The first value of that name, from the outside in."""
    for key, value in answer.items() if isinstance(answer, dict) else enumerate(answer):
        if key == name:
            return value
        if isinstance(value, (dict, list)) and (inner := found(value, name)):
            return inner
    return None
