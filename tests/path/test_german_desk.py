"""What agents of a German desk read."""

from __future__ import annotations

from collections.abc import Callable

from desk import CONFIG, Desk

GERMAN = CONFIG.replace("- name: Example\n", "- name: Example\n    language: de\n")


def test_tables_and_links_are_in_german(new_desk: Callable[..., Desk]) -> None:
    desk = new_desk(GERMAN)
    desk.receive("ann@example.org", "Es brennt.")
    notice = desk.notice_to("bob")
    desk.receive("bob@desk.example", "#take\n#prefs", reply_to=notice)
    told = desk.transcript()
    assert "Ihre Einstellungen" in told.text
    assert told.link("Zurücknehmen").endswith("%23undo%20J2")
    assert told.link("Beschäftigt").endswith("%23busy")

    desk.receive("bob@desk.example", "#list mine", reply_to=notice)
    assert "Nummer" in desk.transcript().text
    assert desk.transcript().link("Lösen").endswith("%23resolve")
