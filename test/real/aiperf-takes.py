"""Asks the real AIPerf whether it takes command lines, without running them: JSON of lists of words in, JSON of null or its refusal out."""

import contextlib
import io
import json
import sys

from aiperf.cli_commands.profile import app
from aiperf.config.flags.resolver import resolve_config
from aiperf.config.loader import build_benchmark_plan


def refusal(words):
    said = io.StringIO()
    try:
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            _, bound, _ = app.parse_args(words, print_error=True, exit_on_error=False)
            build_benchmark_plan(resolve_config(bound.kwargs["cli_config"], None))
    except BaseException as error:  # noqa: BLE001
        return f"{type(error).__name__}: {error} {said.getvalue()}"
    return "streaming is off" if "Streaming will be disabled" in said.getvalue() else None


json.dump([refusal(words) for words in json.load(sys.stdin)], sys.stdout)
