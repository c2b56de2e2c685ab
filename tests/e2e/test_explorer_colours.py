"""How lines of code are coloured: a table, and what hostile lines cost."""

from importlib import resources

import pytest

import api_function.page

READ = """
([lines, path]) => {
  let state = LINE_ONE;
  return lines.map((line) => {
    const read = lexLine(line, state, dialectOf(path));
    state = read.state;
    return read.tokens.map(({ start, end, kind }) => `${kind} ${line.slice(start, end)}`);
  });
}
"""
# Characters looked at, counted where all of them are read.
COUNT = """
([line, path]) => {
  let looked = 0;
  const counted = new Proxy(new String(line), {
    get(target, name) {
      if (typeof name === "string" && /^[0-9]+$/.test(name)) looked += 1;
      const value = target[name];
      return typeof value === "function" ? value.bind(line) : value;
    },
  });
  lexLine(counted, LINE_ONE, dialectOf(path));
  return looked;
}
"""


@pytest.fixture(scope="module")
def lexer(browser):
    page = browser.new_page()
    files = resources.files(api_function.page)
    source = "\n".join(files.joinpath(name).read_text() for name in ("dialects.js", "lexer.js"))

    def run(function, *arguments):
        return page.evaluate(f"(given) => {{ {source}\nreturn ({function})(given); }}", arguments)

    yield run
    page.close()


@pytest.mark.parametrize(
    ("path", "lines", "wanted"),
    [
        ("a.ts", ["// a 'b'"], [["comment // a 'b'"]]),
        (
            "a.ts",
            ["/* a", "`b", "c */ d()"],
            [["comment /* a"], ["comment `b"], ["comment c */", "call d"]],
        ),
        ("a.ts", ["'a\\'b' \"//\""], [["string 'a\\'b'", 'string "//"']]),
        ("a.ts", ["'open", "if"], [["string 'open"], ["keyword if"]]),
        (
            "a.ts",
            ["`a${ {b: `c${1}`} }d`"],
            [["string `a", "string `c", "number 1", "string `", "string d`"]],
        ),
        ("a.ts", ["`a", "${b", "} c`"], [["string `a"], [], ["string  c`"]]),
        ("a.ts", ["x = /[/']\\//g;"], [["regexp /[/']\\//g"]]),
        ("a.ts", ["a / b / c; (1) / 2"], [["number 1", "number 2"]]),
        ("a.ts", ["return /a/"], [["keyword return", "regexp /a/"]]),
        ("a.ts", ["0xFF_n 1_000.5e-3 .5"], [["number 0xFF_n", "number 1_000.5e-3", "number .5"]]),
        ("a.ts", ["a.if of.b"], [["property if", "property b"]]),
        (
            "a.ts",
            ["type = 1; type A = string"],
            [
                ["number 1", "keyword type", "type A", "type string"],
            ],
        ),
        ("a.ts", ["a < b > (c)"], [[]]),
        ("a.tsx", ["<T,>(a: T) => a"], [["type T", "type T"]]),
        (
            "a.tsx",
            ["return <a b='c' {...d}>it's {e('f')} `", "</a>; 'g'"],
            [
                ["keyword return", "tag a", "property b", "string 'c'", "call e", "string 'f'"],
                ["tag a", "string 'g'"],
            ],
        ),
        ("a.tsx", ["(<></>) / 2 / <A.b />"], [["number 2", "tag A.b"]]),
        ("a.js", ["#!/usr/bin/node 'a"], [["comment #!/usr/bin/node 'a"]]),
        (
            "a.json",
            ['{"a": ["b", 1, true]}'],
            [
                ['property "a"', 'string "b"', "number 1", "value true"],
            ],
        ),
        ("a.md", ["if 'a'"], [[]]),
        ("a.ts", ["\U0001d49c\u00e4 = \ud83d 'a'"], [["type \U0001d49c\u00e4", "string 'a'"]]),
    ],
)
def test_each_piece_has_its_colour(lexer, path, lines, wanted):
    assert lexer(READ, lines, path) == wanted


@pytest.mark.parametrize("path", ["a.ts", "a.tsx", "a.json"])
@pytest.mark.parametrize(
    "piece",
    ["/", "(/", "/[", "`${", "{", "}", "<a", "<a>", "'\\", "/*", "0", "a ", "<", "(<a ", "$"],
)
def test_a_hostile_line_is_read_once(lexer, path, piece):
    few, many = (lexer(COUNT, piece * count, path) for count in (500, 5_000))
    # Ten times the line, ten times the work, and not a hundred times.
    assert many <= 12 * max(few, 500)
