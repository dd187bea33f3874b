"""What mails of the desk's own people do: answers, and the commands in them. All or nothing. Pure."""

from mailtix.desk.address import decide_desk, writer_to_desk
from mailtix.desk.answer import answer_of_agent

__all__ = ["answer_of_agent", "decide_desk", "writer_to_desk"]
