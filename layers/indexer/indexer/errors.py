"""The roots of the error tree. Each concrete error stands beside the code that raises it.

    KotaError
    ├── ConfigurationError        the process cannot start as it is configured
    ├── ServiceUnavailable        a dependency is away; the caller may try again
    ├── Refused                   the request cannot be served, and why is the caller's business
    ├── LeaseLost                 another worker owns the job now; stop and touch nothing
    └── JobError                  one run of a job failed
        ├── TransientJobError     trying again may help
        ├── JobSnoozed            it is too early; the run does not count
        └── PermanentJobError     trying again cannot help

Every error has a stable `code`. Its text is for people and is stored and returned as it stands, so
it never holds a secret, a path of the machine, a response body or a stack trace.
"""

from __future__ import annotations

from typing import ClassVar


class KotaError(Exception):
    """Root of everything this product raises on purpose."""

    code: ClassVar[str] = "internal_error"


class ConfigurationError(KotaError):
    """A setting is missing or cannot be used; the text names it and shows a good example."""

    code = "configuration_error"


class ServiceUnavailable(KotaError):
    """Something this request needs is away. `retry_after` is the pause to suggest, in seconds."""

    code = "service_unavailable"
    retry_after: ClassVar[int] = 5


class Refused(KotaError):
    """The request is at fault. `status` is the HTTP status that says so."""

    code = "refused"
    status: ClassVar[int] = 400


class LeaseLost(KotaError):
    """A fenced write changed no row: the lease ran out, or the job was cancelled or deleted."""

    code = "lease_lost"


class JobError(KotaError):
    """A run of a job ended without an index."""

    transient: ClassVar[bool]


class TransientJobError(JobError):
    """The cause may pass by itself: the job is tried again until its attempts are used up."""

    code = "transient_failure"
    transient = True


class PermanentJobError(JobError):
    """The cause stays: the job goes to the dead letters at once."""

    code = "permanent_failure"
    transient = False


class JobSnoozed(JobError):
    """Nothing is wrong, but it is too early: the job waits, and its attempt is not used up.

    What never gets better ends when the time that a job has is over.
    """

    code = "job_snoozed"
    transient = True

    def __init__(self, message: str, *, seconds: float) -> None:
        super().__init__(message)
        self.seconds = seconds
