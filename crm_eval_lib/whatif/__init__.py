"""What if: the verdict under other weights, anchors and money, from results already computed.

`base_of` takes a finished report, `what_if` answers, `client_yml` writes the settings out, and
`whatif` shows sliders in JupyterLab. Nothing here enters a report: what is to count goes into
client.yml, and a run makes it so.

With the report of a client at hand, ``base = base_of("demo-trading")`` and then
``what_if(base, base.settings.but(weights={"cost": 40})).overall.score``.
"""

from typing import Any

from crm_eval_lib.whatif.answer import Answer, what_if
from crm_eval_lib.whatif.base import Base, base_of
from crm_eval_lib.whatif.block import client_yml
from crm_eval_lib.whatif.settings import Settings

__all__ = ["Answer", "Base", "Settings", "base_of", "client_yml", "what_if", "whatif"]


def whatif(client: Any = "", **options: Any) -> Any:
    """Show the sliders of a client in JupyterLab; see `crm_eval_lib.whatif.view.View`.

    Parameters
    ----------
    client : str or Client, optional
        Its id; without one, the client of the lab.
    options
        Of `base_of`: ``clients_dir``, ``reports_dir``.
    """
    from crm_eval_lib.whatif.view import View

    return View(base_of(client, **options))
