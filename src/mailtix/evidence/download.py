"""A file from the web, with limits: how large, how long, and from which kinds of addresses."""

from __future__ import annotations

import time
import urllib.error
import urllib.request
from http.client import HTTPException
from urllib.parse import urlsplit

_CHUNK = 64 * 1024


class NotDownloaded(Exception):
    """The text says what went wrong, without the address."""


def download(url: str, limit: int, seconds: float) -> bytes:
    """What the address (http: or https:, also after redirects) holds: at most `limit` bytes, within about `seconds`.
    Raises NotDownloaded."""
    end = time.monotonic() + seconds
    try:
        request = urllib.request.Request(url, headers={"User-Agent": "mailtix", "Accept": "text/calendar, */*"})
        with _opener().open(request, timeout=seconds) as response:
            data = b""
            while chunk := response.read1(_CHUNK):
                data += chunk
                if len(data) > limit:
                    raise NotDownloaded(f"it is larger than {limit:,} bytes")
                if time.monotonic() > end:
                    raise NotDownloaded(f"it took longer than {seconds:g} seconds")
            if response.length:  # what was announced and did not come
                raise NotDownloaded("the connection broke off")
            return data
    except urllib.error.HTTPError as error:
        raise NotDownloaded(f"the server says {error.code} {error.reason}") from error
    except (OSError, HTTPException, ValueError) as error:  # URLError is an OSError; ValueError: a broken address
        raise NotDownloaded(str(getattr(error, "reason", "")) or str(error) or type(error).__name__) from error


class _OnlyWeb(urllib.request.HTTPRedirectHandler):
    """A server may send us on, but only to the web: not to our files, and not to FTP."""

    def redirect_request(self, req, fp, code, msg, headers, newurl):  # type: ignore[no-untyped-def]
        if urlsplit(newurl).scheme not in ("http", "https"):
            raise NotDownloaded("the server sends us to an address that is not on the web")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _opener() -> urllib.request.OpenerDirector:
    """Knows http and https, and nothing else (urllib's own would also read files and FTP)."""
    opener = urllib.request.OpenerDirector()
    handlers: tuple[urllib.request.BaseHandler, ...] = (
        urllib.request.ProxyHandler(),
        urllib.request.UnknownHandler(),
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPErrorProcessor(),
        _OnlyWeb(),
    )
    for handler in handlers:
        opener.add_handler(handler)
    return opener
