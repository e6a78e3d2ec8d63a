"""Sign-ins and changes of what people may do become events.

The house has no signals of its own; these are Django's, axes' and allauth's, the only way they tell of what they did.
A change made past the models (`QuerySet.update`, SQL) is not heard here.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from allauth.mfa.signals import (
    authentication_failed,
    authenticator_added,
    authenticator_removed,
    authenticator_reset,
    authenticator_used,
)
from axes.signals import user_locked_out
from django.contrib.auth import get_user_model, signals
from django.contrib.auth.models import AbstractUser, Group, Permission
from django.db import transaction
from django.db.models.signals import m2m_changed, post_save, pre_save
from django.http import HttpRequest
from django.utils import timezone

from audit import context, middleware, trail
from audit.severity import Severity

_seeding: ContextVar[str] = ContextVar("audit_seeding", default="")

_FLAGS = ("is_active", "is_staff", "is_superuser")
_MOVES = {"post_add": "given", "post_remove": "taken", "post_clear": "all taken"}


@contextmanager
def seeding(by: str) -> Iterator[None]:
    """Inside the block the program itself gives the shipped roles: on the record like any change, but no alarm."""
    token = _seeding.set(by)
    try:
        yield
    finally:
        _seeding.reset(token)


def connect() -> None:
    """Listen; called once, when the app is ready."""
    user = get_user_model()
    signals.user_logged_in.connect(_signed_in, dispatch_uid="audit.signed_in")
    signals.user_logged_out.connect(_signed_out, dispatch_uid="audit.signed_out")
    signals.user_login_failed.connect(_sign_in_failed, dispatch_uid="audit.sign_in_failed")
    user_locked_out.connect(_locked_out, dispatch_uid="audit.locked_out")
    authenticator_added.connect(_second_factor_added, dispatch_uid="audit.factor_added")
    authenticator_removed.connect(_second_factor_removed, dispatch_uid="audit.factor_removed")
    authenticator_reset.connect(_second_factor_added, dispatch_uid="audit.factor_reset")
    authenticator_used.connect(_second_factor_used, dispatch_uid="audit.factor_used")
    authentication_failed.connect(_second_factor_failed, dispatch_uid="audit.factor_failed")
    pre_save.connect(_before_person, sender=user, dispatch_uid="audit.before_person")
    post_save.connect(_after_person, sender=user, dispatch_uid="audit.after_person")
    for through in (user.groups.through, user.user_permissions.through, Group.permissions.through):
        m2m_changed.connect(_permissions_changed, sender=through, dispatch_uid=f"audit.{through.__name__}")


def _signed_in(*, request: HttpRequest, user: AbstractUser, **kwargs: Any) -> None:
    _tell("person.signed_in", user.username, f"{user.username} signed in.", request, by=user.username)


def _signed_out(*, request: HttpRequest, user: AbstractUser | None, **kwargs: Any) -> None:
    if user is not None:
        _tell("person.signed_out", user.username, f"{user.username} signed out.", request, by=user.username)


def _sign_in_failed(*, credentials: Mapping[str, Any], request: HttpRequest | None = None, **kwargs: Any) -> None:
    name = str(credentials.get("username") or credentials.get("login") or "unknown")[:128]
    _tell(
        "person.sign_in_failed",
        name,
        f"Somebody failed to sign in as {name}.",
        request,
        by="somebody",
        severity=Severity.WARNING,
    )


def _locked_out(*, request: HttpRequest | None, username: str | None, **kwargs: Any) -> None:
    name = (username or "unknown")[:128]
    _tell(
        "person.locked_out", name, f"Too many failed sign-ins as {name}; further ones are refused.", request, by="axes"
    )


def _second_factor_added(*, request: HttpRequest, user: AbstractUser, authenticator: Any, **kwargs: Any) -> None:
    kind = str(authenticator.type)
    _tell("person.second_factor_added", user.username, f"{user.username} has a new second factor: {kind}.", request)


def _second_factor_removed(*, request: HttpRequest, user: AbstractUser, authenticator: Any, **kwargs: Any) -> None:
    kind = str(authenticator.type)
    sentence = f"{user.username} lost a second factor: {kind}."
    _tell("person.second_factor_removed", user.username, sentence, request, severity=Severity.WARNING)


def _second_factor_used(*, request: HttpRequest, user: AbstractUser, authenticator: Any, **kwargs: Any) -> None:
    kind = str(authenticator.type)
    sentence = f"{user.username} proved a second factor: {kind}."
    _tell("person.second_factor_used", user.username, sentence, request, by=user.username)


def _second_factor_failed(*, request: HttpRequest, user: AbstractUser, **kwargs: Any) -> None:
    sentence = f"A second factor of {user.username} was tried and is wrong."
    _tell("person.second_factor_failed", user.username, sentence, request, by="somebody", severity=Severity.WARNING)


def _before_person(*, instance: AbstractUser, update_fields: frozenset[str] | None = None, **kwargs: Any) -> None:
    watched = {*_FLAGS, "password", "username"}
    if instance.pk is None or (update_fields is not None and not watched & set(update_fields)):
        return
    instance._audited_before = type(instance)._default_manager.filter(pk=instance.pk).values(*watched).first()  # type: ignore[attr-defined]


def _after_person(*, instance: AbstractUser, created: bool, **kwargs: Any) -> None:
    name = instance.username
    if created:
        flags = {flag: getattr(instance, flag) for flag in _FLAGS}
        _tell("person.created", name, f"{name} may now sign in.", None, data=flags)
        return
    before: dict[str, Any] = instance.__dict__.pop("_audited_before", None) or {}
    changes = {key: [old, getattr(instance, key)] for key, old in before.items() if getattr(instance, key) != old}
    if changes.pop("password", None):
        _tell("person.password_changed", name, f"The stored password of {name} changed.", None)
    if changes:
        said = ", ".join(f"{key} from {old} to {new}" for key, (old, new) in sorted(changes.items()))
        _tell("person.permissions_changed", name, f"{name} changed: {said}.", None, data=changes)


def _permissions_changed(*, instance: Any, action: str, model: Any, pk_set: set[int] | None, **kwargs: Any) -> None:
    if action not in _MOVES or (pk_set is not None and not pk_set):
        return
    what = list(_names(model, pk_set or set()))
    sentence = f"{instance}: {_MOVES[action]} {', '.join(what) or 'everything'}."
    seeder = _seeding.get()
    event = "person.permissions_seeded" if seeder else "person.permissions_changed"
    _tell(event, str(instance)[:128], sentence, None, by=seeder, data={"move": _MOVES[action], "what": what})


def _names(model: Any, keys: set[int]) -> Iterable[str]:
    chosen = model._default_manager.filter(pk__in=keys).order_by("pk")
    if model is Permission:
        return [f"{app}.{code}" for app, code in chosen.values_list("content_type__app_label", "codename")]
    return [str(item) for item in chosen]


def _tell(
    event: str,
    subject: str,
    sentence: str,
    request: HttpRequest | None,
    *,
    by: str = "",
    severity: Severity = Severity.INFO,
    data: Mapping[str, Any] | None = None,
) -> None:
    caused = middleware.of(request) if request is not None else context.current()
    with context.during(caused), transaction.atomic():
        trail.record(
            event=event,
            subject=subject,
            sentence=sentence,
            severity=severity,
            data=data,
            by=by or caused.person() or "program",
            now=timezone.now(),
        )
