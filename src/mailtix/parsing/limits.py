"""What one mail may cost. Beyond a limit the rest is left unread and a defect says so; the raw mail keeps all of it."""

from __future__ import annotations

MAX_PARTS = 1_000
"""MIME parts read. Mails with more than a few dozen are archives nobody reads as a ticket; 20,000 are an attack."""

MAX_DEPTH = 100
"""Levels of multipart and message/rfc822. Long forward-as-attachment chains reach about 20."""

MAX_FIELDS = 2_000
"""Header fields of one part. Mails that crossed many relays and filters carry some 200."""

MAX_FIELD_BYTES = 65_536
"""Bytes of one field. Long To and References fields stay below 50 KB (a To of 1,000 people)."""

MAX_SUBJECT = 998
"""Characters of a subject: one line of RFC 5322 section 2.1.1; what is longer is a text put in the wrong place."""

MAX_TEXT = 1_000_000
"""Characters of the visible text. A book of 500 pages; longer texts are logs, which stay readable in the raw mail."""

MAX_HTML = 500_000
"""Characters of HTML that are turned into text; newsletters have 100 KB."""

MAX_TEXT_LINES = 50_000
"""Lines of the visible text: a mail of blank lines has a hundred times as many as one of words."""

MAX_REPORT_TEXT = 65_536
"""Characters of each report part that is handed to the classifier: delivery reports need a few KB."""

MAX_REPORT_PARTS = 50
"""Report parts handed to the classifier."""

MAX_ADDRESSES = 1_000
"""Addresses read from one field."""

MAX_ADDRESS = 254
"""Octets of an address: RFC 5321 section 4.5.3.1.3 allows a path 256, and the angle brackets are two of them. Nobody
can write to a longer one, so it is read as none."""

MAX_EMBEDDED = 5
"""How deep encoded containers (base64 message/rfc822, winmail.dat) are opened inside each other."""
