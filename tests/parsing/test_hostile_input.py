import codecs
import resource
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.parsing.facts import FileFacts, Target, TypeFacts
from indexer.parsing.languages import EXTENSIONS
from indexer.parsing.parser import NotAnIndexedLanguage, parse_file
from indexer.parsing.source import NAME_LIMIT, FileNotParsed, NotText, NotUtf16
from indexer.parsing.wording import DOCUMENTATION_LIMIT, SIGNATURE_LIMIT

CASES = sorted(path for path in (Path(__file__).parent / "cases").iterdir())
DEPTH = 100_000


def texts_in(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple | list):
        for one in value:
            yield from texts_in(one)


def check_storable(facts: FileFacts) -> None:
    """What a database with UTF-8 text and bounded index keys takes."""
    for text in texts_in(facts):
        assert "\0" not in text
        text.encode("utf-8")
    for symbol in facts.symbols:
        assert len(symbol.name) <= NAME_LIMIT
        assert len(symbol.signature or "") <= SIGNATURE_LIMIT
        assert len(symbol.documentation or "") <= DOCUMENTATION_LIMIT
        assert -1 <= symbol.container < len(facts.symbols)
        assert (symbol.start_line, symbol.start_column) <= (symbol.line, symbol.column)
        assert (symbol.line, symbol.column) <= (symbol.end_line, symbol.end_column)
        assert 1 <= symbol.end_line <= facts.line_count
    for reference in facts.references:
        assert len(reference.name) <= NAME_LIMIT
        assert 1 <= reference.line <= facts.line_count
        assert -1 <= reference.enclosing < len(facts.symbols)
        check_destination(facts, reference.target, reference.a)
    for export in facts.exports:
        check_destination(facts, export.target, export.a)
    for one in facts.imports:
        assert 0 <= one.request < len(facts.requests)


def check_destination(facts: FileFacts, target: int, a: int) -> None:
    lists = {
        Target.SYMBOL: facts.symbols,
        Target.INSTANCE_MEMBER: facts.symbols,
        Target.IMPORT: facts.imports,
        Target.IMPORT_MEMBER: facts.imports,
        Target.MODULE: facts.requests,
    }
    if target in lists:
        assert 0 <= a < len(lists[target])


def values_in(value):
    if isinstance(value, tuple | list):
        for one in value:
            yield from values_in(one)
    else:
        yield value


@pytest.mark.proves("W14")
def test_a_file_of_another_language_is_refused_with_its_reason():
    with pytest.raises(NotAnIndexedLanguage) as refused:
        parse_file(b"{}", "package.json")
    assert refused.value.reason == "not_a_parsed_language"


@pytest.mark.proves("W14")
def test_binary_bytes_are_refused_with_their_reason():
    with pytest.raises(NotText) as refused:
        parse_file(bytes(range(256)) * 4, "a.ts")
    assert refused.value.reason == "not_text"
    assert issubclass(NotText, FileNotParsed)


def test_a_nul_in_a_string_does_not_lose_the_file():
    facts = parse_file(b"export const separator = 'a\0b', after = separator;" + b" " * 40, "a.ts")
    assert [symbol.name for symbol in facts.symbols] == ["separator", "after"]
    check_storable(facts)


def test_broken_utf8_in_a_comment_does_not_lose_the_file():
    facts = parse_file(b"/** caf\xe9 */\nexport const a = 1; // \xed\xa0\x80" + b" " * 80, "a.ts")
    assert facts.symbols[0].documentation == "caf\ufffd"
    check_storable(facts)


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    ],
)
def test_utf16_is_read_and_columns_are_those_of_the_text(mark, encoding):
    facts = parse_file(mark + "const é = '😀', b = é;".encode(encoding), "a.ts")
    assert [(symbol.name, symbol.column) for symbol in facts.symbols] == [("é", 6), ("b", 16)]


def test_utf16_with_a_lone_surrogate_is_refused():
    with pytest.raises(NotUtf16):
        parse_file(codecs.BOM_UTF16_LE + b"\x00\xd8a\x00", "a.ts")


def test_a_byte_order_mark_moves_no_column():
    assert parse_file(codecs.BOM_UTF8 + b"let a;", "a.ts").symbols[0].column == 4


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r", "\u2028"])
def test_every_line_end_of_the_language_counts(line_end):
    facts = parse_file(line_end.join(["// é", "let a;", "a;"]).encode(), "a.ts")
    assert (facts.symbols[0].line, facts.symbols[0].column) == (2, 4)
    assert (facts.references[0].line, facts.line_count) == (3, 3)


