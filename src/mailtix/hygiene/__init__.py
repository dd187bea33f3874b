"""Who a mail says it is from: what is suspicious about that, and who is answered."""

from mailtix.hygiene.answers import ReplyTo as ReplyTo
from mailtix.hygiene.answers import answers_to as answers_to
from mailtix.hygiene.answers import is_unread as is_unread
from mailtix.hygiene.suspicions import suspicions as suspicions
