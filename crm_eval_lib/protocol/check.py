"""Whether the report keeps to what was fixed beforehand, and what the verdict would have been."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

import pandas as pd

from crm_eval_lib.errors import CrmEvalError
from crm_eval_lib.protocol.compare import FILLED, deviations, differences
from crm_eval_lib.protocol.record import Protocol, ProtocolError, known_before, read_protocol, short
from crm_eval_lib.protocol.settings import DESIGN_TABLES, settings_of
from crm_eval_lib.protocol.verdicts import NOT_AGAIN, verdict_under
from crm_eval_lib.protocol.wording import take_home, verdict_row, verdict_words
from crm_eval_lib.results import Caveat, FactorResult, Message, Step
from crm_eval_lib.scorecard.card import Card
from crm_eval_lib.scorecard.publish import language_of, spoken
from crm_eval_lib.scoring import option
from crm_eval_lib.text import has

DAY, MINUTE = 10, 16  # characters of an ISO moment up to its day, and up to its minute
NONE, BY_HAND, UNREADABLE, EDITED = "none", "by_hand", "unreadable", "edited"
KEPT, LATE, SAME, DIFFERS, UNKNOWN = "kept", "kept_late", "same", "differs", "unknown"
_WITH_TOTAL, _BOUNDS = ("score", "low", "high", "band", "pass_probability"), ("worst", "best")
_NUMBERS = ("score", "assessed_score", "low", "high", "bounds", "band", "p_pass", "capped_by")


@dataclass(frozen=True, eq=False)
class _Version:
    """One version of the protocol against the present settings."""

    record: Mapping[str, Any]
    table: pd.DataFrame
    edited: bool
    card: Card | None
    failed: str = ""

    @property
    def day(self) -> str:
        return self.record["frozen_at"][:DAY]

    @property
    def deviating(self) -> pd.DataFrame:
        return deviations(self.table)

    def parts(self, kind: str = "") -> list[str]:
        rows = self.table[self.table["kind"] == kind] if kind else self.deviating
        return list(dict.fromkeys(rows["part"]))


@dataclass(frozen=True)
class Check:
    """What `against_protocol` found: the step to show, and its plain form for results.json."""

    step: Step
    record: dict[str, Any] | None = None

    def to_dict(self) -> dict[str, Any] | None:
        """Return plain JSON types; None where no protocol was fixed."""
        return self.record


@dataclass(frozen=True)
class _Checked:
    protocol: Protocol
    versions: tuple[_Version, ...]
    card: Card
    edited: tuple[str, ...] = field(default=())

    @property
    def binding(self) -> _Version:
        place = self.protocol.records.index(self.protocol.binding)
        return self.versions[place]

    @property
    def state(self) -> str:
        if self.binding.edited:
            return EDITED
        if self.binding.deviating.empty:
            return LATE if known_before(self.binding.record) else KEPT
        if self.binding.card is None:
            return UNKNOWN
        return SAME if take_home(self.binding.card) == take_home(self.card) else DIFFERS


def against_protocol(
    card: Card, results: Mapping[str, FactorResult], run_dir: str | Path = ""
) -> Check:
    """Compare the settings of this report with its protocol, the verdict under both.

    Parameters
    ----------
    card : Card
        The present verdict, with its client.
    results : mapping of str to FactorResult
        What the factors published, to score it again.
    run_dir : path
        The run's folder, to which protocol.json was carried; empty when run by hand.

    Returns
    -------
    Check
        Its step says whether the settings are those agreed before the figures were known; table:
        one row per setting that differs. Its record goes into ``results.json``.

    Examples
    --------
    >>> from crm_eval_lib.scorecard import score
    >>> against_protocol(score([]), {}).to_dict() is None
    True
    """
    client = option(card.client, "id", default="")
    try:
        protocol = read_protocol(run_dir) if run_dir else None
    except ProtocolError as error:
        why = Message(f"protocol.unreadable.{error.reason}", {})
        return Check(_bare(UNREADABLE, {"why": why}), {"state": UNREADABLE, "reason": error.reason})
    if protocol is None:
        return Check(_bare(NONE if run_dir else BY_HAND, {"client": client}))
    found = _checked(protocol, card, results)
    return Check(_step(found), _record(found))


def _bare(key: str, slots: Mapping[str, Any]) -> Step:
    return Step("protocol.check", sentence=Message(f"protocol.sentence.{key}", slots))


def _checked(protocol: Protocol, card: Card, results: Mapping[str, FactorResult]) -> _Checked:
    tables = option(card.client, "tables", default={})
    design = {name: tables[name] if name in list(tables) else None for name in DESIGN_TABLES}
    now = settings_of(card.client, design)
    told = (protocol.binding, protocol.records[-1])
    versions = tuple(
        _version(record, now, card, results if record in told else None)
        for record in protocol.records
    )
    return _Checked(protocol, versions, card, protocol.edited())


def _version(
    record: Mapping[str, Any],
    now: Mapping[str, Any],
    card: Card,
    results: Mapping[str, FactorResult] | None,
) -> _Version:
    """Compare with one version; without results its verdict is not asked for."""
    wrong = set(Protocol((record,)).edited()) - {"earlier"}
    kept = {part: value for part, value in record["settings"].items() if part not in wrong}
    table = differences(kept, {part: now[part] for part in now if part not in wrong})
    changed = list(dict.fromkeys(deviations(table)["part"]))
    if wrong or not changed or results is None:
        return _Version(record, table, bool(wrong), None if wrong or changed else card)
    try:
        under = verdict_under(kept, card, results, changed=changed)
    except (CrmEvalError, ValueError) as error:  # said in a caveat
        return _Version(record, table, False, None, str(error).splitlines()[0])
    return _Version(record, table, False, under)


def _step(found: _Checked) -> Step:
    binding = found.binding
    slots = {
        "day": binding.day,
        "hash": short(binding.record["sha256"]),
        "n": len(binding.deviating),
        "parts": _parts(found.edited if binding.edited else binding.parts()),
        "now": verdict_words(found.card),
        "then": verdict_words(binding.card) if binding.card else None,
    }
    rows = [v.table.assign(fixed_on=v.day) for v in found.versions]
    table = pd.concat(rows, ignore_index=True)
    table["part"] = _parts(table["part"])
    table["kind"] = [Message(f"protocol.label.{kind}", {}) for kind in table["kind"]]
    names = ["fixed_on", "part", "item", "fixed", "now", "kind"]
    tables = {"verdicts": _verdicts(found), "versions": _versions(found)}
    return Step(
        "protocol.check",
        table=table[names] if len(table) else None,
        sentence=Message(f"protocol.sentence.{found.state}", slots),
        caveats=tuple(Caveat(message) for message in _caveats(found)),
        tables=tables,
    )


def _caveats(found: _Checked) -> list[Message]:
    """Say what weakens the protocol, and what of it could not be applied again."""
    binding, said = found.binding, []

    def add(key: str, holds: object, **slots: Any) -> None:
        if holds:
            said.append(Message(f"protocol.caveat.{key}", {"day": binding.day, **slots}))

    tables, reports = binding.record["outcome_tables"], binding.record["reports"]
    again = [v.day for v in found.versions if v is not binding]
    lost = [part for part in NOT_AGAIN if part in binding.parts()]
    add("edited", found.edited, parts=_parts(found.edited))
    add("after_tables", tables, n=len(tables), names=tables)
    add("after_reports", reports, days=reports)
    add("fixed_again", again, days=again)
    foreseen, taken = binding.record["status_date"], _status_date(found.card)
    add("cut_off", taken not in (None, foreseen), foreseen=foreseen, taken=taken)
    add("not_again", lost and binding.card, parts=_parts(lost))
    add("failed", binding.failed, why=binding.failed)
    add("filled", binding.parts(FILLED), parts=_parts(binding.parts(FILLED)))
    return said


def _status_date(card: Card) -> str | None:
    day = option(card.client, "dates", "status_date")
    return None if day is None else str(day)[:DAY]


def _verdicts(found: _Checked) -> pd.DataFrame:
    """Return the verdict by the present settings, by the binding version and by the newest."""
    rows = [{"settings": Message("protocol.word.present", {}), "deviations": None,
             **verdict_row(found.card)}]  # fmt: skip
    for version in dict.fromkeys((found.binding, found.versions[-1])):
        settings = Message("protocol.word.fixed", {"day": version.day})
        rows.append({"settings": settings, "deviations": len(version.deviating),
                     **(verdict_row(version.card) if version.card else {})})  # fmt: skip
    totals = any(row.get("score") is not None for row in rows)
    columns = _WITH_TOTAL if totals else _BOUNDS
    return pd.DataFrame(rows).reindex(columns=["settings", *columns, "deviations"])


def _versions(found: _Checked) -> pd.DataFrame:
    records = found.protocol.records
    return pd.DataFrame({
        "frozen_at": [record["frozen_at"][:MINUTE].replace("T", " ") for record in records],
        "version_key": [record["sha256"] for record in records],
        "binding": ["yes" if record is found.binding.record else "no" for record in records],
        "outcome_tables": [len(record["outcome_tables"]) for record in records],
        "reports": [", ".join(map(str, record["reports"])) for record in records],
    })  # fmt: skip


def _record(found: _Checked) -> dict[str, Any]:
    lang, binding = language_of(found.card), found.binding
    rows = chain.from_iterable(
        ({"fixed_on": version.day, **row} for row in version.table.to_dict("records"))
        for version in found.versions
    )
    return {
        "state": found.state,
        "frozen_at": binding.record["frozen_at"],
        "sha256": binding.record["sha256"],
        "verdict": _text(verdict_words(binding.card), lang) if binding.card else None,
        "hashes": binding.record["hashes"],
        "edited": list(found.edited),
        "outcome_tables": list(binding.record["outcome_tables"]),
        "reports": list(binding.record["reports"]),
        "versions": [{"frozen_at": v.record["frozen_at"], "sha256": v.record["sha256"]}
                     for v in found.versions],
        "differences": [{**row, "item": _text(row["item"], lang)} for row in rows],
        "verdicts": {"present": _plain(found.card),
                     **{v.record["frozen_at"]: _plain(v.card) for v in found.versions}},
    }  # fmt: skip


def _plain(card: Card | None) -> dict[str, Any] | None:
    return None if card is None else {name: getattr(card.overall, name) for name in _NUMBERS}


def _text(item: Any, lang: str) -> str:
    return spoken(item, lang) if isinstance(item, Message) else str(item)


def _parts(names: Iterable[str]) -> list[Message | str]:
    """Name parts of the settings; one that only an edit by hand can have made, as it is."""
    keys = {name: f"protocol.part.{name}" for name in names}
    return [Message(keys[name], {}) if has(keys[name], "en") else str(name) for name in names]
