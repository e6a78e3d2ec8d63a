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
