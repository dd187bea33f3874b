"""What a change makes of a ticket, which changes are legal, and how the history tells of them."""
