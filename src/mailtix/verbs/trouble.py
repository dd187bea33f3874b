"""What went wrong, in words that say what to do."""

from __future__ import annotations

from mailtix.store.engine import DatabaseError, DriverError, is_disk_full


def explain(error: BaseException) -> str:
    """One or more lines for the user; for what nobody foresaw, the error's own words and how to report it."""
    if type(error).__name__ in ("BadConfig", "BadRules", "NotReady", "UnreadableError", "WrongUse"):
        return str(error)
    if is_disk_full(error):
        return "the disk of the database is full; make room and try again, nothing was lost"
    if isinstance(error, DriverError):  # the server or the file
        return (
            f"the database does not answer: {_first_line(error.orig)}\nsee that it runs, and `database` in the settings"
        )
    if isinstance(error, DatabaseError):
        return f"the database cannot be used: {_first_line(error)}\ncheck `database` in the settings"
    if isinstance(error, OSError):
        place = f" ({error.filename})" if error.filename else ""
        return f"{error.strerror or error}{place}"
    return f"something went wrong that should not: {type(error).__name__}: {error}\nplease report it with this line"


def _first_line(error: object) -> str:
    return str(error).strip().partition("\n")[0]
