from __future__ import annotations

from mailtix.ingest.backlog import Backlog


class Desk:
    """Mails that were taken, and how many of them are left to do."""

    taken = 0
    left = 0

    def take(self, count: int) -> None:
        self.taken += count
        self.left += count

    def count(self, most: int) -> int:
        return min(self.left, most)


def test_the_queue_is_full_when_so_many_mails_were_taken_since_it_was_counted():
    desk = Desk()
    backlog = Backlog(100, lambda: desk.taken)
    desk.take(99)
    assert not backlog.is_full
    desk.take(1)
    assert backlog.is_full


def test_what_was_processed_meanwhile_is_seen_at_the_next_count():
    desk = Desk()
    backlog = Backlog(100, lambda: desk.taken)
    desk.take(150)
    backlog.count(desk.count)
    assert backlog.is_full
    desk.left = 10
    backlog.count(desk.count)
    assert not backlog.is_full
    desk.take(89)
    assert not backlog.is_full
    desk.take(1)
    assert backlog.is_full


def test_mail_that_comes_while_the_queue_is_counted_is_not_missed():
    desk = Desk()
    backlog = Backlog(100, lambda: desk.taken)

    def count(most: int) -> int:
        counted = desk.count(most)
        desk.take(100)
        return counted

    backlog.count(count)
    assert backlog.is_full


def test_what_others_have_put_into_the_same_queue_counts_too():
    desk = Desk()
    backlog = Backlog(100, lambda: desk.taken)
    desk.left = 100
    backlog.count(desk.count)
    assert backlog.is_full
