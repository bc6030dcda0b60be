"""The licences of everything in requirements.lock, checked against a list: `python -m tests.supply.licences`.

Exit code 1 when a licence is not on the list, or a package says none.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]
LOCK = ROOT / "requirements.lock"
PAGE = ROOT / "docs" / "licences.md"

ALLOWED = (
    "0BSD", "3-Clause BSD License", "Apache Software License", "Apache-2.0", "BSD License", "BSD-2-Clause",
    "BSD-3-Clause", "CC0-1.0", "ISC License (ISCL)", "MIT", "MIT License", "MIT-0", "PSF-2.0", "Zlib",
    "Python Software Foundation License",
    "SIL Open Font License 1.1 (OFL-1.1)",  # fonts only, and as they are
    # to be used as they are, unaltered, through their interface; a change to them would have to be published
    "GNU Lesser General Public License v2 or later (LGPLv2+)",
    "GNU Lesser General Public License v3 or later (LGPLv3+)",
    "LGPL-3.0-only", "MPL-2.0", "Mozilla Public License 2.0 (MPL 2.0)",
)  # fmt: skip

READ = {"resvg_py": "MIT"}
"""Licences of packages that name none in their metadata, as the file of their licence says it."""


def locked() -> list[str]:
    """Names of the packages in the lock that belong on this system."""
    found = []
    for line in LOCK.read_text("utf-8").splitlines():
        if line and not line[0].isspace() and not line.startswith("#"):
            requirement = Requirement(line.rstrip(" \\"))
            if requirement.marker is None or requirement.marker.evaluate():
                found.append(requirement.name)
    return found


def licences(names: list[str]) -> dict[str, tuple[str, str]]:
    """Name to version and licence, of those that are installed."""
    command = ["pip-licenses", "--from=mixed", "--with-system", "--format=json", "--packages", *names]
    run = subprocess.run(
        [sys.executable, "-m", "piplicenses", *command[1:]], capture_output=True, text=True, check=True
    )
    return {
        (name := one["Name"].lower()): (
            one["Version"],
            READ.get(name, one["License"]) if one["License"] == "UNKNOWN" else one["License"],
        )
        for one in json.loads(run.stdout)
    }


def refused(licence: str) -> list[str]:
    """The parts of a licence that are not on the list; of alternatives one that is on it is enough."""
    groups = [re.split(r"\s+AND\s+|;\s*", one) for one in re.split(r"\s+OR\s+", licence)]
    faults = [[part for part in group if part not in ALLOWED] for group in groups]
    return min(faults, key=len)


def page(found: dict[str, tuple[str, str]]) -> str:
    rows = "\n".join(
        f"| {name} | {version} | {licence} |" for name, (version, licence) in sorted(found.items())
    )
    return (
        "# Licences of what a plain install brings along\n\n"
        "Everything in `requirements.lock`, as the packages themselves say it. Made by `make licences`, which also\n"
        "checks each against the list in `tests/supply/licences.py`. The project itself is under the MIT licence.\n\n"
        f"| package | version | licence |\n|---|---|---|\n{rows}\n"
    )


def main() -> int:
    found = licences(locked())
    faults = {name: wrong for name, (_, licence) in found.items() if (wrong := refused(licence))}
    for name, wrong in faults.items():
        print(f"{name}: {', '.join(wrong)} is not on the list of licences")
    PAGE.write_text(page(found), "utf-8")
    print(
        f"{len(found)} packages, {len(faults)} with a licence that is not allowed; written to {PAGE.relative_to(ROOT)}"
    )
    return 1 if faults else 0


if __name__ == "__main__":
    raise SystemExit(main())
