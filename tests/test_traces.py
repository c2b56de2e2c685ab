import json

import pytest

from indexer.database.failures import failure_for
from indexer.errors import KotaError
from indexer.traces import trace_of

SECRET = "kota_team_secret"


def caught(error, *, after=None, hidden=False):
    """The error, raised: while another was handled, or from None."""
    with pytest.raises(type(error)):
        raise error
    error.__context__, error.__suppress_context__ = after, hidden
    return error


def test_a_trace_shows_where_it_was_raised_and_of_what_class():
    told = trace_of(caught(ValueError(SECRET))).splitlines()
    assert told[0] == "Traceback (most recent call last):"
    assert "in caught" in told[1]
    assert told[-1] == "ValueError"


@pytest.mark.parametrize(
    "error",
    [
        KeyError(SECRET),
        OSError(2, "No such file", SECRET),
        UnicodeDecodeError("utf-8", SECRET.encode(), 0, 1, SECRET),
        json.JSONDecodeError(SECRET, SECRET, 0),
        RuntimeError(SECRET),
    ],
)
def test_foreign_words_are_left_out_wherever_they_stand_in_the_chain(error):
    assert SECRET not in trace_of(caught(error))
    assert SECRET not in trace_of(caught(failure_for("23514", "planted"), after=error))


@pytest.mark.parametrize("error", [KotaError("a lease"), TypeError("takes no argument")])
def test_words_of_ours_and_of_the_code_are_told(error):
    assert trace_of(caught(error)).endswith(f": {error}")


def test_the_cause_stands_first_and_one_that_is_hidden_not_at_all():
    told = trace_of(caught(KotaError("after"), after=ZeroDivisionError()))
    assert told.index("ZeroDivisionError") < told.index("indexer.errors.KotaError: after")
    hidden = trace_of(caught(KotaError("after"), after=ZeroDivisionError(), hidden=True))
    assert "ZeroDivisionError" not in hidden


def test_a_chain_that_leads_back_to_itself_ends():
    first, second = ValueError(), KotaError("second")
    first.__cause__, second.__cause__ = second, first
    assert trace_of(first).count("KotaError") == 1
