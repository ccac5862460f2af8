"""The base of all parts of client.yml: unknown keys refused, all mistakes gathered, frozen."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from types import NoneType
from typing import Any, get_args

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ModelWrapValidatorHandler,
    ValidationError,
    ValidationInfo,
    model_validator,
)
from pydantic.fields import FieldInfo

LISTED_NAMES = 12  # more known names than this are not all listed in a message


@dataclass(frozen=True, slots=True)
class Mistake:
    """One mistake: the path of its key and a sentence without the path."""

    place: tuple[Any, ...]
    text: str


class Mistakes(ValueError):
    """Several mistakes at once; pydantic hands them through."""

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        self.mistakes = list(mistakes)
        super().__init__("; ".join(mistake.text for mistake in self.mistakes))


class Section(BaseModel):
    """A mapping of client.yml.

    A subclass adds `relations` for rules that concern several keys, and `completed` for defaults
    that depend on other values; both get what the file says, before types.
    """

    model_config = ConfigDict(
        extra="forbid", frozen=True, arbitrary_types_allowed=True, allow_inf_nan=False,
        str_strip_whitespace=True,
    )  # fmt: skip

    @classmethod
    def completed(cls, raw: dict[str, Any], context: Mapping[str, Any]) -> dict[str, Any]:
        """Fill in what follows from other values."""
        return raw

    @classmethod
    def relations(cls, raw: Mapping[str, Any], context: Mapping[str, Any]) -> Iterator[Mistake]:
        """Check rules that concern several keys."""
        return iter(())

    @model_validator(mode="wrap")
    @classmethod
    def _all_at_once(
        cls, data: Any, handler: ModelWrapValidatorHandler, info: ValidationInfo
    ) -> "Section":
        """Check keys and relations together: one report, not one mistake per run."""
        if isinstance(data, cls):
            return data
        if not isinstance(data, Mapping):
            names = ", ".join(names_of(cls))
            text = f"found {shown(data)}; allowed: a mapping with the keys {names}"
            raise Mistakes([Mistake((), text)])
        context = info.context or {}
        raw = cls.completed(_without_empty(cls, data), context)
        related = list(cls.relations(raw, context))
        try:
            model = handler(raw)
        except ValidationError as error:
            raise Mistakes([*explain(cls, error), *related]) from None
        if related:
            raise Mistakes(related)
        return model


def key(default: Any = ..., en: str = "", zh: str = "", *, allowed: str, **more: Any) -> Any:
    """Declare a key of client.yml.

    Parameters
    ----------
    default : object
        Value when the key is absent or empty; none for a required key.
    en, zh : str
        Meaning in both languages.
    allowed : str
        What it takes, for messages and the data dictionary.
    """
    if callable(default):
        more["default_factory"] = default
    elif default is not ...:
        more["default"] = default
    return Field(description=en, json_schema_extra={"zh": zh, "allowed": allowed}, **more)


def names_of(model: type[BaseModel]) -> list[str]:
    """Return the keys as they are written in the file."""
    return [field.alias or name for name, field in model.model_fields.items()]


def allowed_of(field: FieldInfo) -> str:
    """Return what a key takes."""
    return str((field.json_schema_extra or {}).get("allowed", ""))


def meant(name: object, known: Iterable[str]) -> str:
    """Say which name was probably meant, or which there are, or nothing if they are too many.

    >>> meant("cots", ["cost", "problems"])
    "did you mean 'cost'?"
    """
    names = list(known)
    match = get_close_matches(str(name), names, n=1)
    if match:
        return f"did you mean {match[0]!r}?"
    return f"known are: {', '.join(names)}" if len(names) <= LISTED_NAMES else ""


def shown(value: Any) -> str:
    """Show a value as found, shortened."""
    if value is None:
        return "nothing"
    words = repr(str(value)) if isinstance(value, str) else str(value)
    return words if len(words) <= 80 else words[:77] + "…"


def explain(model: type[BaseModel], error: ValidationError) -> Iterator[Mistake]:
    """Turn what pydantic found into sentences of ours."""
    for item in error.errors(include_url=False):
        place, cause = tuple(item["loc"]), item.get("ctx", {}).get("error")
        if isinstance(cause, Mistakes):
            for mistake in cause.mistakes:
                yield Mistake((*place, *mistake.place), mistake.text)
        else:
            yield Mistake(_clean(place), _sentence(model, item, cause))


def _sentence(model: type[BaseModel], item: Mapping[str, Any], cause: Exception | None) -> str:
    place = item["loc"]
    if item["type"] == "extra_forbidden":
        return f"there is no such key; {meant(place[-1], names_of(model))}".rstrip("; ")
    allowed = _allowed_at(model, place)
    if item["type"] == "missing":
        return f"is missing; allowed: {allowed}. Add it"
    hint = f". {str(cause)[:1].upper()}{str(cause)[1:]}" if cause is not None and str(cause) else ""
    return f"found {shown(item['input'])}; allowed: {allowed}{hint}"


def _allowed_at(model: type[BaseModel], place: tuple[Any, ...]) -> str:
    for name, field in model.model_fields.items():
        if place and place[0] in (name, field.alias):
            return allowed_of(field)
    return ""


def _clean(place: tuple[Any, ...]) -> tuple[Any, ...]:
    """Drop what pydantic adds to a path to say that a key of a mapping is meant."""
    return tuple(part for part in place if part != "[key]")


def _without_empty(model: type[BaseModel], data: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out keys without a value, except where nothing is a value of its own."""
    fields = {field.alias or name: field for name, field in model.model_fields.items()}
    kept = {}
    for name, value in data.items():
        field = fields.get(name)
        optional = field is not None and NoneType in get_args(field.annotation)
        if value is not None or field is None or optional:
            kept[str(name)] = value
    return kept
