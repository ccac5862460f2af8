"""The CRM evaluation workbook: cost, problems, efficiency, controls, and one score.

Importing the package has no side effect; the names below load their module when first used.

>>> import crm_eval_lib
>>> "open_client" in dir(crm_eval_lib)
True
"""

from importlib import import_module

__version__ = "0.1.0"

_LAZY = {
    "FactorResult": "crm_eval_lib.results",
    "Indicator": "crm_eval_lib.results",
    "Message": "crm_eval_lib.results",
    "Step": "crm_eval_lib.results",
    "open_client": "crm_eval_lib.client",
    "use_language": "crm_eval_lib.text",
}
__all__ = ["__version__", *_LAZY]


def __getattr__(name: str) -> object:
    """Load a public name's module on first use."""
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_LAZY[name]), name)


def __dir__() -> list[str]:
    """List public names for tab completion."""
    return sorted(__all__)
