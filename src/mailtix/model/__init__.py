"""Frozen values that everyone shares. Imports nothing else of mailtix."""
