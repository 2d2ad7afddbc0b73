"""Write requirements.txt and requirements-dev.txt: what pyproject.toml names, pinned as installed.

Run by `make lock`, with the Python of the virtual environment, after an upgrade there. Each file lists the
packages that pyproject.toml names, then the ones that those need in turn.
"""

import tomllib
from collections.abc import Iterable
from importlib.metadata import distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent


def needs(requirement: Requirement) -> Iterable[Requirement]:
    """What an installed package asks for here, with the extras that `requirement` selects."""
    extras = ["", *requirement.extras]
    for line in distribution(requirement.name).requires or []:
        needed = Requirement(line)
        if needed.marker is None or any(needed.marker.evaluate({"extra": extra}) for extra in extras):
            yield needed


def closure(named: list[Requirement]) -> set[str]:
    """Canonical names of the packages named and of everything they need."""
    seen: set[tuple[str, frozenset[str]]] = set()
    waiting = list(named)
    while waiting:
        requirement = waiting.pop()
        key = canonicalize_name(requirement.name), frozenset(requirement.extras)
        if key not in seen:
            seen.add(key)
            waiting.extend(needs(requirement))
    return {name for name, _ in seen}


def pins(names: Iterable[str], extras: dict[str, str]) -> list[str]:
    """`name==version` lines in alphabetical order; `extras` maps a name to its `[extra]` suffix."""
    return [f"{name}{extras.get(name, '')}=={distribution(name).version}" for name in sorted(names)]


def write(path: Path, first_line: str, named: list[Requirement], known: set[str]) -> set[str]:
    """Write one file and return the closure it pins; packages in `known` are pinned elsewhere."""
    direct = {canonicalize_name(item.name) for item in named}
    extras = {canonicalize_name(r.name): f"[{','.join(sorted(r.extras))}]" for r in named if r.extras}
    everything = closure(named) | known
    lines = [
        *(first_line, ""),
        *pins(direct, extras),
        *("", "# Needed by the packages above."),
        *pins(everything - direct - known, {}),
    ]
    path.write_text("\n".join(lines) + "\n")
    return everything


def main() -> None:
    """Write both files from pyproject.toml."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    runtime = [Requirement(line) for line in project["project"]["dependencies"]]
    dev = [Requirement(line) for line in project["dependency-groups"]["dev"]]
    known = write(ROOT / "requirements.txt", "# Written by `make lock`.", runtime, set())
    write(ROOT / "requirements-dev.txt", "# Written by `make lock`.\n-r requirements.txt", dev, known)


if __name__ == "__main__":
    main()
