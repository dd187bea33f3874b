"""What of HTML is seen and what is not: hidden words are none, and no visible ones are lost."""

from __future__ import annotations

import pytest

from mailtix.parsing.render import render


def seen(html: str) -> str:
    return " ".join(line.text for line in render(html) if line.text)


@pytest.mark.parametrize(
    "html",
    [
        '<td style="font-size:0"><p style="font-size:14px">Hello</p></td>',
        '<td bgcolor="#000080"><font color="white">Hello</font></td>',
        '<div style="background:#036"><p style="color:#fff">Hello</p></div>',
        '<div background="sky.png"><p style="color:#fff">Hello</p></div>',
        '<style>.dark{background:#000}</style><div class="dark"><p style="color:#fff">Hello</p></div>',
        '<div style="color:#fff"><p style="color:#000">Hello</p></div>',
        '<div style="height:0">Hello</div>',
        '<div style="opacity:0.9;font-size:0.9em;left:-5px;width:0.5em;overflow:hidden">Hello</div>',
        '<p title="hidden" style="color:red;background-color:white">Hello</p>',
        '<p data-hidden="true">Hello</p>',
        '<body style="display:none"><p>Hello</p></body>',
    ],
)
def test_what_is_seen_is_read(html: str) -> None:
    assert seen(html) == "Hello"


@pytest.mark.parametrize(
    "attributes",
    [
        'style="display:none"',
        "style='DISPLAY: None !important'",
        'style="color:red;display:/* x */none"',
        'style="font-size:1px"',
        'style="font-size: 0.0em"',
        'style="color:#036;background-color:#036"',
        'style="color:#FFFFFF"',
        'style="clip:rect(0,0,0,0)"',
        'style="transform:scale(0)"',
        'style="text-indent:-9999px"',
        'style="max-height:0px;overflow:hidden"',
        "hidden",
        'hidden="hidden"',
        'class="x" hidden',
    ],
)
def test_what_is_not_seen_is_no_text(attributes: str) -> None:
    assert seen(f"<p>Before</p><div {attributes}>#close<img alt='#close'></div><p>after</p>") == "Before after"


def test_what_is_seen_again_inside_of_what_is_white_is_read() -> None:
    assert seen('<div style="color:white">no<span style="background:navy">yes</span>no</div>') == "yes"
