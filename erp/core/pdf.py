"""HTML to PDF, closed to the outside: a document reads nothing but the pictures it was given.

WeasyPrint would otherwise fetch whatever a style, an image or an attachment link names: files of the server,
machines of the local network. Here every address passes through `AssetFetcher`, which knows two schemes.
"""

from __future__ import annotations

import base64
import hashlib
import io
import urllib.parse
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from PIL import Image
from weasyprint import HTML
from weasyprint.css import ColorProfile
from weasyprint.urls import URLFetcher, URLFetcherResponse

__all__ = ["AssetFetcher", "AssetRefused", "PdfTooLarge", "render_pdf"]

MAX_HTML_CHARACTERS = 10_000_000
MAX_ASSET_BYTES = 20_000_000
MAX_PIXELS = 40_000_000

_FORMATS = ("PNG", "JPEG", "GIF", "WEBP")
_NO_ASSETS: Mapping[str, bytes] = MappingProxyType({})
#: Pictures finer than this many dots per inch are reduced: paper does not show more.
_DPI = 220
_SRGB = "sRGB"


class AssetRefused(ValueError):
    """The document names something that it may not read; it is rendered without it."""


class PdfTooLarge(ValueError):
    """The HTML exceeds `MAX_HTML_CHARACTERS`."""


class AssetFetcher(URLFetcher):
    """Answers `asset:<name>` from `assets` and `data:` pictures; refuses every other address.

    Both must be PNG, JPEG, GIF or WebP of at most `MAX_ASSET_BYTES` and `MAX_PIXELS`: no SVG, no style sheet,
    nothing that could name a further address.
    """

    def __init__(self, assets: Mapping[str, bytes] = _NO_ASSETS) -> None:
        super().__init__(allowed_protocols={"asset", "data"}, allow_redirects=False)
        self._assets = assets

    def fetch(self, url: str, headers: object = None) -> URLFetcherResponse:
        """The picture at `url`. Raises AssetRefused, which WeasyPrint logs before going on without it."""
        scheme, _, rest = url.partition(":")
        if scheme.lower() == "asset":
            content = self._asset(rest)
        elif scheme.lower() == "data":
            content = _embedded(rest)
        else:
            raise AssetRefused("A document may only show its own pictures.")
        return URLFetcherResponse(url, content, {"Content-Type": _picture_type(content)})

    def _asset(self, quoted: str) -> bytes:
        try:
            return self._assets[urllib.parse.unquote(quoted)]
        except KeyError as error:
            raise AssetRefused("The document has no picture of this name.") from error


def render_pdf(html: str, *, base_assets: Mapping[str, bytes] = _NO_ASSETS) -> bytes:
    """`html` as a tagged PDF/A-3 file; the same input gives the same bytes on the same machine.

    `base_assets` are the pictures that the document shows as `asset:<name>`. Language and title of the file
    are those of `<html lang>` and `<title>`. Attachments asked for by the HTML are dropped.
    Raises PdfTooLarge.
    """
    if len(html) > MAX_HTML_CHARACTERS:
        raise PdfTooLarge(f"{len(html)} characters of HTML are more than {MAX_HTML_CHARACTERS}.")
    options = {"pdf_variant": "pdf/a-3u", "pdf_tags": True, "output_intent": _SRGB, "dpi": _DPI}
    options["pdf_identifier"] = _identifier(html, base_assets)
    source = HTML(string=html, url_fetcher=AssetFetcher(base_assets))
    document = source.render(color_profiles={_SRGB: _srgb_profile()}, **options)
    document.metadata.attachments = []
    pdf: bytes = document.write_pdf(**options)
    return pdf


def _srgb_profile() -> ColorProfile:
    """The colours of the file. Passed by hand: WeasyPrint opens its own copy and never closes it."""
    return ColorProfile(
        io.BytesIO(_srgb_file()), "sRGB2014.icc", "relative-colorimetric", (["r"], ["g"], ["b"])
    )


@cache
def _srgb_file() -> bytes:
    return files("weasyprint.pdf").joinpath("sRGB2014.icc").read_bytes()


def _embedded(rest: str) -> bytes:
    """The content of a data URI, of which `rest` is what follows the scheme."""
    head, comma, body = rest.partition(",")
    if not comma or len(body) > 2 * MAX_ASSET_BYTES:
        raise AssetRefused("This embedded picture is not complete, or too large.")
    content = urllib.parse.unquote_to_bytes(body)
    if not head.lower().endswith(";base64"):
        return content
    try:
        return base64.b64decode(content)
    except ValueError as error:
        raise AssetRefused("This embedded picture is not proper base64.") from error


def _picture_type(content: bytes) -> str:
    """The media type of a picture, told by its content. Raises AssetRefused."""
    if len(content) > MAX_ASSET_BYTES:
        raise AssetRefused("The picture is too large.")
    try:
        with Image.open(io.BytesIO(content), formats=_FORMATS) as image:
            pixels, media_type = image.width * image.height, image.get_format_mimetype()
    except (OSError, ValueError, Image.DecompressionBombError) as error:
        raise AssetRefused("The picture is not a PNG, JPEG, GIF or WebP file.") from error
    if pixels > MAX_PIXELS:
        raise AssetRefused("The picture has too many pixels.")
    return str(media_type)


def _identifier(html: str, assets: Mapping[str, bytes]) -> bytes:
    """What makes two files of one content alike: a digest in place of a random number."""
    digest = hashlib.sha256(html.encode())
    for name in sorted(assets):
        digest.update(name.encode() + b"\0" + hashlib.sha256(assets[name]).digest())
    return digest.hexdigest()[:32].encode()
