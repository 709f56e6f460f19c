"""The tables as other programs know them: names, types, defaults, and what triggers refuse."""
import psycopg2
import psycopg2.errors
import pytest

# Columns as `name type`, ! for not null, = for the default. Every id is a random uuid.
COLUMNS = {
    "users": "id uuid! = uuid, email varchar(255)!, name varchar(100), avatar_url text, tier user_tier! = starter,"
             " credits integer! = 0, ephemeral_storage_bytes bigint! = 0, upgraded_at timestamptz,"
             " created_at timestamptz! = now, updated_at timestamptz! = now",
    "teams": "id uuid! = uuid, name varchar(100)!, slug varchar(50)!, credits integer! = 0,"
             " ephemeral_storage_bytes bigint! = 0, settings jsonb! = {}, created_at timestamptz! = now,"
             " updated_at timestamptz! = now",
    "memberships": "id uuid! = uuid, team_id uuid!, user_id uuid!, role membership_role! = member,"
                   " created_at timestamptz! = now",
    "invitations": "id uuid! = uuid, team_id uuid!, invited_by uuid!, email varchar(255)!,"
                   " role invitation_role! = member, token varchar(255)!, expires_at timestamptz! = now + 7 days,"
                   " accepted_at timestamptz, declined_at timestamptz, revoked_at timestamptz,"
                   " created_at timestamptz! = now",
    "api_keys": "id uuid! = uuid, user_id uuid!, owner varchar(500)!, name varchar(100)! = Default,"
                " key_prefix varchar(20)!, key_hash varchar(255)!, key_hash_prefix varchar(16),"
                " scopes jsonb! = [\"*\"], last_used_at timestamptz, expires_at timestamptz,"
                " revoked_at timestamptz, created_at timestamptz! = now",
    "usage": "id uuid! = uuid, owner varchar(500)!, period varchar(7)!, renders_count integer! = 0,"
             " render_seconds integer! = 0, credits_used integer! = 0, credits_refunded integer! = 0,"
             " api_calls integer! = 0, updated_at timestamptz! = now",
    "projects": "id uuid! = uuid, team_id uuid!, created_by uuid!, name varchar(200)!,"
                " status project_status! = draft, spec jsonb, created_at timestamptz! = now,"
                " updated_at timestamptz! = now",
    "jobs": "id uuid! = uuid, owner varchar(500)!, triggered_by uuid!, project_id uuid, parent_job_id uuid,"
            " status job_status! = queued, spec_snapshot jsonb!, options jsonb! = {}, progress jsonb! = {},"
            " output jsonb, output_size_bytes bigint, error jsonb, credits_charged integer! = 0,"
            " failure_type job_failure_type, credits_refunded integer! = 0, idempotency_key varchar(255),"
            " started_at timestamptz, completed_at timestamptz, created_at timestamptz! = now,"
            " updated_at timestamptz! = now",
    "job_events": "id uuid! = uuid, job_id uuid!, sequence bigint!, event_type job_event_type!,"
                  " payload jsonb! = {}, created_at timestamptz! = now",
    "render_scenes": "id uuid! = uuid, job_id uuid!, scene_id varchar(64)!, position integer!,"
                     " provider varchar(20)!, provider_ref text, status render_scene_status! = pending,"
                     " attempt integer! = 0, seed bigint, progress numeric(5,2)! = 0, clip_key varchar(500),"
                     " duration_ms integer, error jsonb, submitted_at timestamptz, completed_at timestamptz,"
                     " created_at timestamptz! = now, updated_at timestamptz! = now",
    "job_texts": "job_id uuid!, owner varchar(500)!, body text, head text!, tail text!",
    "job_dispatches": "job_id uuid!, provider varchar(20)!, attempts integer! = 0,"
                      " next_attempt_at timestamptz! = now, leased_by varchar(200), lease_expires_at timestamptz,"
                      " dispatched_at timestamptz, done_at timestamptz, last_error text,"
                      " created_at timestamptz! = now",
    "artifacts": "id uuid! = uuid, owner varchar(500)!, created_by uuid!, project_id uuid, kind artifact_kind!,"
                 " status asset_status! = pending, source artifact_source! = upload, filename varchar(255),"
                 " s3_key varchar(500), content_type varchar(255), size_bytes bigint, spec jsonb,"
                 " conversation_id uuid, source_job_id uuid, metadata jsonb! = {},"
                 " created_at timestamptz! = now, updated_at timestamptz! = now",
    "system_assets": "id varchar(100)!, category system_asset_category!, name varchar(255)!,"
                     " description varchar(500)! = , duration_seconds numeric(10,3), s3_key varchar(500)!,"
                     " content_type varchar(255)!, size_bytes bigint!, tags varchar(50)[]! = {},"
                     " created_at timestamptz! = now",
    "conversations": "id uuid! = uuid, user_id uuid!, title varchar(200), model varchar(100)!, system_prompt text,"
                     " status conversation_status! = active, message_count integer! = 0,"
                     " last_message_at timestamptz, created_at timestamptz! = now,"
                     " updated_at timestamptz! = now",
    "messages": "id uuid! = uuid, conversation_id uuid!, role message_role!, content text!, artifacts jsonb,"
                " model varchar(100), input_tokens integer, output_tokens integer, sequence integer!,"
                " created_at timestamptz! = now",
    "message_artifacts": "message_id uuid!, artifact_id uuid!",
    "webhooks": "id uuid! = uuid, team_id uuid!, created_by uuid!, url varchar(2048)!,"
                " events webhook_event_type[]!, secret varchar(255)!, previous_secret varchar(255),"
                " previous_secret_until timestamptz, is_active boolean! = true, last_triggered_at timestamptz,"
                " created_at timestamptz! = now, updated_at timestamptz! = now",
    "webhook_deliveries": "id uuid! = uuid, webhook_id uuid!, job_id uuid, event_type varchar(50)!,"
                          " status webhook_delivery_status! = pending, payload jsonb!, response_status integer,"
                          " response_body varchar(10240), attempts integer! = 0, max_attempts integer! = 5,"
                          " next_retry_at timestamptz, attempt_started_at timestamptz, delivered_at timestamptz,"
                          " created_at timestamptz! = now",
    "object_deletions": "id bigint! = serial, bucket text!, s3_key text!, attempts integer! = 0,"
                        " next_attempt_at timestamptz! = now, created_at timestamptz! = now",
}
ENUMS = {
    "user_tier": "starter creator", "membership_role": "owner admin member viewer",
    "invitation_role": "admin member viewer", "project_status": "draft rendering completed archived",
    "job_status": "queued processing completed failed canceled",
    "job_failure_type": "system validation timeout canceled",
    "job_event_type": "queued started progress scene_complete completed failed canceled",
    "render_scene_status": "pending submitted running completed failed canceled",
    "artifact_kind": "storyboard image audio video character", "artifact_source": "upload conversation job",
    "asset_status": "pending ready failed", "system_asset_category": "sfx ambient music transition",
    "conversation_status": "active archived", "message_role": "user assistant",
    "webhook_event_type": "job.queued job.started job.progress job.completed job.failed job.canceled",
    "webhook_delivery_status": "pending attempting retrying delivered failed",
}
CONSTRAINTS = """
    users.valid_email users.tier_upgrade_consistency teams.valid_slug teams.timestamps_order
    memberships.unique_team_user invitations.valid_email_invitation
    invitations.invitation_terminal_state_exclusion usage.unique_owner_period usage.valid_period_format
    usage.usage_counts_not_negative projects.projects_name_not_empty projects.projects_timestamps_order
    jobs.refund_not_exceeding_charge jobs.terminal_jobs_have_completion jobs.project_jobs_team_owned
    jobs.failure_type_when_failed jobs.completed_jobs_no_failure_type jobs.processing_jobs_started
    jobs.completed_jobs_have_output jobs.failed_jobs_have_error jobs.jobs_timestamps_order
    jobs.jobs_owner_is_urn job_events.unique_job_sequence render_scenes.unique_render_scene
    render_scenes.completed_scenes_have_completion render_scenes.failed_scenes_have_error
    artifacts.fk_artifacts_conversation artifacts.artifacts_s3_key_unique artifacts.media_has_file_fields
    artifacts.spec_required_for_spec_kinds artifacts.source_conversation_consistency
    artifacts.source_job_consistency artifacts.project_artifacts_team_owned
    artifacts.artifacts_content_type_for_kind artifacts.artifacts_character_prompt
    artifacts.artifacts_owner_is_urn artifacts.artifacts_timestamps_order system_assets.valid_asset_id
    messages.messages_unique_sequence webhooks.webhook_events_not_empty webhooks.webhook_https_only
""".split()
INDEXES = """
    users.idx_users_tier users.idx_users_email users.idx_users_email_lower teams.idx_teams_slug
    memberships.idx_memberships_user_id memberships.idx_memberships_team_id
    invitations.idx_invitations_token invitations.idx_invitations_email
    invitations.idx_invitations_team_email api_keys.idx_api_keys_hash api_keys.idx_api_keys_user_id
    api_keys.idx_api_keys_owner api_keys.idx_api_keys_hash_prefix usage.idx_usage_period
    projects.idx_projects_team_id projects.idx_projects_created_by projects.idx_projects_status
    projects.idx_projects_team_updated jobs.idx_jobs_owner jobs.idx_jobs_triggered_by
    jobs.idx_jobs_project_id jobs.idx_jobs_parent_job_id jobs.idx_jobs_status jobs.idx_jobs_created_at
    jobs.idx_jobs_idempotency jobs.idx_jobs_one_active_per_project job_events.idx_job_events_job_created
    job_events.idx_job_events_job_sequence render_scenes.idx_render_scenes_open
    render_scenes.idx_render_scenes_clip job_dispatches.idx_job_dispatches_due artifacts.idx_artifacts_owner
    artifacts.idx_artifacts_project_id artifacts.idx_artifacts_kind artifacts.idx_artifacts_created_by
    system_assets.idx_system_assets_category system_assets.idx_system_assets_tags
    conversations.idx_conversations_user_status conversations.idx_conversations_user_last_message
    messages.idx_messages_conversation_sequence message_artifacts.idx_message_artifacts_artifact_id
    webhooks.idx_webhooks_team_id webhooks.idx_webhooks_team_active
    webhook_deliveries.idx_webhook_deliveries_webhook_id webhook_deliveries.idx_webhook_deliveries_retry
    webhook_deliveries.idx_webhook_deliveries_created
""".split()
TRIGGERS = {
    "users": "updated_at", "teams": "generate_slug updated_at",
    "memberships": "check_constraints prevent_empty_teams", "invitations": "check_constraints",
    "api_keys": "check_owner_constraints", "projects": "updated_at",
    "render_scenes": "updated_at drop_text",
    "jobs": "updated_at check_concurrency_limits normalize_row validate_status_transitions"
            " update_project_status release_artifacts keep_text",
    "job_events": "auto_sequence", "artifacts": "updated_at check_project",
    "conversations": "updated_at release_artifacts", "webhooks": "updated_at",
}
DEFAULTS = {"uuid": "uuid_generate_v4()", "now": "now()", "now + 7 days": "(now() + '7 days'::interval)"}


