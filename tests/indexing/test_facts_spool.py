import sys
import zlib
from contextlib import closing
from pathlib import Path

import pytest

from indexer.git.failures import DiskFull
from indexer.indexing.facts_spool import MOST_BYTES, FactsSpool, packed_facts, unpacked_facts
from indexer.parsing.parser import parse_file
from indexer.sandbox.wire import MessageRefused

SOURCES = [
    b"",
    b'import { b as c } from "./b";\nexport * from "./c";\nexport const a = c.d.e(1);\n',
    "/** \U0001d49c\u2028 \\N */\nclass \u00c4 extends B { get c() { return 1; } }\n".encode(),
    b"const o = { 'k\\u0000': 1, nested: { deep: x => x.y?.z } };\nmodule.exports = o;\n",
]


@pytest.fixture
def facts():
    return [parse_file(source, f"src/{number}.js") for number, source in enumerate(SOURCES)]


@pytest.mark.proves("W21")
@pytest.mark.parametrize("most_held", [0, 8, 10_000])
def test_facts_come_back_as_they_went_in_in_any_order(tmp_path, facts, most_held):
    with closing(FactsSpool(tmp_path / "facts", most_held=most_held)) as spool:
        numbers = [spool.append(packed_facts(one), one) for one in facts]
        assert numbers == list(range(len(facts)))
        for number in [*reversed(numbers), *numbers]:
            assert spool[number] == facts[number]


@pytest.mark.proves("W21")
def test_what_is_beyond_the_limit_lies_on_the_disk_alone(tmp_path, facts):
    path = tmp_path / "facts"
    with closing(FactsSpool(path, most_held=10_000)) as spool:
        for one in facts:
            spool.append(packed_facts(one), one)
        assert set(spool._held) == set(range(len(facts)))
    with closing(FactsSpool(path, most_held=0)) as spool:
        for one in facts:
            spool.append(packed_facts(one), one)
        assert path.stat().st_size > 100
        assert set(spool._held) == {0}  # a file without facts takes no room


@pytest.mark.skipif(sys.platform != "linux", reason="no full disk is at hand")
def test_a_full_disk_is_a_passing_failure(facts):
    with closing(FactsSpool(Path("/dev/full"), most_held=0)) as spool:
        with pytest.raises(DiskFull) as failed:
            spool.append(packed_facts(facts[1]), facts[1])
        assert failed.value.transient


@pytest.mark.parametrize(
    "piece",
    [
        b"",
        b"no facts",
        zlib.compress(b"no facts"),
        zlib.compress(b'["FileFacts",[1]]'),
        zlib.compress(b'["FileFacts",[[],[],[],[],[],0,"0"]]'),
        zlib.compress(b" " * (MOST_BYTES + 1)),
    ],
)
def test_what_are_no_facts_is_refused_and_nothing_else_happens(piece):
    with pytest.raises(MessageRefused):
        unpacked_facts(piece)


def test_facts_that_were_cut_short_are_refused(facts):
    with pytest.raises(MessageRefused):
        unpacked_facts(packed_facts(facts[1])[:-1])
