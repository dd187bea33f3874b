"""Service levels: what was promised, when it is due, and what has become of it. All of it is pure arithmetic.

calendar.py    working time: hours, breaks, holidays, time zones     policy.py    which promise a ticket has, and why
clock.py       how long something took, and when it is due           settling.py  what a decision means for the clocks
deadlines.py   when to warn, and when to raise the alarm             timeline.py  the whole story of a ticket's clocks
"""

from mailtix.sla.calendar import ALL_DAY, ALWAYS, CLOSED, Calendar, Hours
from mailtix.sla.clock import Clock, clocks, is_running
from mailtix.sla.deadlines import due_of, timers
from mailtix.sla.policy import SNOOZED, TARGETS, Choice, Conditions, Policy, Target, Targets, Terms, choose, policy_of
from mailtix.sla.settling import older_clocks, pausing, settle
from mailtix.sla.timeline import State, Story, Stretch, stories

__all__ = [
    "ALL_DAY",
    "ALWAYS",
    "CLOSED",
    "SNOOZED",
    "TARGETS",
    "Calendar",
    "Choice",
    "Clock",
    "Conditions",
    "Hours",
    "Policy",
    "State",
    "Story",
    "Stretch",
    "Target",
    "Targets",
    "Terms",
    "choose",
    "clocks",
    "due_of",
    "is_running",
    "older_clocks",
    "pausing",
    "policy_of",
    "settle",
    "stories",
    "timers",
]
