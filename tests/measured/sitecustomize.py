"""Has each Python process that finds this in its path measure what of the deployed code it runs.

Python imports a module of this name when it starts. `make coverage` puts this folder into the path,
which the processes of a service pass on to their own, though they pass on nothing else.
"""

import os
from pathlib import Path

import coverage

PROJECT = Path(__file__).resolve().parents[2]

os.environ["COVERAGE_PROCESS_START"] = str(PROJECT / "pyproject.toml")
os.environ["COVERAGE_FILE"] = str(PROJECT / ".coverage" / "data")
coverage.process_startup()
# Children find this file by themselves, and tests look at what else they are given.
del os.environ["COVERAGE_PROCESS_START"], os.environ["COVERAGE_FILE"]
