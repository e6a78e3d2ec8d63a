"""The people of a desk: which role may do what, and the first people with passwords and second factors of their own.

A role is a Django group. Nobody is a superuser: that word would pass every check of a permission.
"""

import secrets
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from allauth.mfa.adapter import get_adapter
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.contrib.auth.models import Group, Permission, User
from django.db import transaction

from audit import sign_ins
from risk import people
from risk.models import Person

VIEWER, OPERATOR, RISK_OFFICER = "viewer", "operator", "risk officer"
APPROVER, AUDITOR, ADMINISTRATOR = "approver", "auditor", "administrator"

# "app.*" is everything there is to see in an app.
_DESK = ("trading.*", "risk.view_limit", "risk.view_breach", "risk.view_halt", "risk.view_haltreceipt")
_TIGHTEN = ("risk.add_halt",)
_WATCH = (*_DESK, "risk.*", "audit.*")

ROLES: dict[str, tuple[str, ...]] = {
    VIEWER: _DESK,
    OPERATOR: (
        *_WATCH,
        *_TIGHTEN,
        "audit.acknowledge_alert",
        "risk.add_changerequest",
        "trading.add_preflightrun",
    ),
    RISK_OFFICER: (
        *_WATCH,
        *_TIGHTEN,
        "audit.acknowledge_alert",
        "risk.add_attestation",
        "risk.add_changerequest",
        "risk.add_limit",
        "risk.change_breach",
        "risk.change_limit",
        "trading.add_preflightrun",
        "trading.add_reportsignature",
        "trading.change_reconciliationbreak",
        "trading.add_strategy",
        "trading.change_strategy",
    ),
    APPROVER: (
        *_WATCH,
        *_TIGHTEN,
        "audit.acknowledge_alert",
        "risk.add_attestation",
        "risk.add_changerequest",
        "risk.add_vote",
        "risk.change_breach",
        "trading.add_reportsignature",
        "trading.change_reconciliationbreak",
    ),
    AUDITOR: (*_WATCH, "auth.*", "axes.*"),
    ADMINISTRATOR: (
        *_WATCH,
        *_TIGHTEN,
        "auth.*",
        "axes.*",
        "auth.add_user",
        "auth.change_user",
        "risk.add_changerequest",
        "risk.add_person",
        "risk.change_person",
        "trading.add_account",
        "trading.change_account",
    ),
}
"""Role → what it may do, as "app.codename"."""


@dataclass(frozen=True, slots=True)
class Member:
    """Someone a fresh desk begins with."""

    username: str
    name: str
    role: str


FIRST = (
    Member("vera", "Vera Lind", VIEWER),
    Member("olga", "Olga Brandt", OPERATOR),
    Member("rita", "Rita Falk", RISK_OFFICER),
    Member("adam", "Adam Okoro", APPROVER),
    Member("anna", "Anna Weiss", APPROVER),
    Member("aron", "Aron Patel", AUDITOR),
    Member("amal", "Amal Haddad", ADMINISTRATOR),
)


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a new person signs in with; shown once and kept nowhere in the clear."""

    username: str
    name: str
    role: str
    password: str = field(repr=False)
    totp_secret: str = field(repr=False)
    totp_url: str = field(repr=False)
    recovery_codes: tuple[str, ...] = field(repr=False)


def grant_roles(*, by: str = "program") -> list[str]:
    """Give every role exactly its permissions; return those that name nothing in this program (yet)."""
    missing: set[str] = set()
    known = _permissions()
    with transaction.atomic(), sign_ins.seeding(by):
        for role, wanted in ROLES.items():
            missing |= {permission for permission in wanted if permission not in known}
            group, _ = Group.objects.get_or_create(name=role)
            _set(group, {each for permission in wanted for each in known.get(permission, ())})
    return sorted(missing)


def _permissions() -> dict[str, list[Permission]]:
    """By "app.codename", and by "app.*" what lets one look at all of an app."""
    known: dict[str, list[Permission]] = defaultdict(list)
    for permission in Permission.objects.select_related("content_type"):
        app, codename = permission.content_type.app_label, permission.codename
        known[f"{app}.{codename}"].append(permission)
        if codename.startswith("view_"):
            known[f"{app}.*"].append(permission)
    return known


def _set(group: Group, wanted: set[Permission]) -> None:
    # Only what differs, so that a second run records no change of permissions.
    present = set(group.permissions.all())
    group.permissions.remove(*(present - wanted))
    group.permissions.add(*(wanted - present))


def seed(*, now: datetime, by: str = "program", members: Iterable[Member] = FIRST) -> list[Credentials]:
    """Make the roles and those of `members` that are missing; return what each new one signs in with.

    Somebody who is there keeps password, second factor and role. The first people of a desk may propose and vote at
    once; later ones sign in and look, until two people have let them join (`risk.membership`).
    """
    with transaction.atomic():
        grant_roles(by=by)
        known = set(User.objects.values_list("username", flat=True))
        with sign_ins.seeding(by):
            made = [_make(member) for member in members if member.username not in known]
        _enrol([user for user, _ in made], [credentials for _, credentials in made], by, now)
    return [credentials for _, credentials in made]


def _make(member: Member) -> tuple[User, Credentials]:
    password = _password()
    user = User.objects.create_user(
        member.username, password=password, first_name=member.name, is_staff=member.role != VIEWER
    )
    user.groups.add(Group.objects.get(name=member.role))
    secret = generate_totp_secret()
    TOTP.activate(user, secret)
    codes = RecoveryCodes.activate(user).get_unused_codes()
    url = get_adapter().build_totp_url(user, secret)
    return user, Credentials(member.username, member.name, member.role, password, secret, url, tuple(codes))


def _enrol(users: list[User], told: list[Credentials], by: str, now: datetime) -> None:
    enlisted = [
        people.Member(name=credentials.name, user=user, approves=credentials.role == APPROVER)
        for user, credentials in zip(users, told, strict=True)
    ]
    if not Person.objects.exists():
        people.found(enlisted, by=by, now=now)


def _password() -> str:
    """Twenty letters in groups a person can read out; 91 bits."""
    letters = "abcdefghjkmnpqrstuvwxyz"
    return "-".join("".join(secrets.choice(letters) for _ in range(5)) for _ in range(4))


def table(told: Iterable[Credentials]) -> str:
    """What to print, once: who may do what, and how each signs in."""
    rows = [f"{'name':<6} {'role':<14} {'password':<24} second factor (TOTP secret)"]
    rows += [f"{c.username:<6} {c.role:<14} {c.password:<24} {c.totp_secret}" for c in told]
    return "\n".join(rows)
