"""Which files may be read: those inside the client's folder and the configured roots."""

import glob
import os
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path

from crm_eval_lib.errors import ConfigError

GLOB_CHARACTERS = "*?["


@dataclass(frozen=True)
class Area:
    """The folders a client may read, symbolic links resolved.

    Parameters
    ----------
    folder : Path
        The client's folder; relative paths start here.
    roots : tuple of Path
        Further folders of ``roots:`` in client.yml.
    """

    folder: Path
    roots: tuple[Path, ...] = ()

    @classmethod
    def of(cls, folder: Path, roots: Iterable[str] = ()) -> "Area":
        """Resolve the client's folder and its roots (relative ones start at the folder)."""
        base = folder.resolve()
        found = []
        for root in roots:
            path = (base / Path(root).expanduser()).resolve()
            if not path.is_dir():
                raise ConfigError(
                    f"{folder.name}/client.yml, roots: {root!r} is not a folder. "
                    "Name an existing folder, absolute or relative to the client's."
                )
            found.append(path)
        return cls(base, tuple(found))

    def allows(self, path: Path) -> bool:
        """Say whether a file lies inside, wherever links and ``..`` lead."""
        real = path.resolve()
        return any(real.is_relative_to(root) for root in (self.folder, *self.roots))

    def find(self, name: str) -> list[Path]:
        """Return the files a name or pattern means, links resolved; the client's folder first."""
        wanted = os.path.expanduser(name)
        for base in (self.folder, *self.roots):
            literal = base / wanted
            if literal.is_file():
                return [literal.resolve()]
        for base in (self.folder, *self.roots):
            matches = _matches(base, wanted)
            if matches:
                return matches
        return []

    def refuses(self, name: str) -> bool:
        """Say whether a name leads out of the area, whether or not a file is there."""
        if "://" in name:
            return True
        wanted = os.path.expanduser(name)
        found = self.find(name)
        if found:
            return not all(self.allows(path) for path in found)
        fixed = _before_pattern(wanted)
        return not any(self.allows(base / fixed) for base in (self.folder, *self.roots))

    def shown(self, path: Path) -> str:
        """Return a path relative to the client's folder, with forward slashes."""
        base = path.resolve() if not path.is_relative_to(self.folder) else path
        try:
            return Path(os.path.relpath(base, self.folder)).as_posix()
        except ValueError:  # another drive on Windows has no relative path
            return base.as_posix()

    @property
    def allowed(self) -> str:
        """Name the folders in a message."""
        more = "".join(f", {root.as_posix()}" for root in self.roots)
        return f"files inside the client's folder{more or ' (roots: none)'}"


def checksum(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as stream:
        return file_digest(stream, "sha256").hexdigest()


def _matches(base: Path, pattern: str) -> list[Path]:
    if not any(character in pattern for character in GLOB_CHARACTERS):
        return []
    start = os.path.join(glob.escape(str(base)), pattern)
    files = [Path(item) for item in glob.glob(start, recursive=True)]
    return sorted({item.resolve() for item in files if item.is_file()})


def _before_pattern(name: str) -> str:
    parts = Path(name).parts
    fixed = [part for part in parts if not any(c in part for c in GLOB_CHARACTERS)]
    return os.path.join(*fixed) if fixed else ""
