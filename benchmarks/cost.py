"""What the stack costs, by the prices, sizes and assumptions that docs/cost.md has.

    python benchmarks/cost.py

Who has other prices or another size writes them into the tables of that page and runs this; with
`python -m pytest tests/contract --update-docs` the page's own results follow.
"""

from __future__ import annotations

import argparse

from scaling import cost


def main() -> None:
    argparse.ArgumentParser(description=__doc__.partition("\n")[0]).parse_args()
    print(f"A thousand jobs\n\n{cost.table_of_thousand_jobs()}")
    print(f"A month\n\n{cost.table_of_months()}")
    print(f"Other choices, a month\n\n{cost.table_of_choices()}", end="")


if __name__ == "__main__":
    main()
