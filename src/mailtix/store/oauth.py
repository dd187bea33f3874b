"""The newest refresh token of each OAuth client: servers give a new one now and then, and let the old one expire."""

from __future__ import annotations

import hashlib

from sqlalchemy import select
from sqlalchemy.orm import Session

from mailtix.store.directory import upsert
from mailtix.store.tables import settings


def refresh_token(session: Session, configured: str) -> str:
    """The newest one that came of the one in the settings; "" when none did."""
    query = select(settings.c.value).where(settings.c.key == _key(configured))
    return session.execute(query).scalar_one_or_none() or ""


def keep_refresh_token(session: Session, configured: str, newest: str) -> None:
    """From now on that one is the newest of those that came of the one in the settings."""
    insert = upsert(session, settings).values(key=_key(configured), value=newest)
    session.execute(insert.on_conflict_do_update(index_elements=[settings.c.key], set_={"value": newest}))


def _key(configured: str) -> str:
    """Whoever puts another one into the settings begins anew."""
    return f"refresh token {hashlib.sha256(configured.encode()).hexdigest()[:32]}"
