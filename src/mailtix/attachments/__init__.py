"""Which files of a mail are passed on, and which are held, with the reason in words. Pure."""

from mailtix.attachments.dangerous import HELD
from mailtix.attachments.policy import Terms, Verdict, judge, worth_scanning

__all__ = ["HELD", "Terms", "Verdict", "judge", "worth_scanning"]