def default_of(word, type):
    if word is None or word in DEFAULTS:
        return DEFAULTS.get(word)
    if word == "serial":
        return "nextval('object_deletions_id_seq'::regclass)"
    if type in ("integer", "bigint", "boolean") or type.startswith("numeric"):
        return word
    cast = {"varchar(50)[]": "character varying[]"}.get(type, "character varying" if "varchar" in type else type)
    return f"'{word}'::{cast}"


def columns_of(text):
    for column in text.split(", "):
        left, has_default, default = column.partition(" =")
        name, type = left.split(" ", 1)
        bare = type.rstrip("!")
        yield name, bare, bare != type, default_of(default.strip() if has_default else None, bare)


@pytest.mark.parametrize("table", COLUMNS)
def test_a_table_has_exactly_its_columns(db, table):
    found = db.rows("""
        select attname, replace(replace(format_type(atttypid, atttypmod), 'character varying', 'varchar'),
                                'timestamp with time zone', 'timestamptz'), attnotnull, pg_get_expr(adbin, adrelid)
        from pg_attribute left join pg_attrdef on adrelid = attrelid and adnum = attnum
        where attrelid = %s::regclass and attnum > 0 and not attisdropped order by attnum""", table)
    assert [tuple(row) for row in found] == list(columns_of(COLUMNS[table]))


