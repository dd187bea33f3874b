"""#help: what can be written, as a table in the transcript."""

from __future__ import annotations

from mailtix.authorise.permissions import no_command
from mailtix.commands.explained import EXPLAINED
from mailtix.commands.grammar import WORDS, Command
from mailtix.commands.wrong import Wrong, one_of
from mailtix.desk.canned import to_give
from mailtix.desk.errand import Errand, Handlers
from mailtix.model.decision import Row, Table


def help_(errand: Errand, command: Command) -> str | Wrong:
    """All commands that the agent may use, or the one that is named."""
    company, terms = errand.facts.company, errand.policy.commands
    usable = [word for word in WORDS if not no_command(errand.agent, word, company, terms.permissions)]
    shown = usable
    if command.name:
        wanted = command.name.lower().lstrip("#")
        word = one_of(terms.aliases.get(wanted, wanted), list(WORDS), "help")
        if isinstance(word, Wrong):
            return word
        if no := no_command(errand.agent, word, company, terms.permissions):
            return Wrong(no)
        shown = [word]
    errand.tables.append(Table("", ("Write", "and"), tuple(Row((f"#{word}", EXPLAINED[word])) for word in shown)))
    about = _more(shown[0], errand) if len(shown) == 1 else ["see the table below"]
    aliases = [f"#{alias} is #{word}" for alias, word in terms.aliases.items() if word in shown]
    return "; ".join([*about, *aliases])


def _more(word: str, errand: Errand) -> list[str]:
    """What else is to be said of one command: an example, and what the desk has laid down for it."""
    company, terms = errand.facts.company, errand.policy.commands
    there = {
        "field": [f"{field.name} ({', '.join(field.choices) or field.kind})" for field in terms.fields],
        "template": [" ".join([one.name, *(f"{key}=…" for key in to_give(one, terms))]) for one in terms.canned],
        "category": list(company.categories),
        "assign": [agent.name for agent in company.agents] + list(company.teams),
    }
    names = there.get(word, [])
    return [f"such as {WORDS[word]}", *([f"there are: {', '.join(names)}"] if names else [])]


HANDLERS: Handlers = {"help": help_}
