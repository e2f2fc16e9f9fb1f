"""`leadworth spend`: import files of ad platforms, or fetch from their interfaces."""

from __future__ import annotations

from reporting.imports.import_command import spend
from reporting.pulls.pull_command import pull, sandbox

app = spend
app.command("pull")(pull)
app.command("sandbox")(sandbox)