@pytest.mark.parametrize("name", ENUMS)
def test_an_enumeration_has_its_labels_in_order(db, name):
    assert db.one(f"select array_to_string(enum_range(null::{name}), ' ')") == ENUMS[name]


def test_constraints_indexes_and_triggers_have_their_names(db):
    def names(text):
        return {f"{row[0]}.{row[1]}" for row in db.rows(text)}

    assert not set(CONSTRAINTS) - names("select conrelid::regclass::text, conname from pg_constraint"
                                        " where conrelid <> 0")
    assert not set(INDEXES) - names("select tablename, indexname from pg_indexes where schemaname = 'public'")
    wanted = {f"{table}.trigger_{table}_{what}" for table, words in TRIGGERS.items() for what in words.split()}
    assert not wanted - names("select tgrelid::regclass::text, tgname from pg_trigger")


def test_every_table_column_function_and_type_says_what_it_is_for(db):
    silent = db.rows("""
        select c.relname || coalesce('.' || a.attname, '') from pg_class c
        join lateral (select 0 as attnum, null as attname union all
                      select attnum, attname from pg_attribute
                      where attrelid = c.oid and attnum > 0 and not attisdropped) a on true
        where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and c.relname <> 'schema_migrations'
          and col_description(c.oid, a.attnum) is null and (a.attnum > 0 or obj_description(c.oid) is null)
        union all
        select p.proname from pg_proc p
        where p.pronamespace = 'public'::regnamespace and obj_description(p.oid, 'pg_proc') is null
          and not exists (select 1 from pg_depend where objid = p.oid and deptype = 'e')
        union all
        select t.typname from pg_type t where t.typnamespace = 'public'::regnamespace and t.typtype = 'e'
          and obj_description(t.oid, 'pg_type') is null""")
    assert [row[0] for row in silent] == []


