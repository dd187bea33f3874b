"""The command line: arguments and exit codes. 0 done, 1 the answer is no, 2 wrong use or configuration."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Sequence
from importlib.metadata import version

# Each verb is imported only when it is asked for: --help must come at once.
_VERBS = {
    "init": "mailtix.verbs.setup",
    "check": "mailtix.verbs.setup",
    "doctor": "mailtix.verbs.doctor",
    "rules": "mailtix.verbs.rules",
    "serve": "mailtix.verbs.daemon",
    "worker": "mailtix.verbs.daemon",
    "send-test": "mailtix.verbs.trial",
    "ingest": "mailtix.verbs.ingest",
    "inspect": "mailtix.verbs.inspect",
    "tickets": "mailtix.verbs.tickets",
    "timers": "mailtix.verbs.tickets",
    "tokens": "mailtix.verbs.tokens",
    "sla": "mailtix.verbs.sla",
    "parked": "mailtix.verbs.parked",
    "imap": "mailtix.verbs.imap",
    "agents": "mailtix.verbs.agents",
    "canned": "mailtix.verbs.canned",
    "keys": "mailtix.verbs.keys",
    "report": "mailtix.verbs.report",
    "backup": "mailtix.verbs.backup",
    "restore": "mailtix.verbs.backup",
    "replay": "mailtix.verbs.replay",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one verb and returns its exit code. No traceback reaches the user, whatever goes wrong."""
    arguments = _parser().parse_args(argv)
    try:
        module = importlib.import_module(_VERBS[arguments.verb])
        verb = getattr(module, arguments.verb.replace("-", "_"))
        code: int = verb(arguments)
        sys.stdout.flush()
    except BrokenPipeError:  # `mailtix tickets list | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        from mailtix.verbs.trouble import explain

        print(f"mailtix: {explain(error)}", file=sys.stderr)
        return 75 if getattr(arguments, "pipe", False) else 2
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="mailtix", description="An email-to-ticket daemon.")
    parser.add_argument("--version", action="version", version=f"mailtix {version('mailtix')}")
    parser.add_argument(
        "--config",
        metavar="FILE",
        default=os.environ.get("MAILTIX_CONFIG", "mailtix.yaml"),
        help="the settings (default: $MAILTIX_CONFIG, else mailtix.yaml)",
    )
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    _setup(verbs)
    _daemon(verbs)
    _mail(verbs)
    _look(verbs)
    _tokens(verbs)
    _sla(verbs)
    _agents(verbs)
    _report(verbs)
    _backup(verbs)
    _keys(verbs)
    _imap(verbs)
    return parser


