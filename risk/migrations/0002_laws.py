"""What Django's models cannot say: the copied requester of a vote, and what the program's role may change."""

from django.db import migrations

from audit.record import RevokeChange
from risk.record import AllowChangeOf

_COPY = "vote_requester_is_the_requests"


class Migration(migrations.Migration):
    dependencies = [("risk", "0001_rows"), ("audit", "0001_roles")]

    operations = [
        # A vote's `requested_by` is the request's own, so the check "decided by another person" cannot be dodged.
        migrations.RunSQL(
            sql=f"ALTER TABLE risk_vote ADD CONSTRAINT {_COPY} FOREIGN KEY (request_id, requested_by_id)"
            " REFERENCES risk_changerequest (id, requested_by_id)",
            reverse_sql=f"ALTER TABLE risk_vote DROP CONSTRAINT {_COPY}",
        ),
        RevokeChange("risk_vote"),
        RevokeChange("risk_execution"),
        RevokeChange("risk_haltreceipt"),
        RevokeChange("risk_historicallimit"),
        RevokeChange("risk_limit"),
        AllowChangeOf("risk_limit", ["active_to"]),
        RevokeChange("risk_halt"),
        AllowChangeOf("risk_halt", ["released_at", "released_by", "release_id"]),
        RevokeChange("risk_changerequest"),
        AllowChangeOf("risk_changerequest", ["status"]),
        RevokeChange("risk_breach"),
        AllowChangeOf("risk_breach", ["closed_at", "closed_by", "closing_reason"]),
        RevokeChange("risk_person"),
        AllowChangeOf("risk_person", ["active", "approves_from", "change_id"]),
        RevokeChange("risk_personaccount"),
        RevokeChange("risk_factor"),
        AllowChangeOf("risk_factor", ["change_id", "revoked_at"]),
        RevokeChange("risk_policyadoption"),
    ]
