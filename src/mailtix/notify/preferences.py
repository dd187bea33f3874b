"""What a person wants to be told by mail, and what reaches him whatever he wants. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from mailtix.model.decision import Notice
from mailtix.model.ticket import Ticket

Chosen = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Preference:
    """Something an agent may choose. `choices` go from the value to what it means; the first holds for who has chosen
    nothing."""

    says: str
    choices: Mapping[str, str]

    @property
    def default(self) -> str:
        return next(iter(self.choices))


PREFERENCES: Mapping[str, Preference] = {
    "notices": Preference(
        "which news of tickets come as single mails",
        {
            "all": "each of them",
            "mine": "those of tickets that you have or watch",
            "digest": "only what the morning digest does not tell",
        },
    ),
    "transcripts": Preference(
        "a mail that says what your commands have done",
        {"on": "always", "off": "only when a command was to show you something"},
    ),
    "digest": Preference("the morning digest, where the desk sends one", {"on": "it comes", "off": "it does not"}),
}
# News, which may be left out. All else asks something of its reader, or answers him: it always comes.
_NEWS = frozenset({"unassigned", "customer_replied", "served", "note", "sla_warning"})
# What the digest tells as well, of the reader's own tickets and of those that nobody has.
_IN_DIGEST = frozenset({"unassigned", "customer_replied", "sla_warning"})

# Under that name the store keeps that a customer wants no automatic mail: the value is "off".
AUTOMATIC = "automatic"
# What customers get all the same: a person's words, and answers to what they have just asked for.
_ASKED_FOR = frozenset({"reply", "told", "verify", "join", "no_survey"})


def chosen(preferences: Chosen, key: str) -> str:
    """What holds for somebody who has chosen `preferences`."""
    value = preferences.get(key, "")
    return value if value in PREFERENCES[key].choices else PREFERENCES[key].default


def is_optional(notice: Notice) -> bool:
    """Whether its reader may do without that notice."""
    if not notice.agent:
        return notice.template not in _ASKED_FOR
    return notice.template in _NEWS or _only_confirms(notice)


def wanted(
    notices: Iterable[Notice], preferences: Mapping[str, Chosen], ticket: Ticket, digests: bool
) -> tuple[Notice, ...]:
    """The notices about a ticket without those that their readers do not want; `preferences` are by reader, `digests`
    says whether the desk sends any.

    Somebody hears of a ticket that nobody has: when none of those who are told wants to be, all of them are.
    """
    every = tuple(notices)
    kept = tuple(n for n in every if _is_wanted(n, preferences.get(n.to.lower(), {}), ticket, digests))
    if any(notice.template == "unassigned" for notice in kept):
        return kept
    return tuple(notice for notice in every if notice in kept or notice.template == "unassigned")


def _is_wanted(notice: Notice, preferences: Chosen, ticket: Ticket, digests: bool) -> bool:
    if not is_optional(notice):
        return True
    if not notice.agent:
        return preferences.get(AUTOMATIC) != "off"
    if notice.template == "done":
        return chosen(preferences, "transcripts") == "on"
    wish = chosen(preferences, "notices")
    his = ticket.assignee == notice.to.lower()
    has_digest = digests and chosen(preferences, "digest") == "on"  # without one he would never hear of it
    if wish == "digest" and has_digest and notice.template in _IN_DIGEST and (his or not ticket.assignee):
        return False
    return wish == "all" or his or notice.to.lower() in ticket.watchers


def _only_confirms(notice: Notice) -> bool:
    """A transcript that says no more than that all was done."""
    said = notice.said
    return notice.template == "done" and not (said.tables or said.text or said.reason or said.warning or said.attach)