def refused(db, name, text, *values):
    with pytest.raises(psycopg2.IntegrityError) as caught:
        db.rows(text, *values)
    assert caught.value.diag.constraint_name == name


def test_times_have_a_fixed_width(db):
    assert db.one("select fc_time('2025-01-30 12:34:56+00')") == "2025-01-30T12:34:56.000000Z"
    assert db.one("select fc_time('2025-01-30 14:34:56.12+02')") == "2025-01-30T12:34:56.120000Z"


@pytest.mark.parametrize("urn, valid", [
    ("framecast:user:a-1_B", True), ("framecast:team:x", True), ("framecast:x:y", True), ("framecast:user:", False),
    ("framecast:user:a:b", False), ("other:user:x", False), ("framecast:user:x y", False), ("", False),
    ("framecast:user:x\n", False),
])
def test_urns(db, urn, valid):
    assert db.one("select is_valid_urn(%s)", urn) is valid


def test_updated_at_follows_the_clock_but_not_below_created_at(db):
    id = db.user()
    before = db.one("select updated_at from users where id = %s", id)
    assert db.one("update users set name = 'x' where id = %s returning updated_at", id) > before
    row = db.row("update users set created_at = now() + interval '1 day' where id = %s"
                 " returning created_at, updated_at", id)
    assert row.created_at == row.updated_at


@pytest.mark.parametrize("name, slug", [
    ("My Team!!", "my-team"), ("--A--", "a"), ("日本", "team"), ("x" * 100, "x" * 50),
])
def test_a_team_without_slug_gets_one_from_its_name(db, name, slug):
    db.rows("delete from teams where slug like %s", slug + "%")
    assert db.insert("teams", name=name).slug == slug
    again = db.insert("teams", name=name).slug
    assert again.startswith(slug[:43] + "-") and len(again) == len(slug[:43]) + 7


def test_emails_are_unique_without_regard_to_case(db):
    email = db.one("select email from users where id = %s", db.user())
    refused(db, "idx_users_email_lower", "insert into users (email) values (%s)", email.upper())


def test_a_creator_may_be_made_a_starter_again(db):
    id = db.user("creator")
    db.rows("update users set tier = 'starter', upgraded_at = null where id = %s", id)


@pytest.mark.parametrize("text", ["update users set credits = -1 where id = %s",
                                  "update users set ephemeral_storage_bytes = -1 where id = %s"])
def test_balances_are_never_negative(db, text):
    with pytest.raises(psycopg2.errors.CheckViolation):
        db.rows(text, db.user())


