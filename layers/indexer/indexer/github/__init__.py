"""GitHub's REST API as its App sees it: installations, tokens, repositories and branches."""
