"""The consultancy's logo: a picture of the client's folder, or a sentence on what is wrong."""

import base64
import io
import re

import pytest
from PIL import Image
from report_sample import config, results, write_notebooks
from test_report_browser import browser, opened  # noqa: F401

from crm_eval_lib.errors import ConfigError
from crm_eval_lib.report import render_page
from crm_eval_lib.sources.logo import LARGEST_BYTES, logo_of


def picture(kind, width=30, height=20):
    """Return a picture of stripes as a file."""
    made = Image.new("L", (width, height))
    made.putdata([place % 251 for place in range(width * height)])
    made.save(file := io.BytesIO(), kind)
    return file.getvalue()


PNG, JPEG = picture("PNG"), picture("JPEG")
SVG = b"""<svg xmlns="http://www.w3.org/2000/svg" width="90" height="30">
<rect width="90" height="30"/><script>document.title = "ran"</script>
<image href="http://evil.example/x.png"/></svg>"""


@pytest.mark.parametrize(("name", "raw", "kind"), [
    ("logo.png", PNG, "image/png"), ("logo.jpg", JPEG, "image/jpeg"),
    ("logo.svg", SVG, "image/svg+xml"),
    ("logo.svg", b"<?xml version='1.0'?><!--" + b"x" * 600 + b"-->" + SVG, "image/svg+xml"),
])  # fmt: skip
def test_a_picture_is_held_by_its_address(tmp_path, name, raw, kind):
    (tmp_path / name).write_bytes(raw)
    head, _, body = logo_of(tmp_path, name).partition(",")
    assert head == f"data:{kind};base64" and base64.b64decode(body) == raw
    assert logo_of(tmp_path, "") is None


@pytest.mark.parametrize(("name", "raw", "said"), [
    ("logo.png", None, "is not a file of the client's folder"),
    ("../logo.png", PNG, "is not a file of the client's folder"),
    ("logo.png", b"GIF89a", "is neither PNG, JPEG nor SVG"),
    ("logo.svg", SVG[:-9], "is neither PNG, JPEG nor SVG"),  # cut off
    ("logo.svg", b"<html><body>" + SVG + b"</body></html>", "is neither PNG, JPEG nor SVG"),
    ("logo.png", PNG[:-30], "is cut off or damaged: not all of it can be read"),
    ("logo.jpg", JPEG[: len(JPEG) // 2], "is cut off or damaged: not all of it can be read"),
    ("logo.png", PNG.replace(b"IDAT", b"IDAT\0", 1), "is cut off or damaged"),
    ("logo.png", picture("PNG", 4001, 1), "4,001 × 1 pixels; the page takes 4,000"),
    ("logo.jpg", picture("JPEG", 1, 4001), "1 × 4,001 pixels; the page takes 4,000"),
    ("logo.png", PNG + bytes(LARGEST_BYTES), "Save it smaller"),
])  # fmt: skip
def test_anything_else_is_refused_with_the_remedy(tmp_path, name, raw, said):
    folder = tmp_path / "acme"
    folder.mkdir()
    if raw is not None:
        (folder / name).write_bytes(raw)
    with pytest.raises(ConfigError, match=said):
        logo_of(folder, name)


def page_with_logo(folder):
    (folder / "logo.svg").write_bytes(SVG)
    text = render_page(notebooks=write_notebooks(folder), results=results(), lang="en",
                       config=config(), logo=logo_of(folder, "logo.svg"))  # fmt: skip
    (folder / "report.html").write_text(text, encoding="utf-8")
    return text


def test_the_logo_stands_on_the_first_sheet_with_words(tmp_path):
    (image,) = re.findall(r'<img class="logo"[^>]*>', page_with_logo(tmp_path))
    assert 'alt="' in image and 'alt=""' not in image


def test_a_drawing_with_a_script_runs_nothing_and_asks_for_nothing(browser, tmp_path):  # noqa: F811
    page_with_logo(tmp_path)
    page, seen = opened(browser, tmp_path / "report.html", {"width": 1280, "height": 900})
    assert page.title() != "ran" and seen["messages"] == []
    assert not [url for url in seen["requests"] if url.startswith("http")]
    assert page.eval_on_selector("img.logo", "image => image.naturalWidth") == 90
    page.context.close()
