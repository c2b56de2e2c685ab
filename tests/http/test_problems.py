import pytest

from indexer.database.failures import (
    ConstraintViolated,
    DatabaseError,
    DatabaseRefusedLogin,
    DatabaseTimeout,
    DatabaseUnavailable,
    TransactionConflict,
)
from indexer.errors import Refused
from indexer.http.problems import problem_of
from indexer.settings import SettingUnusable

SECRET = "hunter2"


class Teapot(Refused):
    code = "teapot"
    status = 418

    def __init__(self) -> None:
        super().__init__("It is short and stout.")
        self.headers = {"X-Handle": "yes"}


def test_a_refusal_speaks_for_itself():
    problem = problem_of(Teapot())
    assert (problem.status, problem.code, problem.headers) == (418, "teapot", {"X-Handle": "yes"})
    assert problem.body("r-1") == {
        "error": "It is short and stout.",
        "code": "teapot",
        "request_id": "r-1",
    }


@pytest.mark.proves("J23")
@pytest.mark.parametrize(
    "error",
    [DatabaseUnavailable("gone"), DatabaseTimeout("slow"), TransactionConflict("met another")],
)
def test_what_may_pass_by_itself_is_a_503_that_says_when_to_try_again(error):
    problem = problem_of(error)
    assert (problem.status, problem.code) == (503, error.code)
    assert int(problem.headers["Retry-After"]) >= 1


@pytest.mark.parametrize(
    "error",
    [
        ValueError(SECRET),
        KeyError(SECRET),
        DatabaseError(SECRET),
        ConstraintViolated(constraint=SECRET, sqlstate="23505"),
        SettingUnusable(variable=SECRET, wanted=SECRET),
        DatabaseRefusedLogin(SECRET),
    ],
)
def test_what_is_our_fault_is_told_without_its_text(error):
    problem = problem_of(error)
    assert problem.status == 500
    assert SECRET not in str(problem)
