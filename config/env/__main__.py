"""`python -m config.env example | docs | check | write`: the files that are written from the table."""

import sys

from config.env import ROOT, generate

FILES = {".env.example": generate.example, "docs/configuration.md": generate.docs}
USAGE = "Usage: python -m config.env example | docs | write | check"


def main(arguments: list[str]) -> int:
    """Print one file, write both, or check that both are as the table says."""
    match arguments:
        case ["example"]:
            sys.stdout.write(generate.example())
        case ["docs"]:
            sys.stdout.write(generate.docs())
        case ["write"]:
            for name, text in FILES.items():
                (ROOT / name).write_text(text(), encoding="utf-8")
        case ["check"]:
            stale = [name for name, text in FILES.items() if not _is(name, text())]
            if stale:
                sys.stderr.write(f"{' and '.join(stale)} differ from the table; run: python -m config.env write\n")
            return len(stale)
        case _:
            sys.stderr.write(f"{USAGE}\n")
            return 2
    return 0


def _is(name: str, text: str) -> bool:
    path = ROOT / name
    return path.exists() and path.read_text(encoding="utf-8") == text


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
