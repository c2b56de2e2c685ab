"""What can go wrong between here and Postgres, in the product's own words.

    DatabaseError
    ├── DatabaseUnavailable      no answer, no connection, no room; also a ServiceUnavailable
    │   └── DatabaseTimeout      it answered, but not in time
    ├── DatabaseRefusedLogin     wrong password, unknown login or database
    ├── TransactionConflict      deadlock or serialization failure: the transaction may be repeated
    └── ConstraintViolated       an invariant of the schema said no

Texts are fixed: neither the driver's message (it quotes values) nor the URL is ever repeated.
"""

from __future__ import annotations

from typing import ClassVar

from indexer.errors import ConfigurationError, KotaError, ServiceUnavailable


class DatabaseError(KotaError):
    """A statement failed. `sqlstate` is Postgres's five-letter code, or None where it sent none.

    `is_outage`: the next statement would fare no better, whatever it is about.
    """

    code = "database_error"
    is_outage: ClassVar[bool] = False

    def __init__(self, message: str, *, sqlstate: str | None = None) -> None:
        super().__init__(message)
        self.sqlstate = sqlstate


class DatabaseUnavailable(DatabaseError, ServiceUnavailable):
    """The database cannot be reached, or cannot serve now."""

    code = "database_unavailable"
    is_outage = True


class DatabaseTimeout(DatabaseUnavailable):
    """A statement or a lock took longer than allowed; nothing of it was kept."""

    code = "database_timeout"
    is_outage = False


class DatabaseRefusedLogin(DatabaseError, ConfigurationError):
    """The database answered and refused the login."""

    code = "database_login_refused"


class TransactionConflict(DatabaseError):
    """Another transaction got in the way; repeating this one may succeed."""

    code = "transaction_conflict"


class ConstraintViolated(DatabaseError):
    """A constraint of the schema refused the rows. `constraint` is its name."""

    code = "constraint_violated"

    def __init__(self, *, constraint: str | None, sqlstate: str) -> None:
        super().__init__(
            f"the schema refused the change ({constraint or sqlstate})", sqlstate=sqlstate
        )
        self.constraint = constraint


_BY_CODE: dict[str, tuple[type[DatabaseError], str]] = {
    **dict.fromkeys(
        ("28000", "28P01", "3D000"),
        (
            DatabaseRefusedLogin,
            "the database refused the login: check user, password and database of DATABASE_URL",
        ),
    ),
    **dict.fromkeys(
        ("57014", "55P03", "25P03", "25P04"),
        (DatabaseTimeout, "the database did not answer in time"),
    ),
    **dict.fromkeys(
        ("40001", "40P01"),
        (TransactionConflict, "the transaction met another one and was undone"),
    ),
    "25006": (DatabaseUnavailable, "the database takes no writes now"),
}
_UNAVAILABLE_CLASSES = ("08", "53", "57", "58")
_INTEGRITY_CLASS = "23"


def failure_for(sqlstate: str | None, constraint: str | None = None) -> DatabaseError:
    """The error for a code of Postgres's (its documentation's appendix A); None: no code came."""
    if sqlstate is None:
        return DatabaseUnavailable("the database cannot be reached")
    if sqlstate in _BY_CODE:
        kind, text = _BY_CODE[sqlstate]
        return kind(text, sqlstate=sqlstate)
    if sqlstate.startswith(_UNAVAILABLE_CLASSES):
        return DatabaseUnavailable("the database cannot serve now", sqlstate=sqlstate)
    if sqlstate.startswith(_INTEGRITY_CLASS):
        return ConstraintViolated(constraint=constraint, sqlstate=sqlstate)
    return DatabaseError(f"the database refused the statement ({sqlstate})", sqlstate=sqlstate)
