"""What is suspicious about who a mail says it is from."""

from mailtix.hygiene.suspicions import suspicions as suspicions