def test_an_empty_file_says_nothing():
    assert parse_file(b"", "a.ts") == FileFacts([], [], [], [], [], 1, 0, TypeFacts([], [], [], []))


def test_a_huge_identifier_is_cut_everywhere():
    name = b"x" * 30_000
    facts = parse_file(b"export const " + name + b" = 1;\n" + name + b";", "a.ts")
    assert len(facts.symbols[0].name) == len(facts.references[0].name) == NAME_LIMIT
    check_storable(facts)


def test_a_huge_signature_and_comment_are_cut():
    wide = b",".join(b"a%d: string" % number for number in range(2_000))
    comment = b"/** " + b"word " * 10_000 + b"*/\n"
    facts = parse_file(comment + b"function f(" + wide + b") {}", "a.ts")
    assert len(facts.symbols[0].signature) == SIGNATURE_LIMIT
    assert len(facts.symbols[0].documentation) == DOCUMENTATION_LIMIT


NESTED = {
    "arrays": ("a.js", b"x = ", b"[", b"]"),
    "arrow functions": ("a.ts", b"x = ", b"() => ", b""),
    "binary": ("a.js", b"x = 1", b"+ a", b""),
    "blocks": ("a.js", b"", b"{", b"}"),
    "calls": ("a.js", b"x", b".a()", b""),
    "classes": ("a.ts", b"x = ", b"class { a = ", b"}"),
    "conditional types": ("a.ts", b"type X = ", b"A extends B ? ", b""),
    "functions": ("a.js", b"", b"function f() {", b"}"),
    "generics": ("a.ts", b"let x: ", b"A<", b">"),
    "jsx": ("a.tsx", b"x = ", b"<a>", b"</a>"),
    "members": ("a.js", b"x", b".a", b""),
    "namespaces": ("a.ts", b"", b"namespace a {", b"}"),
    "objects": ("a.js", b"export const x = ", b"{ a: ", b"}"),
    "parentheses": ("a.js", b"export const x = ", b"(", b")"),
    "patterns": ("a.js", b"const ", b"[", b"]"),
    "type literals": ("a.ts", b"type X = ", b"{ a: ", b"}"),
}


@pytest.mark.proves("W14")
@pytest.mark.parametrize("shape", sorted(NESTED))
def test_nesting_of_any_depth_is_walked_without_recursion(shape):
    path, before, opening, closing = NESTED[shape]
    depth = DEPTH // len(opening)
    facts = parse_file(before + opening * depth + b"1" + closing * depth, path)
    check_storable(facts)


# A list of 30,000 takes minutes where each of them finds its place by counting from the first.
WIDE = {
    "arguments": (b"f(", b"(a) => a.b, ", b")"),
    "array pattern": (b"export const [", b"a, ", b"] = f()"),
    "array": (b"export const a = [", b"f().a, ", b"]"),
    "object": (b"export const a = {", b"a: f().a, ", b"}"),
    "object pattern": (b"export const {", b"a, ", b"} = f()"),
    "parameters": (b"export function f(", b"a, ", b") { return a.b }"),
}


@pytest.mark.parametrize("shape", sorted(WIDE))
def test_lists_of_any_length_are_walked_once(shape):
    before, element, after = WIDE[shape]
    check_storable(parse_file(before + element * 30_000 + after, "a.ts"))


# Of each of these there are so many that looking through all of them once for each takes minutes.
IN_COMMENTS = {
    "members of a union": "/** @template T @param {" + "A|" * 60_000 + "A} a */\nfunction f(a) {}",
    "braces that nothing closes": "/** " + "@param {{{{{{ a " * 20_000 + "*/\nfunction f(a) {}",
    "brackets that nothing closes": "/** " + "@template [A=[[[ " * 20_000 + "*/\nfunction f() {}",
    "parameters": "/** "
    + " ".join(f"@param {{A}} p{at}" for at in range(5_000))
    + f" */\nfunction f({', '.join(f'p{at}' for at in range(5_000))}) {{ return p9.a; }}",
    "conditions": "/** @type {"
    + "".join(f"A extends infer I{at} ? " for at in range(5_000))
    + "I0"
    + " : never" * 5_000
    + "} */\nvar a; a.b;",
}


