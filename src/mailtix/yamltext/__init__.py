"""YAML text to plain data that knows where each value stands, and mistakes that can be shown beside it."""

from mailtix.yamltext.mistake import BadText, Mistake, Position, did_you_mean, printed
from mailtix.yamltext.read import Document, Path, read
from mailtix.yamltext.validate import Section, field_at, keys_of, validate, wrong

__all__ = [
    "BadText",
    "Document",
    "Mistake",
    "Path",
    "Position",
    "Section",
    "did_you_mean",
    "field_at",
    "keys_of",
    "printed",
    "read",
    "validate",
    "wrong",
]
