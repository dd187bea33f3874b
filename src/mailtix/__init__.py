"""mailtix: an email-to-ticket daemon with a mail-driven workflow."""