JOIN = "insert into memberships (team_id, user_id, role) values (%s, %s, %s)"


def test_only_creators_join_teams(db):
    refused(db, "memberships_creator_only", JOIN, db.team(), db.user("starter"), "viewer")


def test_the_first_member_need_not_be_an_owner(db):
    db.team(viewer=db.user())


def test_a_user_owns_10_teams_and_belongs_to_50(db):
    user = db.user()
    for role in ["owner"] * 10 + ["member"] * 40:
        if role == "owner":
            db.team(owner=user)
            continue
        last = db.team(member=user)
    refused(db, "memberships_limit", JOIN, db.team(), user, "viewer")
    refused(db, "memberships_owner_limit",
            "update memberships set role = 'owner' where team_id = %s and user_id = %s", last, user)
    db.rows("update memberships set role = 'viewer' where team_id = %s and user_id = %s", last, user)
    db.rows("update memberships set role = role where user_id = %s", user)


def test_the_last_member_and_the_last_owner_stay(db):
    ana, bob = db.user(), db.user()
    team = db.team(owner=ana)
    refused(db, "memberships_last_member", "delete from memberships where team_id = %s", team)
    db.rows(JOIN, team, bob, "admin")
    refused(db, "memberships_last_owner",
            "delete from memberships where team_id = %s and user_id = %s", team, ana)
    db.rows("delete from memberships where team_id = %s and user_id = %s", team, bob)
    db.rows("delete from teams where id = %s", team)
    assert db.rows("select 1 from memberships where team_id = %s", team) == []


INVITE = ("insert into invitations (team_id, invited_by, email, token, expires_at)"
          " values (%s, %s, %s, uuid_generate_v4(), now() + %s::interval)")


def test_nobody_invites_themselves_or_a_member(db):
    ana, bob = db.user(), db.user()
    team = db.team(owner=ana, member=bob)
    refused(db, "invitations_self", INVITE, team, ana, f"{ana}@EXAMPLE.com", "1 day")
    refused(db, "invitations_already_member", INVITE, team, ana, f"{bob}@EXAMPLE.com", "1 day")


def test_50_invitations_may_be_pending_not_counting_expired_ones(db):
    ana = db.user()
    team = db.team(owner=ana)
    for n in range(51):
        db.rows(INVITE, team, ana, f"x{n}@example.com", "-1 day" if n == 0 else "1 day")
    refused(db, "invitations_pending_limit", INVITE, team, ana, "y@example.com", "1 day")


KEY = "insert into api_keys (user_id, owner, key_prefix, key_hash) values (%s, %s, 'sk_live_', uuid_generate_v4())"


def test_a_starters_key_belongs_to_the_starter(db):
    ana = db.user("starter")
    db.rows(KEY, ana, f"framecast:user:{ana}")
    refused(db, "api_keys_starter_owner", KEY, ana, f"framecast:team:{db.team()}")
    refused(db, "api_keys_owner_is_urn", KEY, db.user(), "framecast:system:sfx:whoosh")


def test_revoked_keys_go_after_30_days(db):
    ana = db.user()
    for days in (29, 31):
        db.rows(KEY, ana, f"framecast:user:{ana}")
        db.rows("update api_keys set revoked_at = now() - %s * interval '1 day'"
                " where user_id = %s and revoked_at is null", days, ana)
    assert db.one("select fc_api_keys_cleanup()") >= 1
    assert db.one("select count(*) from api_keys where user_id = %s", ana) == 1


@pytest.mark.parametrize("period, valid", [("2025-01", True), ("2025-12", True), ("2025-13", False),
                                           ("2025-00", False), ("25-01", False)])
def test_periods_are_months(db, period, valid):
    text = "insert into usage (owner, period) values (%s, %s)"
    owner = f"framecast:user:{db.user()}"
    if valid:
        db.rows(text, owner, period)
    else:
        refused(db, "valid_period_format", text, owner, period)


ARTIFACT = "insert into artifacts (owner, created_by, kind, spec, filename, s3_key, content_type, size_bytes)" \
           " values (%s, %s, %s, %s, %s, uuid_generate_v4(), %s, %s)"


