"""What kind of mail it is: loop, bounce, complaint, receipt, automatic, bulk or human."""

from mailtix.classify.answering import may_answer
from mailtix.classify.facts import facts
from mailtix.classify.kinds import classify

__all__ = ["classify", "facts", "may_answer"]
