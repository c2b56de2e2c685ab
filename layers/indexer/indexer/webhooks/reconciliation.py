"""Finds the pushes whose deliveries were lost, by asking GitHub how its branches stand.

Every step is committed by itself and may be done again, so a run may be killed anywhere, and two
may run at once. Repositories are looked at in turn, those first that were looked at longest ago; a
look is noted before it begins, so one that ends the process keeps no other waiting.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from functools import partial
from typing import Final

from indexer.database.connection import Database, Row
from indexer.database.failures import DatabaseRefusedLogin, DatabaseUnavailable
from indexer.errors import KotaError
from indexer.git.refs import parse_ref
from indexer.git.remote import Remote
from indexer.github.access import host_of_repositories, note
from indexer.github.failures import (
    AppKeyUnusable,
    AppNotConfigured,
    AppRefused,
    GitHubRateLimited,
    GitHubUnavailable,
    InstallationGone,
    InstallationSuspended,
)
from indexer.github.rest import GitHubApi
from indexer.jobs.model import JobStatus
from indexer.jobs.statements import tell_once_committed
from indexer.observability import logger
from indexer.settings import Settings
from indexer.webhooks.inquiries import Inquiries, Inquiry, Place

# It takes the place of a worker that could run jobs.
LONGEST_SECONDS: Final = 300.0
# Of events that come every few minutes the first after this begins a run, so one in an hour does.
DUE_SECONDS: Final = 3300.0
MOST_REFS: Final = 200
# What the list of installations lacks is asked for one by one.
MOST_UNLISTED: Final = 50
# So many failures one after the other are GitHub's, and not those of one repository.
MOST_TIMES_AWAY: Final = 3

SPENT: Final = (GitHubRateLimited, InstallationSuspended, InstallationGone)
APP_UNUSABLE: Final = (AppRefused, AppKeyUnusable)


@dataclass(slots=True, kw_only=True)
class ReconciliationReport:
    """What one run did. `failures` counts by their codes; `work_left`: not all could be looked at.

    `jobs` are those that it made, of whichever tenants.
    """

    installations: int = 0
    installations_gone: int = 0
    repositories: int = 0
    refs: int = 0
    jobs: int = 0
    failures: dict[str, int] = field(default_factory=dict)
    work_left: bool = False


def is_due(database: Database) -> bool:
    """Whether no run has looked at a repository for nearly an hour.

    Raises:
        DatabaseError: the database is away.
    """
    row = database.fetch_one("reconciliation_is_due", seconds=DUE_SECONDS)
    return row is not None and bool(row["is_due"])


def reconcile(
    database: Database,
    settings: Settings,
    *,
    request_id: str,
    go_on: Callable[[], bool],
    clock: Callable[[], float] = time.monotonic,
) -> ReconciliationReport:
    """Note the App's installations, and enqueue what was pushed and never told of.

    It ends early when `go_on` says so, which is asked before each step. `request_id` is told with
    the jobs.

    Raises:
        GitHubUnavailable: GitHub is away. What was done before stays.
        DatabaseError: the database is.
        SettingUnusable: as `GitHubApi.from_settings`.
    """
    try:
        api, has_app = GitHubApi.from_settings(settings), True
    except AppNotConfigured:
        api, has_app = GitHubApi.without_app(settings), False
    ends = clock() + LONGEST_SECONDS
    run = _Run(
        database,
        settings,
        api,
        has_app=has_app,
        request_id=request_id,
        go_on=lambda: go_on() and clock() < ends,
    )
    try:
        run.everything()
    finally:
        logger.info("the reconciliation ends", **asdict(run.report))
    return run.report


class _Run:
    def __init__(
        self,
        database: Database,
        settings: Settings,
        api: GitHubApi,
        *,
        has_app: bool,
        request_id: str,
        go_on: Callable[[], bool],
    ) -> None:
        self.report = ReconciliationReport()
        self._database = database
        self._settings = settings
        self._api = api
        self._has_app = has_app
        self._request_id = request_id
        self._go_on = go_on
        self._inquiries = Inquiries(api)
        # Installations that give nothing more in this run; None: what anybody may ask.
        self._spent: set[int | None] = set()
        self._times_away = 0

    def everything(self) -> None:
        """All steps, one after the other."""
        began_at = self._began_at()
        has_app = self._has_app
        if has_app:
            self._attempt(partial(self._note_installations, began_at), None)
        for place in self._places(began_at, has_app=has_app):
            if not self._go_on() or self.report.repositories >= self._most:
                self.report.work_left = True
                return
            if self._is_spent(place):
                self.report.work_left = True
            elif self._begin(place):
                self.report.repositories += 1
                self._attempt(partial(self._look, place), place)

    @property
    def _most(self) -> int:
        return self._settings.reconcile_repositories

    def _began_at(self) -> datetime:
        row = self._database.fetch_one("reconciliation_begins")
        if row is None:
            raise AssertionError("the time is one row")
        began_at: datetime = row["began_at"]
        return began_at

    # Installations --------------------------------------------------------------------------------

    def _note_installations(self, asked_at: datetime) -> None:
        """Note all that GitHub lists, and that those are no more which it does not know."""
        listed: list[int] = []
        for installation in self._api.installations():
            if not self._go_on():
                self.report.work_left = True
                return
            note(self._database, installation, asked_at=asked_at)
            listed.append(installation.id)
            self.report.installations += 1
        self._note_unlisted(listed, asked_at)

    def _note_unlisted(self, listed: list[int], asked_at: datetime) -> None:
        # An uninstall between two pages moves another installation to the page that was read, so
        # that a list lacks some is no word about any of them.
        unlisted = self._database.fetch_all(
            "unlisted_installations", listed=listed, asked_at=asked_at, most=MOST_UNLISTED + 1
        )
        self.report.work_left |= len(unlisted) > MOST_UNLISTED
        for row in unlisted[:MOST_UNLISTED]:
            if not self._go_on():
                self.report.work_left = True
                return
            if not self._api.has_installation(row["installation_id"]):
                noted = self._database.fetch_one(
                    "note_gone_installation", gone=row["installation_id"], asked_at=asked_at
                )
                self.report.installations_gone += noted["noted"] if noted else 0

    # Repositories ---------------------------------------------------------------------------------

    def _places(self, began_at: datetime, *, has_app: bool) -> list[Place]:
        rows = self._database.fetch_all(
            "repositories_to_reconcile",
            host=host_of_repositories(self._settings),
            began_at=began_at,
            has_app=has_app,
            # One more tells whether work is left.
            most=self._most + 1,
        )
        return [Place(**row) for row in rows]

    def _is_spent(self, place: Place) -> bool:
        app_is_spent = place.installation_id is not None and not self._has_app
        return app_is_spent or place.installation_id in self._spent

    def _begin(self, place: Place) -> bool:
        """Whether this run looks at it: another one that runs now may have done so."""
        return bool(
            self._database.execute(
                "begin_head_check", repository_id=place.repository_id, seen=place.heads_checked_at
            )
        )

    def _look(self, place: Place) -> None:
        inquiry = self._inquiries.about(place)
        if inquiry is None:
            return
        found = inquiry.repository
        remote = self._remote(place, found.full_name)
        told: dict[str, object] = {
            "github_id": found.github_id,
            "owner_id": found.owner_id,
            "is_private": found.private,
        }
        with self._database.transaction() as statements:
            statements.fetch_one(
                "receive_repository",
                clone_urls=[remote.location, place.clone_url],
                full_name=remote.full_name,
                is_gone=False,
                **told,
            )
            # What is learned now is told to every tenant that may hear it: one look is for all.
            statements.execute("share_head_check", github_id=found.github_id)
        told["default_ref"] = parse_ref(found.default_branch)
        for row in self._database.fetch_all("refs_to_compare", most=MOST_REFS, **told):
            if not self._go_on():
                self.report.work_left = True
                return
            self._compare(
                inquiry, row, clone_url=remote.location, full_name=remote.full_name, **told
            )

    def _compare(self, inquiry: Inquiry, row: Row, **told: object) -> None:
        """Tell how one branch stands; a job is made where nobody told of it before."""
        head = inquiry.head(row["ref"])
        self.report.refs += 1
        if head is None and not inquiry.has_lost(row["ref"]):
            return
        with self._database.transaction() as statements:
            rows = statements.fetch_all(
                "receive_push",
                ref=row["ref"],
                commit_sha=head,
                asked_at=row["asked_at"],
                request_id=self._request_id,
                max_retries=self._settings.retry_limit,
                expire_hours=self._settings.expire_in_hours,
                **told,
            )
            made = [one["job_id"] for one in rows if one["job_id"] is not None]
            for job_id in made:
                tell_once_committed(
                    statements, JobStatus.PENDING, "a push was found that nobody told of", job_id
                )
        self.report.jobs += len(made)

    def _remote(self, place: Place, full_name: str) -> Remote:
        """Where it is fetched from by now, spelled as GitHub spells it."""
        address = place.clone_url
        if full_name != place.full_name:
            address = f"{address.removesuffix(f'/{place.full_name}.git')}/{full_name}.git"
        return Remote.parse(
            address,
            allowed_hosts=self._settings.allowed_hosts,
            allow_local=self._settings.allow_local_repositories,
        )

    # Failures -------------------------------------------------------------------------------------

    def _attempt(self, step: Callable[[], None], place: Place | None) -> None:
        """One step, whose failure is its own; `place` is None while the App is asked about."""
        try:
            step()
        except (DatabaseUnavailable, DatabaseRefusedLogin):
            raise
        except KotaError as failure:
            self._note_failure(failure, place)
            if self._times_away >= MOST_TIMES_AWAY:
                raise
        else:
            self._times_away = 0

    def _note_failure(self, failure: KotaError, place: Place | None) -> None:
        counts = self.report.failures
        counts[failure.code] = counts.get(failure.code, 0) + 1
        logger.warning(
            "GitHub could not be compared with",
            error_code=failure.code,
            repository_id=None if place is None else str(place.repository_id),
        )
        self._times_away += isinstance(failure, GitHubUnavailable)
        if isinstance(failure, APP_UNUSABLE) or (
            place is None and isinstance(failure, GitHubRateLimited)
        ):
            self._has_app = False
        elif place is not None and isinstance(failure, SPENT):
            self._spent.add(place.installation_id)
