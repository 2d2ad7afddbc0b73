"""What a document may read, what it may not, and what the PDF file is."""

import base64
import io
import struct
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from pypdf import PdfReader

from erp.core import pdf
from erp.core.pdf import AssetFetcher, AssetRefused, PdfTooLarge, render_pdf


def picture(kind: str = "PNG") -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (8, 4), "navy").save(buffer, kind)
    return buffer.getvalue()


def reader(html: str, **assets: bytes) -> PdfReader:
    names = {name.replace("_", "."): content for name, content in assets.items()}
    return PdfReader(io.BytesIO(render_pdf(html, base_assets=names)))


def images(html: str, **assets: bytes) -> int:
    return sum(len(page.images) for page in reader(html, **assets).pages)


def huge_png(width: int, height: int) -> bytes:
    """A picture that says it is large, without its pixels."""
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", 13) + header + struct.pack(">I", zlib.crc32(header))
    return b"\x89PNG\r\n\x1a\n" + chunk + struct.pack(">I", 0) + b"IDAT" + b"\0" * 4


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP"])
def test_a_given_picture_is_shown(kind: str) -> None:
    assert images('<img src="asset:logo.png">', logo_png=picture(kind)) == 1


def test_asset_names_may_have_spaces_and_accents() -> None:
    html = '<img src="asset:caf%C3%A9%20noir.png">'
    found = PdfReader(io.BytesIO(render_pdf(html, base_assets={"café noir.png": picture()})))
    assert len(found.pages[0].images) == 1


def test_an_embedded_picture_is_shown() -> None:
    assert images(f'<img src="data:image/png;base64,{base64.b64encode(picture()).decode()}">') == 1


@pytest.mark.parametrize(
    "address",
    [
        "file:///etc/passwd",
        "FILE:///etc/passwd",
        "http://127.0.0.1/",
        "https://example.com/a.png",
        "ftp://127.0.0.1/a",
        "//127.0.0.1/a.png",
        "/etc/passwd",
        "asset:other.png",
        "asset:../../etc/passwd",
        "asset:///etc/passwd",
        "data:text/css,body{color:red}",
        "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg'/>",
        "data:image/png;base64,!",
        "data:image/png;base64,a",
        "data:",
        "javascript:alert(1)",
        "",
    ],
)
def test_every_other_address_is_refused(address: str) -> None:
    with pytest.raises(AssetRefused):
        AssetFetcher({"logo.png": picture()}).fetch(address)


@given(st.text(max_size=60))
@settings(max_examples=100)
def test_no_address_reads_more_than_the_assets(address: str) -> None:
    try:
        content = AssetFetcher({"logo.png": picture()}).fetch(address).read()
    except AssetRefused:
        return
    assert content == picture()


def test_a_hostile_document_embeds_nothing(tmp_path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("top secret words")
    html = f"""
      <link rel="attachment" href="{secret.as_uri()}"><link rel="attachment" href="asset:logo.png">
      <link rel="stylesheet" href="{secret.as_uri()}"><base href="file:///etc/">
      <style>@import "{secret.as_uri()}"; @font-face {{ font-family: x; src: url({secret.as_uri()}) }}
        body {{ background: url(http://127.0.0.1/); content: url({secret.as_uri()}) }}</style>
      <img src="{secret.as_uri()}"><img src="passwd"><img src="http://127.0.0.1/">
      <object data="{secret.as_uri()}"></object><embed src="{secret.as_uri()}">
      <iframe src="{secret.as_uri()}"></iframe>
      <svg><image href="{secret.as_uri()}"/><use href="{secret.as_uri()}#a"/></svg>
      <a rel="attachment" href="{secret.as_uri()}">link</a>"""
    file = render_pdf(html, base_assets={"logo.png": picture()})
    found = PdfReader(io.BytesIO(file))
    assert dict(found.attachments) == {}
    assert [list(page.images) for page in found.pages] == [[] for _page in found.pages]
    assert b"/EmbeddedFile" not in file
    assert "secret words" not in "".join(page.extract_text() for page in found.pages)


def test_a_picture_of_too_many_bytes_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "MAX_ASSET_BYTES", 10)
    assert images('<img src="asset:logo.png">', logo_png=picture()) == 0


def test_a_picture_of_too_many_pixels_is_refused_before_it_is_decoded() -> None:
    with pytest.raises(AssetRefused, match="pixels"):
        AssetFetcher({"a.png": huge_png(8000, 8000)}).fetch("asset:a.png")


def test_a_document_of_too_many_characters_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "MAX_HTML_CHARACTERS", 20)
    with pytest.raises(PdfTooLarge):
        render_pdf("<p>twenty-one characters</p>")


def test_the_file_has_a_title_a_language_tags_and_embedded_fonts() -> None:
    found = reader('<html lang="fr"><head><title>Facture FA-1</title></head><body><h1>Été</h1></body></html>')
    root = found.trailer["/Root"]
    assert found.metadata is not None
    assert found.metadata.title == "Facture FA-1"
    assert root["/Lang"] == "fr"
    assert root["/MarkInfo"]["/Marked"]
    assert "/StructTreeRoot" in root
    fonts = found.pages[0]["/Resources"]["/Font"].values()
    descriptors = [
        font["/DescendantFonts"][0].get_object()["/FontDescriptor"] for font in map(_loaded, fonts)
    ]
    assert descriptors
    assert all("/FontFile2" in one or "/FontFile3" in one for one in map(_loaded, descriptors))


def _loaded(found):
    return found.get_object()


def test_the_file_declares_pdf_a_3() -> None:
    metadata = render_pdf("<p>x</p>")
    xmp = PdfReader(io.BytesIO(metadata)).trailer["/Root"]["/Metadata"].get_data().decode()
    assert 'pdfaid:part="3"' in xmp or "<pdfaid:part>3<" in xmp
    assert "/OutputIntents" in PdfReader(io.BytesIO(metadata)).trailer["/Root"]


def test_the_same_document_gives_the_same_bytes() -> None:
    html, assets = '<html lang="en"><p>x</p><img src="asset:a">', {"a": picture()}
    assert render_pdf(html, base_assets=assets) == render_pdf(html, base_assets=dict(assets))
    assert render_pdf(html + " ") != render_pdf(html)
