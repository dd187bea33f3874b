"""format=flowed (RFC 3676): soft line breaks taken out again, quote depth kept."""

from __future__ import annotations


def unflow(text: str, *, delsp: bool) -> str:
    """Paragraphs on one line each. With `delsp` the blank before a soft break goes away too (section 4.2)."""
    paragraphs: list[list[str]] = []
    open_depth = -1  # the quote depth of the line that waits for its continuation, -1 if none
    for line in text.split("\n"):
        depth, content = _quote(line.rstrip("\r"))
        soft = content.endswith(" ") and content != "-- "  # section 4.3: the signature separator is never soft
        body = content[:-1] if soft and delsp else content
        if open_depth == depth:
            paragraphs[-1].append(body)
        else:
            paragraphs.append([">" * depth + " " if depth else "", body])
        open_depth = depth if soft else -1
    lines = ("".join(pieces) for pieces in paragraphs)
    return "\n".join(line if line == "-- " else line.rstrip() for line in lines)


def _quote(line: str) -> tuple[int, str]:
    """(quote depth, content without quote marks and space-stuffing): sections 4.4 and 4.5."""
    content = line.lstrip(">")
    depth = len(line) - len(content)
    return depth, content.removeprefix(" ")
