"""Which ticket a mail belongs to, and why."""
