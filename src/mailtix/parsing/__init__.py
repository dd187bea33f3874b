"""Raw bytes to an InboundMail, and an attachment's bytes out of the raw mail again."""

from mailtix.parsing.parse import attachment, attachments, parse, parse_with_files

__all__ = ["attachment", "attachments", "parse", "parse_with_files"]
