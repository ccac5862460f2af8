"""The consultancy's logo on the first sheet: a picture of the client's folder, held by the page."""

import base64
from io import BytesIO
from pathlib import Path
from warnings import catch_warnings

from lxml import etree
from markupsafe import Markup

from crm_eval_lib.errors import ConfigError
from crm_eval_lib.sources.paths import Area

LARGEST_BYTES = 100_000  # a page stays below 1 MB, its drawings and font included
_KINDS = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}
_FORMATS = ("PNG", "JPEG")
LARGEST_SIDE = 4_000  # pixels; a few bytes of one colour can unfold to gigabytes in the browser
_SVG_ROOT = "{http://www.w3.org/2000/svg}svg"


def logo_of(folder: Path, name: str) -> Markup | None:
    """Return a picture as an address that holds it; None where no name is given.

    An SVG is shown as a picture, in which browsers run no script and load nothing.

    Parameters
    ----------
    folder : Path
        The client's folder; nothing outside it is read.
    name : str
        ``report.logo`` of client.yml.

    Raises
    ------
    ConfigError
        The file is missing, outside the folder, too large, broken, or neither PNG, JPEG nor SVG.
    """
    if not name:
        return None
    path = folder / name
    said = f"{folder.name}/client.yml, report.logo: {name!r}"
    if not path.is_file() or not Area.of(folder).allows(path):
        raise ConfigError(f"{said} is not a file of the client's folder. Put the picture there.")
    raw = path.read_bytes()
    if len(raw) > LARGEST_BYTES:
        raise ConfigError(
            f"{said} has {len(raw):,} bytes; the page takes {LARGEST_BYTES:,}. Save it smaller."
        )
    kind = next((kind for head, kind in _KINDS.items() if raw.startswith(head)), None)
    if kind:
        _refuse_pixels(said, raw)
    elif not (kind := _drawing(raw)):
        raise ConfigError(f"{said} is neither PNG, JPEG nor SVG. Save the picture as one of them.")
    return Markup(f"data:{kind};base64,{base64.b64encode(raw).decode('ascii')}")


def _refuse_pixels(said: str, raw: bytes) -> None:
    """Refuse a picture that is too large, or of which pixels cannot be read: it may be cut off."""
    from PIL import Image  # few clients have a picture

    too_large = f"the page takes {LARGEST_SIDE:,} a side. Save it smaller."
    try:
        with catch_warnings(action="ignore"), Image.open(BytesIO(raw), formats=_FORMATS) as picture:
            wide, high = picture.size
            if max(wide, high) > LARGEST_SIDE:
                raise ConfigError(f"{said} has {wide:,} × {high:,} pixels; {too_large}")
            picture.load()
    except Image.DecompressionBombError as error:
        raise ConfigError(f"{said} has hundreds of millions of pixels; {too_large}") from error
    except (OSError, SyntaxError, ValueError) as error:
        raise ConfigError(
            f"{said} is cut off or damaged: not all of it can be read. Put the whole picture there."
        ) from error


def _drawing(raw: bytes) -> str | None:
    """Take a drawing that a browser shows: well-formed, and an SVG from its root on."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    try:
        root = etree.fromstring(raw, parser)
    except etree.XMLSyntaxError:
        return None
    return "image/svg+xml" if root.tag == _SVG_ROOT else None
