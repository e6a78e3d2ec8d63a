"""`.env.example` and `docs/configuration.md`, written from the table."""

from config.env.variables import ALWAYS, GROUPS, Group, Kind, Variable

_EXAMPLE_HEAD = """\
# Every variable the program reads. Copy to .env and fill in; .env stays out of version control.
# Written by `python -m config.env example`. A secret may come from a file instead: NAME_FILE=/run/secrets/name
"""

_DOCS_HEAD = """\
# Configuration

The program reads its environment, and `.env` in its folder for what the environment does not say (`ENV_FILE` names
another file; empty means none). Everything is checked as a whole at the start: all problems are told at once, each with
a remedy, and nothing starts while there is one.

- Every **secret** may come from a file: `NAME_FILE=/run/secrets/name` instead of `NAME=…`.
- Names that begin with `ALPACA_` or `TRADING_` and are not in this list are refused, for a typing error would mean the
  default.
- Placeholders, known passwords, short secrets, paper keys on the live endpoint and live keys on the paper endpoint are
  refused. So is `TRADING_MODE=live` without `LIVE_TRADING_ENABLED=true`.

This page is written by `python -m config.env docs` from the table in `config/env/variables.py`.
"""

_ACCOUNTS = """\
## Several accounts

`ALPACA_ACCOUNTS_FILE` names a JSON file, readable by its owner only (mode 0600), with the keys of each account under
its number. All five fields are wanted.

```json
{
  "PA3XXXXXXXXX": {
    "key": "PK…",
    "secret": "…",
    "kind": "paper",
    "base_url": "https://paper-api.alpaca.markets",
    "data_url": "https://data.alpaca.markets"
  }
}
```
"""


def example() -> str:
    """Return the text of `.env.example`: every variable with a comment and a safe default."""
    return "\n".join([_EXAMPLE_HEAD, *(_example_group(group) for group in GROUPS)])


def docs() -> str:
    """Return the text of `docs/configuration.md`."""
    return "\n".join([_DOCS_HEAD, *(_docs_group(group) for group in GROUPS), _ACCOUNTS])


def _example_group(group: Group) -> str:
    lines = [f"# --- {group.title} ---", ""]
    for variable in group.variables:
        lines += [f"# {variable.help}", f"# {_terms(variable)}"]
        # A line without a default stays a comment, so that a copy of the file says nothing it does not mean.
        lines += [f"{variable.name}={variable.default}" if variable.default else f"# {variable.name}=", ""]
    return "\n".join(lines)


def _docs_group(group: Group) -> str:
    lines = [f"## {group.title}", "", "| variable | meaning | value | default |", "|---|---|---|---|"]
    for variable in group.variables:
        default = f"`{variable.default}`" if variable.default else "–"
        lines.append(f"| `{variable.name}` | {variable.help} | {_terms(variable)} | {default} |")
    return "\n".join([*lines, ""])


def _terms(variable: Variable) -> str:
    terms = [_values(variable)]
    if variable.secret:
        terms.append("secret")
    if variable.shortest:
        terms.append(f"{variable.shortest} characters or more")
    if variable.required:
        terms.append("required" if variable.required == ALWAYS else f"required {variable.required}")
    text = "; ".join(terms)
    return f"{text[0].upper()}{text[1:]}."


def _values(variable: Variable) -> str:
    match variable.kind:
        case Kind.CHOICE:
            return f"one of {', '.join(variable.choices)}"
        case Kind.NUMBER:
            return f"whole number from {variable.minimum} to {variable.maximum}"
        case _:
            return variable.kind.value
