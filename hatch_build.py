"""Build hook: what a wheel carries beside the package.

An installed copy finds its rules and its grammar under `policy/_data`, and the rules also in
compiled form, so that the first decision on a machine doesn't wait for the compiler. An
editable install gets none of this: it reads the checkout.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CustomBuildHook(BuildHookInterface):  # type: ignore[type-arg]  # hatchling finds it by name
    """Compiles the rules and adds them, their sources and the grammar to the wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Fail the build where the rules don't compile: a wheel without rules decides nothing."""
        if version == "editable":
            return
        root = Path(self.root)
        self._scratch = tempfile.TemporaryDirectory()
        compiled = Path(self._scratch.name) / "rules.pickle"

        sys.path.insert(0, str(root))  # the isolated build doesn't have the package itself
        try:
            from policy.shipped import write_precompiled

            write_precompiled(compiled)
        finally:
            sys.path.remove(str(root))

        build_data["force_include"] |= {
            str(root / "rules"): "policy/_data/rules",
            str(root / "grammar"): "policy/_data/grammar",
            str(compiled): "policy/_data/rules.pickle",
        }

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Remove the compiled rules once the wheel holds them."""
        if version != "editable":
            self._scratch.cleanup()
