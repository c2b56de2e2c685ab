"""Every way in which asking GitHub fails. The texts are fixed: nothing that it says is in them."""

from __future__ import annotations

from typing import Final

from indexer.errors import ConfigurationError, JobSnoozed, PermanentJobError, TransientJobError

LONGEST_PAUSE_SECONDS: Final = 3600.0


class AppNotConfigured(ConfigurationError):
    """The App's ID or its private key is missing, and something asks GitHub as the App."""

    code = "github_app_missing"

    def __init__(self) -> None:
        super().__init__("GITHUB_APP_ID and GITHUB_APP_PRIVATE_KEY must both be set")


class AppKeyUnusable(ConfigurationError):
    """The App's private key cannot sign. The key itself is never repeated."""

    code = "github_app_key_unusable"

    def __init__(self) -> None:
        super().__init__(
            "GITHUB_APP_PRIVATE_KEY cannot be used: it must be an RSA private key of at least "
            "2048 bits in PEM, without a password"
        )


class GitHubUnavailable(TransientJobError):
    """GitHub cannot be reached, answers too slowly, or is failing."""

    code = "github_unavailable"

    def __init__(self) -> None:
        super().__init__("GitHub cannot be reached, is too slow or is failing")


class GitHubRateLimited(JobSnoozed):
    """GitHub has had too many requests; the job waits for as long as GitHub asks, at most an hour.

    `seconds` is the pause, from 1 to LONGEST_PAUSE_SECONDS.
    """

    code = "github_rate_limited"

    def __init__(self, *, seconds: float) -> None:
        super().__init__(
            "GitHub refuses further requests for now",
            seconds=max(1.0, min(LONGEST_PAUSE_SECONDS, seconds)),
        )


class GitHubMisbehaved(TransientJobError):
    """GitHub's answer is none that its REST API gives."""

    code = "github_misbehaved"

    def __init__(self) -> None:
        super().__init__("GitHub's answer cannot be understood")


class AppRefused(TransientJobError):
    """GitHub does not know the App by the ID and the private key that are configured."""

    code = "github_app_refused"

    def __init__(self) -> None:
        super().__init__(
            "GitHub refuses the App: GITHUB_APP_ID and GITHUB_APP_PRIVATE_KEY must belong together"
        )


class TokenRefused(TransientJobError):
    """GitHub no longer takes an installation's token; a new one may help."""

    code = "github_token_refused"

    def __init__(self) -> None:
        super().__init__("GitHub refuses the token of the App's installation")


class InstallationSuspended(PermanentJobError):
    """The App's installation is suspended; its account can lift that at GitHub."""

    code = "installation_suspended"

    def __init__(self) -> None:
        super().__init__("the App's installation is suspended at GitHub")


class InstallationGone(PermanentJobError):
    """The App is no longer installed on the account."""

    code = "installation_gone"

    def __init__(self) -> None:
        super().__init__("the App is not installed on this account, or no longer")


class RepositoryNotInstalled(PermanentJobError):
    """The App's installation does not reach the repository, or may not read its contents."""

    code = "repository_not_installed"

    def __init__(self) -> None:
        super().__init__("the App's installation may not read this repository")


class AccessDenied(PermanentJobError):
    """GitHub denies the App a thing: a permission is missing, or the repository is blocked."""

    code = "github_access_denied"

    def __init__(self) -> None:
        super().__init__("GitHub denies the App's installation this: a permission is missing")