@pytest.mark.parametrize("kind", sorted(IN_COMMENTS))
def test_comments_with_types_are_looked_through_once(kind):
    check_storable(parse_file(IN_COMMENTS[kind].encode(), "a.js"))


def test_members_that_are_assigned_within_functions_are_found_by_their_scopes():
    assigned = "".join(f"F.prototype.m{at} = function () {{}};" for at in range(4_000))
    facts = parse_file(
        f"{'(function () {' * 400} function F() {{}} {assigned} {'})();' * 400}".encode(), "a.js"
    )
    check_storable(facts)
    assert len([one for one in facts.symbols if one.container == 0]) == 4_000


def test_only_opening_parentheses_end_soon():
    started = time.process_time()
    facts = parse_file(b"(" * 200_000, "a.ts")
    assert facts.syntax_errors
    assert time.process_time() - started < 10


def test_a_long_chain_costs_no_more_than_its_length():
    def cpu_of(length):
        source = b"import * as a from 'a';\nexport const x = a" + b".b" * length
        started = resource.getrusage(resource.RUSAGE_SELF).ru_utime
        facts = parse_file(source, "a.ts")
        assert len(facts.references) == length + 1
        return resource.getrusage(resource.RUSAGE_SELF).ru_utime - started

    assert cpu_of(40_000) < 1 + 30 * cpu_of(4_000)


@pytest.mark.parametrize("around", range(4))
@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("(...of: [", "]) => void"),
        ("new (...of: [", "]) => void"),
        ("[a?: ", "]"),
        ("{ ['a']: ", "}"),
    ],
)
def test_types_as_deep_as_they_are_read_are_read_to_whatever_part(before, after, around):
    """What is too deep may be any part of the innermost one that is read."""
    nested = f"{before * 70}string{after * 70}"
    text = f"export type A = {'Array<' * around}{nested}{'>' * around};\n"
    check_storable(parse_file(text.encode(), "a.ts"))


def test_a_declared_name_is_never_an_enum_object():
    source = (Path(__file__).parent / "cases" / "class_members.ts").read_bytes()
    kinds = {type(value) for value in values_in(parse_file(source, "a.ts"))}
    assert kinds <= {int, str, bool, type(None)}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_same_bytes_give_the_same_facts(case):
    source = case.read_bytes()
    facts = parse_file(source, case.name)
    assert facts == parse_file(source, case.name)
    check_storable(facts)
    for rows in (facts.symbols, facts.references, facts.requests, facts.imports, facts.exports):
        places = [(row.line, row.column) for row in rows]
        assert places == sorted(places)


FUZZ = settings(max_examples=60, deadline=5_000, derandomize=True)


@FUZZ
@given(st.binary(max_size=2_000), st.sampled_from(EXTENSIONS))
def test_any_bytes_are_parsed_or_refused(source, extension):
    try:
        facts = parse_file(source, "a" + extension)
    except FileNotParsed:
        return
    check_storable(facts)


@FUZZ
@given(st.sampled_from(CASES), st.data())
def test_damaged_code_is_parsed(case, data):
    source = bytearray(case.read_bytes())
    for _ in range(data.draw(st.integers(1, 8))):
        at = data.draw(st.integers(0, len(source) - 1))
        match data.draw(st.integers(0, 2)):
            case 0:
                del source[at : at + data.draw(st.integers(1, 30))]
            case 1:
                source[at:at] = data.draw(st.sampled_from([b"(", b"{", b"<", b"`", b"\0", b"=>"]))
            case _:
                source[at:at] = source[: data.draw(st.integers(1, 60))]
    check_storable(parse_file(bytes(source), case.name))


def test_a_lineage_without_end_is_followed_only_so_far():
    link = "class C{0} extends C{1} {{ m() {{ this.gone; }} }}\n"
    chain = "".join(link.format(n, n + 1) for n in range(3000))
    circle = "class A extends B.x { m() { this.q; } }\nclass B extends A.y { m() { super.q; } }\n"
    for source in (chain, circle):
        facts = parse_file(source.encode(), "lineage.ts")
        gone = [one for one in facts.references if one.name in {"gone", "q"}]
        assert gone
        assert {one.target for one in gone} == {Target.UNKNOWN_RECEIVER}
