"""Who is told of a change, and the mail that tells it."""
