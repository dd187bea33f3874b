"""Asks many questions at once, and waits for none of them for longer than it should."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping

from mailtix.health.finding import Finding, bad

# Yields its findings one by one: those that came in time count, whatever becomes of the rest.
Question = Callable[[], Iterable[Finding]]


def ask(questions: Mapping[str, Question], seconds: float) -> list[Finding]:
    """What all questions found, in their order. One that takes longer than `seconds` is left alone and told of."""
    until = time.monotonic() + seconds
    asked = [_Asked(name, question) for name, question in questions.items()]
    return [finding for one in asked for finding in one.findings(until, seconds)]


class _Asked:
    """A question with a thread of its own. A daemon thread: one that hangs does not keep the process from ending."""

    def __init__(self, name: str, question: Question) -> None:
        self._name = name
        self._question = question
        self._found: list[Finding] = []
        self._thread = threading.Thread(target=self._run, name=f"doctor: {name}", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            for finding in self._question():
                self._found.append(finding)
        except Exception as error:  # a check that breaks is a finding too
            self._found.append(
                bad(
                    self._name,
                    f"this could not be looked at: {type(error).__name__}: {_first_line(error)}",
                    "see whether the other findings explain it; if none does, please report it with this line",
                )
            )

    def findings(self, until: float, seconds: float) -> list[Finding]:
        self._thread.join(max(0.0, until - time.monotonic()))
        found = list(self._found)
        if self._thread.is_alive():
            text = f"no answer within {seconds:g} s"
            found.append(bad(self._name, text, "see whether what it needs (network, server, disk) answers at all"))
        return found


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0][:300]
