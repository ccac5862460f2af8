"""Make a client's folder for a test: client.yml and files."""

from pathlib import Path

CONFIG = """\
schema: 1
client: {client}
name: Acme Trading
language: en
currency: CNY
timezone: {timezone}
dates: {{project_start: 2024-01-08, planned_go_live: 2024-07-01, go_live: 2024-09-02,
        status_date: 2025-08-31}}
"""


def make_client(
    clients: Path, files: dict[str, str | bytes], *, client: str = "acme", more: str = "",
    timezone: str = "Asia/Shanghai",
) -> Path:  # fmt: skip
    """Write client.yml (with further lines) and the files; return the client's folder."""
    folder = clients / client
    folder.mkdir(parents=True, exist_ok=True)
    config = CONFIG.format(client=client, timezone=timezone) + more
    (folder / "client.yml").write_text(config, encoding="utf-8")
    for name, content in files.items():
        data = content if isinstance(content, bytes) else content.encode("utf-8")
        (folder / name).write_bytes(data)
    return folder
