"""What git says when it fails, and what a person does about it."""

_NEXT_STEPS = (
    ("install git", ("'git' was not found",)),
    ("add the host's key to known_hosts of the user that runs this", ("host key verification failed",)),
    (
        "give a token or ssh key that may read it, or renew the expired one",
        (
            "could not read username", "authentication failed", "permission denied (", "access denied",
            "returned error: 401", "returned error: 403", "terminal prompts disabled", "invalid credentials",
        ),
    ),
    ("check the URL, and that the token may see it", ("repository not found", "returned error: 404", "' not found")),
    ("the repository has moved: give its new URL", ("unable to update url base", "returned error: 30")),
    ("give the https, ssh or file URL of the repository itself", ("transport '",)),
    ("run as the user who owns it, or give its https or ssh URL", ("dubious ownership",)),
    (
        "give the folder that holds .git or the URL of a repository, and name a folder inside it by subpath",
        ("not a git repository", "does not appear to be a git repository"),
    ),
    ("free space where the cache is", ("no space left", "disk quota")),
    ("check the permissions of the cache", ("permission denied", "read-only file system")),
    (
        "check the network and that the host is up; what is indexed stays until it answers",
        (
            "could not resolve", "connect", "timed out", "unable to access", "unreachable", "hung up", "early eof",
            "rpc failed",
        ),
    ),
    (
        "mend the repository (git fsck); a damaged copy in the cache may be removed, the next run makes it anew",
        ("corrupt", "bad object", "unable to read", "loose object", "packfile", "missing"),
    ),
)  # fmt: skip


def explanation(said: str, branch: str | None, folder: str) -> str:
    """Return what git said with the next step."""
    words = said.lower()
    if "not a valid object name" in words or "not a tree object" in words:
        return f"it has no folder {folder!r}; correct the subpath"
    if "needed a single revision" in words or words.startswith("git rev-parse ended"):
        return f"{branch or 'HEAD'!r} has no commit; commit something, or name another branch"
    step = next((step for step, marks in _NEXT_STEPS if any(mark in words for mark in marks)), None)
    return f"{said}; {step or 'try the same with the git command by hand'}"