@pytest.mark.parametrize("kind, spec, type, size, constraint", [
    ("character", '{"name": "x"}', None, None, "artifacts_character_prompt"),
    ("character", '{"prompt": " \\t\\n"}', None, None, "artifacts_character_prompt"),
    ("character", '{"prompt": 3}', None, None, "artifacts_character_prompt"),
    ("storyboard", None, None, None, "spec_required_for_spec_kinds"),
    ("image", None, "image/gif", 5, "artifacts_content_type_for_kind"),
    ("image", None, None, 5, "media_has_file_fields"),
    ("audio", None, "audio/ogg", 52428801, "artifacts_size_range"),
    ("audio", None, "audio/ogg", 0, "artifacts_size_range"),
])
def test_artifacts_hold_what_their_kind_needs(db, kind, spec, type, size, constraint):
    user = db.user()
    refused(db, constraint, ARTIFACT, f"framecast:user:{user}", user, kind, spec, "f", type, size)


def test_an_artifact_of_a_project_is_owned_by_its_team(db):
    ana = db.user()
    project = db.project(db.team(owner=ana), ana)
    text = "insert into artifacts (owner, created_by, kind, spec, project_id) values (%s, %s, 'storyboard', '{}', %s)"
    refused(db, "artifacts_project_team", text, f"framecast:team:{db.team()}", ana, project)


def test_artifacts_outlive_their_conversation(db):
    ana = db.user()
    conversation = db.insert("conversations", user_id=ana, model="m").id
    artifact = db.insert("artifacts", owner=f"framecast:user:{ana}", created_by=ana, kind="storyboard", spec={},
                         source="conversation", conversation_id=conversation).id
    db.rows("delete from conversations where id = %s", conversation)
    assert tuple(db.row("select source, conversation_id from artifacts where id = %s", artifact)) == ("upload", None)


WEBHOOK = "insert into webhooks (team_id, created_by, url, events, secret)" \
          " values (%s, %s, %s, %s::webhook_event_type[], 's')"


@pytest.mark.parametrize("url, ok", [
    ("https://x.example", True), ("http://localhost:8000/hook", True), ("http://[::1]/", True),
    ("http://127.0.0.1", True),
    ("http://localhost.evil.example/", False), ("http://x.example", False), ("ftp://x", False),
])
def test_webhooks_are_https_or_this_machine(db, url, ok):
    ana = db.user()
    team = db.team(owner=ana)
    if ok:
        db.rows(WEBHOOK, team, ana, url, "{job.queued}")
    else:
        refused(db, "webhook_https_only", WEBHOOK, team, ana, url, "{job.queued}")
    refused(db, "webhook_events_not_empty", WEBHOOK, team, ana, "https://x.example", "{}")


def test_the_catalogue_is_complete_and_comes_back(db):
    assert db.one("select count(*) from system_assets") == 42
    whoosh = db.row("select * from system_assets where id = 'asset_sfx_whoosh'")
    assert (whoosh.name, str(whoosh.duration_seconds), whoosh.size_bytes, whoosh.s3_key, whoosh.tags) == (
        "Whoosh", "0.500", 8000, "assets/sfx/asset_sfx_whoosh.mp3", ["movement", "air", "fast", "transition"])
    assert db.one("select fc_system_assets_seed()") == 0
    db.rows("delete from system_assets where category = 'music'")
    assert db.one("select fc_system_assets_seed()") == 10
    refused(db, "system_assets_category_in_id", "update system_assets set category = 'music' where id = %s",
            "asset_sfx_whoosh")


@pytest.mark.parametrize("table", COLUMNS)
def test_any_table_can_be_truncated(db, table):
    db.begin()
    db.rows(f"truncate {table} cascade")
    db.connection.rollback()


def test_old_rows_are_cleaned_up(db):
    ana = db.user()
    job = db.job(ana)
    db.rows("insert into job_events (job_id, sequence, event_type, created_at)"
            " values (%s, 0, 'progress', now() - interval '8 days')", job)
    assert [name for name, _ in db.events(job)] == ["queued", "progress"]
    assert db.one("select cleanup_old_job_events()") >= 1
    assert [name for name, _ in db.events(job)] == ["queued"]
    webhook = db.insert("webhooks", team_id=db.team(owner=ana), created_by=ana, url="https://x.example",
                        events="{job.queued}", secret="s").id
    for days in (29, 31):
        db.rows("insert into webhook_deliveries (webhook_id, event_type, payload, created_at)"
                " values (%s, 'webhook.test', '{}', now() - %s * interval '1 day')", webhook, days)
    assert db.one("select cleanup_old_webhook_deliveries()") >= 1
    assert db.one("select count(*) from webhook_deliveries where webhook_id = %s", webhook) == 1


