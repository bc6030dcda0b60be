"""Known vulnerabilities of everything in requirements.lock, by pip-audit: `python -m tests.supply.audit`.

Exit code 1 when there are any. Where pip-audit cannot reach its data that is said aloud, and the exit code is 0: a
check that nobody can pass off-line would be switched off.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

LOCK = Path(__file__).parents[2] / "requirements.lock"


def verdict(report: dict[str, list[dict[str, object]]]) -> tuple[int, str]:
    """Exit code and what to say of a report in pip-audit's JSON."""
    packages = report["dependencies"]
    looked_at = [one for one in packages if "skip_reason" not in one]
    bad = [one for one in looked_at if one.get("vulns")]
    if not looked_at:
        return 0, f"SKIPPED: pip-audit could not reach its data for any of {len(packages)} packages"
    lines = [
        f"{one['name']} {one['version']}: {', '.join(str(v['id']) for v in one['vulns'])}"  # type: ignore[attr-defined]
        for one in bad
    ]
    if unknown := len(packages) - len(looked_at):
        lines.append(f"SKIPPED for {unknown} packages: no data")
    lines.append(f"{len(looked_at)} packages audited, {len(bad)} with known vulnerabilities")
    return (1 if bad else 0), "\n".join(lines)


def main() -> int:
    command = [
        sys.executable, "-m", "pip_audit", "--progress-spinner", "off", "--require-hashes", "--disable-pip",
        "--timeout", "10", "--format", "json", "-r", str(LOCK),
    ]  # fmt: skip
    run = subprocess.run(command, capture_output=True, text=True)
    try:
        report = json.loads(run.stdout)
    except ValueError:
        print(f"SKIPPED: pip-audit could not do its work: {run.stderr.strip().splitlines()[-1:]}")
        return 0
    code, said = verdict(report)
    print(said)
    return code


if __name__ == "__main__":
    raise SystemExit(main())
