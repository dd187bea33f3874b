"""What of an HTML mail nobody sees, by the styles of its elements: it is no text of the mail, and gives no orders."""

from __future__ import annotations

import re
from dataclasses import dataclass

from mailtix.parsing.markup import Tag

# A cheap look at the attributes, before they are taken apart: most elements say nothing of all this.
_MAYBE = re.compile(
    r"hidden|display|visibility|opacity|height|width|hide|size|colou?r|background|left|top|indent|clip|scale",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"\"[^\"]*+\"|'[^']*+'")
_HIDDEN = re.compile(r"(?:^|[\s/])hidden(?=$|[\s/=])", re.IGNORECASE)  # HTML 6.1; an attribute needs no value
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_NOTHING = re.compile(r"[+-]?0*\.?0*(?:[a-z]+|%)?")
_LENGTH = re.compile(r"([+-]?\d*\.?\d+)(?:px|pt)?")
_CLIPPED = re.compile(r"rect\((?:0(?:px)?[, ]?|1px[, ]?){4}\)|inset\((?:50|100)%.*\)|circle\(0.*\)")
_WHITE = frozenset({"white", "#fff", "#ffffff", "#fefefe", "rgb(255,255,255)", "rgba(255,255,255,1)", "transparent"})
_SMALLEST = 1.0  # pixels or points of a letter that nobody can read
_FAR = -500.0  # pixels beyond the edge of any window


@dataclass(frozen=True, slots=True)
class Sight:
    """How an element and what is in it are seen. `gone`: not at all, whatever stands inside. `small` and `white` hold
    until an element inside says otherwise, None where this one says nothing. `background`: it has one of its own."""

    gone: bool = False
    small: bool | None = None
    white: bool | None = None
    background: bool = False


SEEN = Sight()


def sight(tag: Tag) -> Sight:
    """How the element that begins with this tag is seen."""
    if not _MAYBE.search(tag.source):
        return SEEN
    attributes = tag.attributes()
    style = _declarations(attributes.get("style", ""))
    color = style.get("color") or _squeezed(attributes.get("color", ""))
    ground = style.get("background-color") or style.get("background") or _squeezed(attributes.get("bgcolor", ""))
    same = bool(color) and color == ground
    is_marked = _HIDDEN.search(_QUOTED.sub('""', tag.source)) is not None and "display" not in style
    return Sight(
        gone=is_marked or same or _is_gone(style),
        small=_is_small(style["font-size"]) if "font-size" in style else None,
        white=color in _WHITE if color else None,
        background=(bool(ground) and ground not in _WHITE) or "background" in attributes,
    )


def _declarations(style: str) -> dict[str, str]:
    """The properties of a style and their values, in lower case and without blanks; the last of a name wins."""
    pairs = (one.partition(":") for one in _COMMENT.sub("", style).lower().split(";"))
    return {name.strip(): _squeezed(value).removesuffix("!important") for name, _, value in pairs}


def _squeezed(value: str) -> str:
    return "".join(value.lower().split())


def _is_gone(style: dict[str, str]) -> bool:
    is_cut = style.get("overflow", "").startswith("hidden")
    heights = [style[name] for name in ("height", "max-height", "width", "max-width") if name in style]
    return (
        style.get("display") == "none"
        or style.get("visibility") in ("hidden", "collapse")
        or style.get("mso-hide") == "all"
        or ("opacity" in style and _is_nothing(style["opacity"]))
        or (is_cut and any(map(_is_nothing, heights)))
        or any(_is_far(style[name]) for name in ("left", "top", "text-indent", "margin-left") if name in style)
        or _CLIPPED.fullmatch(style.get("clip", "") or style.get("clip-path", "")) is not None
        or style.get("transform", "").startswith("scale(0)")
    )


def _is_nothing(value: str) -> bool:
    return bool(value) and any(char == "0" for char in value) and _NOTHING.fullmatch(value) is not None


def _is_small(value: str) -> bool:
    length = _LENGTH.fullmatch(value)
    return _is_nothing(value) or (length is not None and float(length[1]) <= _SMALLEST)


def _is_far(value: str) -> bool:
    length = _LENGTH.fullmatch(value)
    return length is not None and float(length[1]) <= _FAR
