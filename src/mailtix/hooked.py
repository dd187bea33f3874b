"""What another program is told of a ticket when a rule has held. Pure."""

from __future__ import annotations

import json
from datetime import datetime

from mailtix.model.decision import Hook
from mailtix.model.ticket import Ticket


def told(hook: Hook, ticket: Ticket, cause: str, now: datetime) -> str:
    """A JSON object: the rule and why it held, what it was about (J12 is a mail, T5 a moment), and the ticket as it is
    after that. Times are ISO 8601 in UTC."""
    requester = ticket.requester
    return json.dumps(
        {
            "rule": hook.rule,
            "because": hook.because,
            "cause": cause,
            "at": now.isoformat(),
            "ticket": {
                "number": ticket.number,
                "company": ticket.company,
                "subject": ticket.subject,
                "requester": {"email": requester.email, "name": requester.name},
                "status": ticket.status,
                "priority": ticket.priority,
                "category": ticket.category,
                "team": ticket.team,
                "assignee": ticket.assignee,
                "tags": sorted(ticket.tags),
                "fields": dict(ticket.fields),
                "rating": ticket.rating,
                "created_at": ticket.created_at.isoformat(),
            },
        },
        ensure_ascii=False,
    )