def _setup(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    init = verbs.add_parser("init", help="write a first mailtix.yaml with every key explained")
    init.add_argument("--if-missing", action="store_true", help="do nothing when there is one already")
    check = verbs.add_parser(
        "check", help="tell every mistake in settings, rules and templates; show what is in effect"
    )
    check.add_argument("--json", action="store_true", help="the mistakes as JSON")
    doctor = verbs.add_parser("doctor", help="look at all that mailtix needs, and say what to do where it is ill")
    doctor.add_argument("--json", action="store_true", help="what was found as JSON")
    _rules(verbs.add_parser("rules", help="routing rules: check, test, explain and backtest them"))


def _rules(rules: argparse.ArgumentParser) -> None:
    actions = rules.add_subparsers(dest="action", metavar="ACTION", required=True)
    check = actions.add_parser("check", help="tell every mistake in rule files")
    actions.add_parser("schema", help="print the JSON Schema of rule files, for editors")
    test = actions.add_parser("test", help="run the examples in rule files, and name the rules that none reaches")
    for action in (check, test):
        action.add_argument("files", nargs="*", metavar="FILE", help="default: those of the settings")
    explain = actions.add_parser("explain", help="say what each rule made of a mail, and why")
    explain.add_argument("what", metavar="MAIL", help="a file, a ticket's number, or a journal number such as J12")
    explain.add_argument("--then", action="store_true", help="with the rules that were in effect when it was decided")
    explain.add_argument("--rules", metavar="FOLDER", help="with the rules of that folder (or file)")
    explain.add_argument("--company", metavar="NAME", help="only this company's ticket")
    backtest = actions.add_parser("backtest", help="say what other rules would have made of the mail of the past")
    backtest.add_argument("--rules", metavar="FOLDER", required=True, help="the other rules: a folder, or one file")
    backtest.add_argument("--since", metavar="TIME", help="only mail of the last 30d, 12h, 4w (default: all)")
    backtest.add_argument("--html", metavar="FILE", help="write a page with the result")
    backtest.add_argument("--fail-if", metavar="WHAT", help="exit 1 if it is so: changed>5%%, gained>0, lost>1%%")
    backtest.add_argument("--cache", metavar="FOLDER", help="keep what was read of the mails there, for the next time")
    reload = actions.add_parser("reload", help="have every running daemon read its rules again")
    stats = actions.add_parser("stats", help="how often each rule held, when it last did, and which never did")
    shadow = actions.add_parser("shadow", help="what rules with `shadow: true` would have done, the newest first")
    shadow.add_argument("--limit", type=int, default=50, metavar="N")
    for action in (stats, shadow):
        action.add_argument("--since", metavar="TIME", help="only the last 30d, 12h, 4w (default: all)")
    for action in (check, test, explain, backtest, reload, stats, shadow):
        action.add_argument("--json", action="store_true", help="the result as JSON")


def _daemon(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    verbs.add_parser("serve", help="run the daemon: listeners, mailboxes, and workers inside")
    verbs.add_parser("worker", help="run workers only, rung through Redis")
    send_test = verbs.add_parser("send-test", help="send a first mail to the running daemon")
    send_test.add_argument("--from", dest="sender", default="ann@example.org", metavar="ADDRESS")
    send_test.add_argument("--subject", default="My first ticket")


def _mail(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    ingest = verbs.add_parser("ingest", help="put mail in by hand: .eml, mbox, Maildir or - (standard input)")
    ingest.add_argument("files", nargs="+", metavar="FILE")
    to = "the envelope's recipient (default: as the headers say)"
    ingest.add_argument("--to", action="append", metavar="ADDRESS", help=to)
    ingest.add_argument("--from", dest="sender", metavar="ADDRESS", help="the envelope's sender")
    ingest.add_argument(
        "--pipe", action="store_true", help="for a mail server's pipe: exit 75 (try later) when we fail"
    )
    ingest.add_argument("--json", action="store_true")
    inspect = verbs.add_parser("inspect", help="say what mailtix makes of mails; needs no settings and no database")
    inspect.add_argument("files", nargs="+", metavar="FILE", help="files, folders, mboxes or -")
    inspect.add_argument("--json", action="store_true", help="one JSON object a line")
    parked = verbs.add_parser("parked", help="mail that could not be processed, and mail that is held")
    actions = parked.add_subparsers(dest="action", metavar="ACTION", required=True)
    listing = actions.add_parser("list", help="what is parked or held, and why")
    show = actions.add_parser("show", help="one of these mails, whole")
    show.add_argument("number", metavar="NUMBER", help="its journal number, such as J12")
    retry = actions.add_parser("retry", help="process it again")
    retry.add_argument("number", nargs="?", metavar="NUMBER", help="its journal number, such as J12")
    retry.add_argument("--all", action="store_true", help="everything that is parked; what is held, one by one")
    drop = actions.add_parser("drop", help="never process it; it stays in the journal, with the reason")
    drop.add_argument("number", metavar="NUMBER", help="its journal number, such as J12")
    drop.add_argument("--because", metavar="WORDS", required=True, help="why, for whoever looks later")
    listing.add_argument("--dropped", action="store_true", help="what was dropped instead, by whom and why")
    for action in (listing, show, retry, drop):
        action.add_argument("--json", action="store_true")


def _backup(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    backup = verbs.add_parser("backup", help="write the whole database into one file, while mailtix runs")
    backup.add_argument("--check", action="store_true", help="only read a backup, and say whether it is whole")
    restore = verbs.add_parser("restore", help="put a backup into the empty database of the settings")
    for parser in (backup, restore):
        parser.add_argument("file", metavar="FILE", help="the backup; it is an SQLite database of its own")
        parser.add_argument("--json", action="store_true", help="how many rows of each table")
    replay = verbs.add_parser("replay", help="make every ticket again from the journal, and say what differs")
    replay.add_argument("--all", action="store_true", required=True, help="every mail, timer and failed delivery")
    replay.add_argument("--into", metavar="URL", required=True, help="an empty database: sqlite:///again.db")
    replay.add_argument("--json", action="store_true", help="every difference as JSON")


def _look(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    tickets = verbs.add_parser("tickets", help="look at tickets")
    actions = tickets.add_subparsers(dest="action", metavar="ACTION", required=True)
    listing = actions.add_parser("list", help="the tickets that a query finds; without one the newest")
    listing.add_argument(
        "query", nargs="*", metavar="QUERY", help="status:open priority>=high print* … (docs/queries.md)"
    )
    listing.add_argument("--as", dest="viewer", metavar="ADDRESS", help="the agent that `me` and `mine` mean")
    listing.add_argument("--status", action="append", metavar="STATUS", help="only these (may be given again)")
    listing.add_argument("--assignee", metavar="ADDRESS", help='only those of this agent; "" for nobody\'s')
    listing.add_argument("--search", default="", metavar="WORDS", help="only those that say these words in this order")
    listing.add_argument("--limit", type=int, default=50, metavar="N", help="how many (default: 50; 0 for all)")
    listing.add_argument("--csv", action="store_true", help="as CSV, for spreadsheets")
    show = actions.add_parser("show", help="one ticket with its conversation")
    history = actions.add_parser("history", help="everything that happened to a ticket, and why")
    files = actions.add_parser("attachments", help="the files of a ticket; held ones too")
    files.add_argument("--save", metavar="FOLDER", help="write them down there, without those that are held")
    files.add_argument("--all", action="store_true", help="save the held ones too")
    level = actions.add_parser("sla", help="what was promised for a ticket and why, and where every minute went")
    for action in (show, history, files, level):
        action.add_argument("number", metavar="NUMBER")
    timers = verbs.add_parser("timers", help="what will happen next")
    timer_actions = timers.add_subparsers(dest="action", metavar="ACTION", required=True)
    timer_list = timer_actions.add_parser("list", help="what is planned, for which ticket, and why")
    timer_list.add_argument("number", metavar="NUMBER", nargs="?", help="only of that ticket")
    timer_list.add_argument("--limit", type=int, default=50, metavar="N")
    for action in (listing, show, history, files, level, timer_list):
        action.add_argument("--company", metavar="NAME", help="only this company's")
    for action in (listing, show, history, files, level, timer_list):
        action.add_argument("--json", action="store_true")


def _tokens(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    tokens = verbs.add_parser("tokens", help="numbers that customers bring along when they come themselves")
    actions = tokens.add_subparsers(dest="action", metavar="ACTION", required=True)
    issue = actions.add_parser("issue", help="a new one; the customer gets it by mail")
    issue.add_argument("address", metavar="ADDRESS", help="the customer's")
    issue.add_argument("--name", metavar="NAME", help="the customer's, if it is not known yet")
    issue.add_argument("--category", metavar="NAME", help="what the visit is about (default: as its ticket)")
    issue.add_argument("--ticket", metavar="NUMBER", help="the ticket that it is about")
    issue.add_argument("--assign", metavar="ADDRESS", help="the agent who looks after it (default: who has the ticket)")
    listing = actions.add_parser("list", help="what there is, the newest first, and how many today")
    listing.add_argument("--open", action="store_true", help="only those that are open")
    listing.add_argument("--search", default="", metavar="WORDS", help="all in number, category, name or address")
    listing.add_argument("--category", metavar="NAME", help='only these; "" for those without one')
    listing.add_argument("--assignee", metavar="ADDRESS", help='only those of this agent; "" for nobody\'s')
    listing.add_argument("--day", metavar="DATE", help="only those issued on that day: 2026-12-01, or today")
    listing.add_argument("--limit", type=int, default=50, metavar="N", help="how many (default: 50; 0 for all)")
    show = actions.add_parser("show", help="one of them, and what happened to it")
    assign = actions.add_parser("assign", help="somebody else looks after the visit, and is told")
    close = actions.add_parser("close", help="the visit is over")
    slip = actions.add_parser("print", help="write a slip of paper (A7) with its QR code")
    for action in (show, assign, close, slip):
        action.add_argument("number", metavar="NUMBER", help="such as TK000123, or 123")
    assign.add_argument("to", metavar="ADDRESS", help="the agent's")
    slip.add_argument("file", metavar="FILE.pdf")
    for action in (issue, assign, close, slip):
        action.add_argument("--as", dest="doer", metavar="ADDRESS", help="the agent who does it, for the log")
    for action in (issue, listing, show, assign, close, slip):
        action.add_argument("--company", metavar="NAME", help="only this company's")
        action.add_argument("--json", action="store_true")


def _sla(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    actions = verbs.add_parser("sla", help="try other promises on the past, and fetch calendars").add_subparsers(
        dest="action", metavar="ACTION", required=True
    )
    simulate = actions.add_parser("simulate", help="what share of other promises would have been met, beside what was")
    simulate.add_argument("--policy", metavar="FILE", required=True, help="a file with `sla` and `calendars`")
    simulate.add_argument("--since", metavar="TIME", default="90d", help="tickets of the last 30d, 12h, 4w (here: 90d)")
    fetch = actions.add_parser("fetch", help="get the calendar files that have a url")
    for action in (simulate, fetch):
        action.add_argument("--json", action="store_true", help="the result as JSON")


def _report(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    report = verbs.add_parser("report", help="figures of the past: what came in, was done, kept and liked")
    report.add_argument("what", choices=["volume", "agents", "sla", "satisfaction", "tokens"], metavar="REPORT",
                        help="volume, agents, sla, satisfaction or tokens")  # fmt: skip
    report.add_argument("--since", metavar="TIME", default="30d", help="30d, 12h, 4w or a date (default: 30d)")
    report.add_argument("--until", metavar="TIME", help="the same; a date is its last day (default: now)")
    rows = ["day", "week", "month", "agent", "category", "priority", "status", "team"]
    report.add_argument("--by", choices=rows, metavar="WHAT", help=f"what makes a row: {', '.join(rows)}")
    report.add_argument("--company", metavar="NAME", help="only this company's")
    forms = ["table", "csv", "json", "html"]
    report.add_argument("--format", choices=forms, default="table", metavar="FORM", help=", ".join(forms))
    report.add_argument("--json", action="store_true", help="the same as --format json")
    report.add_argument("--chart", metavar="FILE.png", help="draw it, too")


def _agents(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    texts = verbs.add_parser("canned", help="the texts that agents send with #template")
    text_actions = texts.add_subparsers(dest="action", metavar="ACTION", required=True)
    text_list = text_actions.add_parser("list", help="each with what it takes, and how often it was sent")
    text_list.add_argument("--json", action="store_true")
    agents = verbs.add_parser("agents", help="who is there, how much everybody has, and what holds for now")
    actions = agents.add_subparsers(dest="action", metavar="ACTION", required=True)
    listing = actions.add_parser("list", help="every agent with open tickets, maximum and availability")
    change = actions.add_parser("set", help="what holds for an agent before the settings")
    change.add_argument("address", metavar="ADDRESS")
    change.add_argument("--availability", choices=["available", "busy", "away", "offline"])
    change.add_argument(
        "--until", metavar="MOMENT", help="then the settings hold again: 2026-12-01 or 2026-12-01T09:00"
    )
    change.add_argument("--max", type=int, metavar="N", help="how many open tickets he is given at most")
    change.add_argument("--reset", action="store_true", help="go back to the settings")
    for action in (listing, change):
        action.add_argument("--json", action="store_true")


def _keys(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    keys = verbs.add_parser("keys", help="the signed reply addresses that people have been given")
    actions = keys.add_subparsers(dest="action", metavar="ACTION", required=True)
    revoke = actions.add_parser("revoke", help="no reply address that somebody was ever given is believed any more")
    revoke.add_argument("address", metavar="ADDRESS", help="whose: an agent's or a customer's")
    revoke.add_argument("--company", metavar="NAME", help="only this company's")
    revoke.add_argument("--json", action="store_true")


def _imap(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    actions = verbs.add_parser("imap", help="the mailboxes that mail is collected from").add_subparsers(
        dest="action", metavar="ACTION", required=True
    )
    reconcile = actions.add_parser("reconcile", help="whether all that is in them is in the journal, too")
    reconcile.add_argument("mailbox", metavar="ADDRESS", nargs="?", help="only that one")
    reconcile.add_argument("--since", metavar="TIME", default="30d", help="mail of the last 30d, 12h, or since a date")
    reconcile.add_argument("--take", action="store_true", help="take in what was passed over or is too large")
    reconcile.add_argument("--json", action="store_true", help="what was found as JSON")
