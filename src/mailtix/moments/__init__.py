"""What happens at a moment, and why. Pure.

planning.py   every moment that a ticket waits for       targets.py   a target is near, or was missed; escalation
closing.py    tickets that nobody goes on with           reminding.py what nobody has done, sleepers, promises
asking.py     how it went                                lateness.py  what came late, and who is told how
"""

from mailtix.moments.acts import decide_moment
from mailtix.moments.lateness import LATE, LINES, SINGLE, Late, digest_of, put_off
from mailtix.moments.planning import plans, why

__all__ = ["LATE", "LINES", "SINGLE", "Late", "decide_moment", "digest_of", "plans", "put_off", "why"]
