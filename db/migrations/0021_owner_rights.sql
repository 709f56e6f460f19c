-- Who may see and who may use what an owner URN owns. Read anew by every statement: a changed
-- role counts from the next request on.

CREATE FUNCTION fc_owner_visible_in_team(p_user uuid, p_owner text) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN EXISTS (
        SELECT 1 FROM memberships m JOIN users u ON u.id = m.user_id
        WHERE m.user_id = p_user AND m.team_id = fc_owner_team(p_owner) AND u.tier = 'creator'
          AND p_owner IN ('framecast:team:' || m.team_id,
                          'framecast:' || m.team_id || ':' || p_user));
END
$$;
COMMENT ON FUNCTION fc_owner_visible_in_team IS 'Whether a user sees what a team URN owns';

-- Two functions, so that the planner inlines this one and personal rows cost no look-up.
CREATE FUNCTION fc_owner_visible(p_user uuid, p_owner text) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT p_owner = 'framecast:user:' || p_user OR fc_owner_visible_in_team(p_user, p_owner)
$$;
COMMENT ON FUNCTION fc_owner_visible IS 'Whether a user sees what an owner URN owns';

CREATE FUNCTION fc_owner_usable_in_team(p_user uuid, p_owner text) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN EXISTS (
        SELECT 1 FROM memberships m JOIN users u ON u.id = m.user_id
        WHERE m.user_id = p_user AND m.team_id = fc_owner_team(p_owner) AND u.tier = 'creator'
          AND m.role <> 'viewer'
          AND p_owner IN ('framecast:team:' || m.team_id,
                          'framecast:' || m.team_id || ':' || p_user));
END
$$;
COMMENT ON FUNCTION fc_owner_usable_in_team IS 'Whether a user may create things under a team URN';

CREATE FUNCTION fc_owner_usable(p_user uuid, p_owner text) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT p_owner = 'framecast:user:' || p_user OR fc_owner_usable_in_team(p_user, p_owner)
$$;
COMMENT ON FUNCTION fc_owner_usable IS 'Whether a user may create things under an owner URN';

CREATE FUNCTION fc_visible_owners(p_user uuid) RETURNS text[]
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN array_prepend('framecast:user:' || p_user, ARRAY(
        SELECT unnest(ARRAY['framecast:team:' || m.team_id,
                            'framecast:' || m.team_id || ':' || p_user])
        FROM memberships m JOIN users u ON u.id = m.user_id
        WHERE m.user_id = p_user AND u.tier = 'creator'));
END
$$;
COMMENT ON FUNCTION fc_visible_owners IS 'All owner URNs that a user sees, the personal one first';

CREATE FUNCTION fc_assets_facts(p_user uuid, p_ids text[]) RETURNS text
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        SELECT COALESCE(json_agg(json_build_object(
                   'id', w.id,
                   'system', w.is_system,
                   'found', s.id IS NOT NULL OR a.id IS NOT NULL,
                   'status', CASE WHEN s.id IS NOT NULL THEN 'ready' ELSE a.status::text END,
                   'kind', CASE WHEN s.id IS NOT NULL THEN 'system' ELSE a.kind::text END,
                   'content_type', COALESCE(s.content_type, a.content_type)) ORDER BY w.n), '[]')
        FROM (SELECT id, min(n) AS n, starts_with(id, 'asset_') AS is_system
              FROM unnest(p_ids) WITH ORDINALITY AS u (id, n) GROUP BY id) w
        LEFT JOIN system_assets s ON w.is_system AND s.id = w.id
        LEFT JOIN artifacts a ON NOT w.is_system AND a.id = fc_uuid(w.id)
                             AND fc_owner_visible(p_user, a.owner));
END
$$;
COMMENT ON FUNCTION fc_assets_facts IS
    'What a user may know of the assets that a spec names: JSON array of '
    '{id, system, found, status, kind, content_type}, in order of first mention';