JOB = "insert into jobs (owner, triggered_by, spec_snapshot, status, project_id)" \
      " values (%s, %s, '{}', %s, %s) returning *"


def test_rows_made_by_hand_are_completed(db):
    ana = db.user()
    owner = f"framecast:user:{ana}"
    assert db.row(JOB, owner, ana, "processing", None).started_at
    done = db.row(JOB, owner, ana, "completed", None)
    assert done.completed_at and done.output == {}
    with pytest.raises(psycopg2.errors.CheckViolation):
        db.row(JOB, owner, ana, "failed", None)
    failed = db.insert("jobs", owner=owner, triggered_by=ana, spec_snapshot={}, status="failed", failure_type="system")
    assert failed.error == {"code": "unknown_error", "message": "Unknown error"}


def test_triggers_know_the_limits_of_jobs(db):
    starter = db.user("starter")
    db.row(JOB, f"framecast:user:{starter}", starter, "completed", None)
    db.row(JOB, f"framecast:user:{starter}", starter, "queued", None)
    refused(db, "jobs_concurrency_limit", JOB, f"framecast:user:{starter}", starter, "queued", None)
    ana = db.user()
    team = db.team(owner=ana)
    for n in range(5):
        owner = f"framecast:{team}:{ana}" if n % 2 else f"framecast:team:{team}"
        db.row(JOB, owner, ana, "queued", None)
    refused(db, "jobs_concurrency_limit", JOB, f"framecast:{team}:{ana}", ana, "processing", None)
    project = db.project(db.team(owner=ana), ana)
    owner = db.one("select 'framecast:team:' || team_id from projects where id = %s", project)
    db.row(JOB, owner, ana, "queued", project)
    refused(db, "jobs_one_active_per_project", JOB, owner, ana, "queued", project)


STATES = ("queued", "processing", "completed", "failed", "canceled")
MOVES = {"queued": ("processing", "failed", "canceled"), "processing": ("completed", "failed", "canceled")}


@pytest.mark.parametrize("before", STATES)
def test_a_job_moves_only_along_its_state_machine(db, before):
    ana = db.user()
    for after in STATES:
        failure = before if before in ("failed", "canceled") else None
        job = db.insert("jobs", owner=f"framecast:user:{ana}", triggered_by=ana, spec_snapshot={}, status=before,
                        failure_type={"failed": "system"}.get(failure, failure)).id
        text = ("update jobs set status = %s, failure_type = case when %s in ('failed', 'canceled')"
                " then 'system'::job_failure_type end where id = %s returning *")
        if after == before:
            db.row("update jobs set status = status where id = %s returning *", job)
        elif after in MOVES.get(before, ()):
            row = db.row(text, after, after, job)
            assert (row.started_at if after == "processing" else row.completed_at) is not None
        else:
            refused(db, "jobs_status_transition", text, after, after, job)
        db.rows("delete from jobs where id = %s", job)


def test_the_spec_of_a_job_is_fixed(db):
    refused(db, "jobs_spec_snapshot_fixed", "update jobs set spec_snapshot = '{}' where id = %s", db.job(db.user()))


def test_a_project_follows_its_job_only_on_changes(db):
    ana = db.user()
    team = db.team(owner=ana)
    for first, after in (("draft", "rendering"), ("completed", "rendering"), ("archived", "archived")):
        project = db.project(team, ana, status=first)
        job = db.row(JOB, f"framecast:team:{team}", ana, "processing", project).id
        assert db.one("select status from projects where id = %s", project) == after
        db.rows("update jobs set status = 'completed' where id = %s", job)
        ended = "completed" if after == "rendering" else after
        assert db.one("select status from projects where id = %s", project) == ended
        db.rows("update projects set status = 'rendering' where id = %s", project)
        db.rows("update jobs set options = '{\"x\": 1}' where id = %s", job)
        db.rows("delete from jobs where id = %s", job)
        assert db.one("select status from projects where id = %s", project) == "rendering"
