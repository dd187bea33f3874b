"""How fast mailtix is, measured from outside: `python -m bench` (docs/performance.md)."""
