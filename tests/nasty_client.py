"""A demo client whose every text is a string that breaks programs."""

import csv
import json
import re
from collections.abc import Sequence
from itertools import cycle
from pathlib import Path

from crm_eval_lib.tables import TABLES

LONG = 10_000  # characters of a cell nobody meant to be that long
NASTY = (
    "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "<svg/onload=alert(1)>",
    '=HYPERLINK("http://evil.example","x")', "+1+1", "-2+3", "@SUM(1)", "＝1+1", "'; DROP TABLE x",
    "price\u202egnp", "\u2067right\u2069", "zero\u200bwidth",
    "\U0001f600\U0001f469\u200d\U0001f467",
    r"$\frac{1}{0}$ and $x", "{n} {0} %s {{x}}", "</title></style><b>x</b>&amp;&#60;i&#62;",
    "[x](javascript:alert(1)) ![y](http://evil.example/y.png)", "```mermaid\ngraph TD", "# Cost",
    "x" * LONG, "\u6c49" * LONG, "Z\u0351\u036b\u0343\u036a", "\ufdfd", "喆镕珺玥堃昇囍璟翀",
)  # fmt: skip
# Texts that mean something to the program: a table, an indicator, a rule, a currency.
MEANT = {"currency", "table", "indicator_id", "finding", "state", "unit", "channel"}
# Texts that stand alone; others are compared with each other, so that equal ones stay equal.
ALONE = {"description", "title", "name", "text", "risk", "evidence", "reason", "decision",
         "decision_reason", "deviation_found", "vendor", "supplier", "advice", "response",
         "source_document", "not_found_reason", "override_reason"}  # fmt: skip
LISTS = ("end_activities", "touch_activities")


def nasty_client(clients: Path, demos: Sequence[Path], strings: Sequence[str] = NASTY) -> Path:
    """Write a client with the tables of demo clients (the first's win) and these strings."""
    folder = clients / "nasty"
    folder.mkdir(parents=True)
    kept = {path.name: path for demo in reversed(demos) for path in demo.glob("*.csv")}
    spread = _Spread(strings)
    for name, path in sorted(kept.items()):
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
        home = path.parent == demos[0]
        columns = {column.name: column.kind for column in TABLES[path.stem].columns}
        for row in rows:
            if not home and "currency" in row:
                row["currency"] = ""  # that of the client
            for key, value in row.items():
                row[key] = spread(key, columns.get(key, "text"), value)
        with (folder / name).open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]), quoting=csv.QUOTE_ALL)
            writer.writeheader()
            writer.writerows(rows)
    (folder / "client.yml").write_text(_settings(demos[0], strings), encoding="utf-8")
    words = "\n\n".join(strings)
    (folder / "commentary.md").write_text(f"{words}\n\n# Cost\n\n{words}\n", encoding="utf-8")
    return folder


class _Spread:
    """Puts strings into cells, the next one each time."""

    def __init__(self, strings: Sequence[str]) -> None:
        self.strings = cycle([text for text in strings if text.strip()])  # blanks are no text
        self.twins: dict[str, str] = {}

    def __call__(self, column: str, kind: str, value: str) -> str:
        if not value or kind not in ("text", "id") or column in MEANT:
            return value
        if column in LISTS:
            return ";".join(self._twin(part) for part in value.split(";"))
        if kind == "text" and column in ALONE:
            return next(self.strings)
        return self._twin(value)

    def _twin(self, value: str) -> str:
        if value not in self.twins:
            text = re.sub(r"[;\n]", ",", next(self.strings))
            self.twins[value] = f"{text} {value}"
        return self.twins[value]


def _settings(demo: Path, strings: Sequence[str]) -> str:
    """Return the demo's client.yml, its free texts replaced."""
    text = (demo / "client.yml").read_text(encoding="utf-8")
    some = [string for string in strings if 8 < len(string) < 80 and string.isprintable()]
    text = re.sub(r"^client: .*$", "client: nasty", text, flags=re.MULTILINE)
    for name, value in zip(
        ("name", "project", "prepared_by", "decision_sought"), cycle(some), strict=False
    ):
        line = f"{name}: {json.dumps(value, ensure_ascii=False)}"
        text = re.sub(rf"\b{name}: .*$", lambda _, line=line: line, text, flags=re.MULTILINE)
    more = ("reviewed_by", "consultancy", "confidentiality", "countersigned_by")
    pairs = zip(more, cycle(some[3:]), strict=False)
    lines = [f"  {name}: {json.dumps(value)}\n" for name, value in pairs]
    return re.sub(r"^report:\n", lambda _: "report:\n" + "".join(lines), text, flags=re.MULTILINE)
