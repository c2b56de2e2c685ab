"""The command line where a name leads from one repository into another one."""

from tests.support.repositories import Repository

MONEY = {
    "package.json": b'{"name": "@ada/money", "exports": "./dist/index.js"}',
    "src/index.ts": b'export * from "./total";\nexport * as rates from "./rates";\n',
    "src/rates.ts": b"export const euro = 2;\n",
    "src/total.ts": b"/** Adds up. */\nexport function total(coins: number[]) { return 0; }\n",
}
SHOP = {
    "src/till.ts": (
        b'import { rates, total } from "@ada/money";\n'
        b"export const paid = total([1]);\n"
        b"export const worth = rates;\n"
    ),
}


def test_what_another_repository_has_is_told_with_its_name(person, tmp_path):
    for name, files in (("money", MONEY), ("shop", SHOP)):
        Repository.create(tmp_path / name).commit_files(files)
    person.up()
    for name in ("money", "shop"):
        person.answer("index", tmp_path / name)
    place = ("src/till.ts:2:21", "-r", "local/shop")
    assert person.answer("definition", *place).splitlines() == [
        "total  function  local/money: src/total.ts:2:17",
        *("    function total(coins: number[])", "    Adds up."),
    ]
    assert person.answer("hover", *place).splitlines()[:3] == [
        "total  function  local/money: src/total.ts:2:17",
        *("    function total(coins: number[])", "    Adds up."),
    ]
    module = ("src/till.ts:3:22", "-r", "local/shop")
    assert person.answer("definition", *module) == "rates  local/money: src/rates.ts:1\n"
    assert person.answer("hover", *module) == "rates  module  local/money: src/rates.ts:1\n"
    # Of a use elsewhere it is known what it means, though not in that repository.
    assert person.answer("references", "total", "-r", "local/money").splitlines() == [
        "total  function  src/total.ts:2:17",
        "local/shop: src/till.ts:1:17  import",
        "local/shop: src/till.ts:2:21  call    in paid",
    ]
    packages = person.answer("packages", "-r", "local/shop")
    assert packages == "1  @ada/money  of local/money\n"
