"""The two roles of the database: the owner, who migrates, and the program, which works."""

from urllib.parse import unquote, urlsplit

import psycopg
from psycopg import sql

DATABASE = "gatehouse"
OWNER = "gatehouse_owner"
PROGRAM = "gatehouse"


def ensure_program_role(connection: psycopg.Connection, program_url: str) -> None:
    """Make the role of `program_url`, or set its password, as the owner on `connection`.

    Raises psycopg.errors.InsufficientPrivilege when the owner may not make roles and the role is missing.
    """
    parts = urlsplit(program_url)
    role, password = unquote(parts.username or ""), unquote(parts.password or "")
    known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone()
    # Encrypted here, so that the server never sees, and never logs, the password.
    secret = connection.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256").decode()
    verb = "ALTER" if known else "CREATE"
    options = "LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS"
    connection.execute(
        sql.SQL(f"{verb} ROLE {{}} {options} PASSWORD {{}}").format(sql.Identifier(role), sql.Literal(secret))
    )


def excess_privileges(connection: psycopg.Connection) -> list[str]:
    """Return what the program's role, connected on `connection`, may do although it must not; empty when sound.

    Tables with an append-only trigger are the record, so change and removal must be revoked there.
    """
    found = []
    rows = connection.execute("SELECT rolname FROM pg_roles WHERE rolname = current_user AND rolsuper").fetchall()
    found += ["it is a superuser" for _ in rows]
    owned = connection.execute("SELECT tablename FROM pg_tables WHERE tableowner = current_user ORDER BY 1").fetchall()
    found += [f"it owns the table {table}" for (table,) in owned]
    removable = connection.execute(
        "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace"
        " AND has_table_privilege(current_user, oid, 'TRUNCATE') ORDER BY 1"
    ).fetchall()
    found += [f"it may truncate the table {table}" for (table,) in removable]
    return found
