"""A strict reader of tags files by tags(5); it shares nothing with what writes them."""

import re
from pathlib import Path
from typing import NamedTuple

_ESCAPE = re.compile(r"\\(x[0-9a-f]{2}|.)", re.DOTALL)
_PLAIN = {"t": "\t", "n": "\n", "r": "\r", "\\": "\\"}


class Tag(NamedTuple):
    """One line of a tags file, unescaped."""

    name: str
    path: str
    line: int
    fields: dict[str, str]


def _unescaped(written: str) -> str:
    def plain(found: re.Match[str]) -> str:
        what = found.group(1)
        return chr(int(what[1:], 16)) if len(what) == 3 else _PLAIN[what]

    return _ESCAPE.sub(plain, written)


def read(path: Path) -> tuple[dict[str, str], list[Tag]]:
    """The header by name, and the tags in their order; every rule of the format is checked."""
    raw = path.read_bytes()
    assert raw.endswith(b"\n")
    lines = raw.split(b"\n")[:-1]
    names = [line.split(b"\t")[0] for line in lines]
    assert names == sorted(names)
    header: dict[str, str] = {}
    tags: list[Tag] = []
    for line in raw.decode("utf-8").split("\n")[:-1]:
        assert re.search(r"[\x00-\x08\x0a-\x1f\x7f]", line) is None
        name, file, address, *rest = line.split("\t")
        if name.startswith("!_TAG_"):
            assert not tags
            assert not rest
            assert re.fullmatch("/[^/]*/", address)
            header[name] = file
            continue
        assert re.fullmatch(r'[0-9]+;"', address)
        fields = {}
        for one in rest:
            key, colon, value = one.partition(":")
            assert colon
            assert re.fullmatch("[a-z]+", key)
            assert key not in fields
            fields[key] = _unescaped(value)
        assert fields["line"] == address[:-2]
        tags.append(Tag(_unescaped(name), file, int(address[:-2]), fields))
    assert header["!_TAG_FILE_FORMAT"] == "2"
    assert header["!_TAG_FILE_SORTED"] == "1"
    return header, tags
