"""What a finding cites beside its indicator: the figure that shows it, the side that must act."""

from collections.abc import Mapping
from typing import Any

from crm_eval_lib.results import Finding
from crm_eval_lib.scoring import numbers


def family(finding_id: str) -> str | None:
    """Return the type of a finding that ``scoring.toml`` knows, by its id; None for others.

    >>> family("problems.open_severe[P1]"), family("cost.unapproved.changes"), family("own.thing")
    ('problems.open_severe', 'cost.unapproved', None)
    """
    base = finding_id.partition("[")[0]
    known = (name for name in numbers()["findings"] if f"{base}.".startswith(f"{name}."))
    return max(known, key=len, default=None)


def side_of(finding: Finding) -> str | None:
    """Return the side that must act: the finding's own word, else by its type."""
    return finding.side or _entry(finding).get("side")


def figure_of(finding: Finding) -> str | None:
    """Return the id of the figure that shows what the finding says."""
    return _entry(finding).get("figure")


def _entry(finding: Finding) -> Mapping[str, Any]:
    name = family(finding.id)
    return numbers()["findings"][name] if name else {}
