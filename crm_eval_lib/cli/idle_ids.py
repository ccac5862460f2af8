"""Anchors and weights of client.yml that will score nothing, seen before anything is run."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from crm_eval_lib.errors import nearest
from crm_eval_lib.scoring import numbers

PARTS = ("anchors", "indicator_weights")


def idle_ids(config: Any, codes: Mapping[str, str]) -> list[str]:
    """Say which ids that client.yml scores no notebook of the client names, with the nearest.

    Parameters
    ----------
    config : ClientConfig
        Its ``scoring``: ids of standard factors without an own notebook were checked on reading.
    codes : mapping of str to str
        Code of the client's own notebooks by factor.

    A notebook that makes its ids of parts, or leaves them to a module, can only be judged by a
    run; the scorecard then says what nobody published.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> scoring = SimpleNamespace(anchors={"adoption.activ_share": (0.4, 0.9)})
    >>> code = 'measured("adoption.active_share", 0.75, "ratio")'
    >>> idle_ids(SimpleNamespace(scoring=scoring), {"adoption": code})[0].split("; ")[1]
    "did you mean 'adoption.active_share'?"
    """
    scoring = getattr(config, "scoring", None)
    scored = {name: part for part in reversed(PARTS) for name in getattr(scoring, part, None) or {}}
    own = sorted(name for name in scored if name not in numbers()["indicators"])
    found = []
    for name in own:
        factor = _factor(name)
        if factor not in codes:
            found.append(_said(scored[name], name, _no_notebook(factor, codes)))
            continue
        known = named_ids(codes[factor], factor)
        if known and name.partition("[")[0] not in known:
            remedy = f"the notebook of this factor does not name it; {nearest(name, known)}"
            found.append(_said(scored[name], name, remedy))
    return found


def named_ids(code: str, factor: str) -> tuple[str, ...]:
    """Return the ids of a factor that code names; none where it makes ids of parts.

    >>> named_ids('Step("own.a", (measured("own.share", 1, "ratio"),))', "own")
    ('own.share',)
    >>> named_ids('measured(f"own.{name}", 1, "ratio"), measured("own.share", 1, "ratio")', "own")
    ()
    """
    begun = rf"""["']{re.escape(factor)}\."""
    if re.search(rf"""{begun}(?:["'%{{]|[a-z0-9_.]*[{{%])""", code):
        return ()
    steps = re.findall(rf"""Step\(\s*["']({re.escape(factor)}\.[a-z0-9_.]+)""", code)
    every = re.findall(rf"""["']({re.escape(factor)}\.[a-z0-9_.]+)""", code)
    ids = [name for name in every if every.count(name) > steps.count(name)]
    return tuple(dict.fromkeys(ids))


def codes_of(notebooks: Iterable[Any]) -> dict[str, str]:
    """Return the code of the client's own notebooks by factor."""
    import nbformat

    return {
        item.factor: "\n".join(
            cell.source
            for cell in nbformat.read(item.path, as_version=4).cells
            if cell.cell_type == "code"
        )
        for item in notebooks
        if item.own
    }


def _factor(name: str) -> str:
    return name.partition(".")[0]


def _said(part: str, name: str, remedy: str) -> str:
    place = f"client.yml, scoring: {part}: {name}"
    return f"{place} – what nobody publishes counts as missing, and {remedy}"


def _no_notebook(factor: str, codes: Mapping[str, str]) -> str:
    near = f" ({nearest(factor, codes)})" if codes else ""
    return f"the client has no notebook NN_{factor}.ipynb that could publish it{near}"
