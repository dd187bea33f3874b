"""The desk as its admin describes it: companies, mailboxes, agents."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mailbox:
    """An address that customers write to."""

    address: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Agent:
    """Somebody who answers. `key` is the address in lower case; it names the agent in tickets and tokens."""

    name: str
    email: str
    teams: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        return self.email.lower()


@dataclass(frozen=True, slots=True)
class Company:
    """One tenant. Nothing of one company is ever seen by another."""

    name: str
    mailboxes: tuple[Mailbox, ...]
    agents: tuple[Agent, ...] = ()
    categories: tuple[str, ...] = ()
    language: str = "en"

    @property
    def teams(self) -> tuple[str, ...]:
        """Every team that an agent belongs to, sorted."""
        return tuple(sorted({team for agent in self.agents for team in agent.teams}))

    def agent(self, address: str) -> Agent | None:
        """The agent who owns that address, if any."""
        wanted = address.lower()
        return next((a for a in self.agents if a.key == wanted), None)

    def mailbox(self, address: str) -> Mailbox | None:
        """The mailbox that an address (its sub-address aside, RFC 5233) belongs to, if any."""
        bare = without_detail(address)
        return next((m for m in self.mailboxes if m.address.lower() == bare), None)


def without_detail(address: str) -> str:
    """The address in lower case without its sub-address: Support+x@A.example → support@a.example (RFC 5233)."""
    local, _, domain = address.strip().rpartition("@")
    return f"{local.partition('+')[0]}@{domain}".lower()


def detail(address: str) -> str:
    """The sub-address alone, in lower case: support+t.abc@a.example → t.abc, "" if there is none (RFC 5233)."""
    return address.strip().rpartition("@")[0].partition("+")[2].lower()
