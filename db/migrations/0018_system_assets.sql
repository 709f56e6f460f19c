CREATE TYPE system_asset_category AS ENUM ('sfx', 'ambient', 'music', 'transition');
COMMENT ON TYPE system_asset_category IS 'Kinds of ready-made sounds; lists follow this order';

CREATE TABLE system_assets (
    id varchar(100) PRIMARY KEY,
    category system_asset_category NOT NULL,
    name varchar(255) NOT NULL,
    description varchar(500) NOT NULL DEFAULT '',
    duration_seconds numeric(10, 3),
    s3_key varchar(500) NOT NULL,
    content_type varchar(255) NOT NULL,
    size_bytes bigint NOT NULL,
    tags varchar(50)[] NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT system_assets_s3_key_unique UNIQUE (s3_key),
    CONSTRAINT valid_asset_id CHECK (id ~ '^asset_(sfx|ambient|music|transition)_[a-z0-9_]+$'),
    CONSTRAINT system_assets_category_in_id
        CHECK (starts_with(id, 'asset_' || CASE category WHEN 'sfx' THEN 'sfx_'
                                           WHEN 'ambient' THEN 'ambient_'
                                           WHEN 'music' THEN 'music_'
                                           WHEN 'transition' THEN 'transition_' END)),
    CONSTRAINT system_assets_duration_positive CHECK (duration_seconds > 0),
    CONSTRAINT system_assets_size_positive CHECK (size_bytes > 0)
);
COMMENT ON TABLE system_assets IS 'Ready-made sounds for everybody';
COMMENT ON COLUMN system_assets.id IS 'asset_<category>_<name>, the form used in specs';
COMMENT ON COLUMN system_assets.category IS 'Kind of sound, the same as in the id';
COMMENT ON COLUMN system_assets.name IS 'For people';
COMMENT ON COLUMN system_assets.description IS 'What it sounds like';
COMMENT ON COLUMN system_assets.duration_seconds IS 'Length in seconds';
COMMENT ON COLUMN system_assets.s3_key IS 'Key in the system bucket';
COMMENT ON COLUMN system_assets.content_type IS 'Media type of the file';
COMMENT ON COLUMN system_assets.size_bytes IS
    'Size of the file; 16000 a second until real files are stored';
COMMENT ON COLUMN system_assets.tags IS 'Words for searching';
COMMENT ON COLUMN system_assets.created_at IS 'When the row was made';

CREATE INDEX idx_system_assets_category ON system_assets (category);
CREATE INDEX idx_system_assets_tags ON system_assets USING gin (tags);

CREATE FUNCTION fc_system_assets_seed() RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
    v_inserted integer;
BEGIN
    INSERT INTO system_assets (id, category, name, description, duration_seconds, s3_key,
                               content_type, size_bytes, tags)
    SELECT c.id, c.category::system_asset_category, c.name, c.description, c.seconds,
           'assets/' || c.category || '/' || c.id || '.mp3', 'audio/mpeg', c.seconds * 16000,
           string_to_array(c.tags, ', ')
    FROM (VALUES
        ('asset_sfx_whoosh', 'sfx', 'Whoosh',
         'Short, airy pass-by', 0.5, 'movement, air, fast, transition'),
        ('asset_sfx_whoosh_heavy', 'sfx', 'Whoosh Heavy',
         'Weighty pass-by with low end', 0.8, 'movement, air, powerful, impact'),
        ('asset_sfx_impact', 'sfx', 'Impact',
         'Plain hit for any collision', 0.3, 'collision, hit, punch, effect'),
        ('asset_sfx_impact_metal', 'sfx', 'Impact Metal',
         'Hit on metal that rings', 0.4, 'metal, collision, clang, industrial'),
        ('asset_sfx_click', 'sfx', 'Click',
         'Soft interface button press', 0.2, 'ui, interactive, button, light'),
        ('asset_sfx_pop', 'sfx', 'Pop',
         'Tiny bubble bursting', 0.25, 'pop, burst, playful, light'),
        ('asset_sfx_applause', 'sfx', 'Applause',
         'Audience clapping at length', 3.2, 'crowd, celebration, approval, audience'),
        ('asset_sfx_applause_short', 'sfx', 'Applause Short',
         'Brief round of clapping', 1.1, 'crowd, celebration, approval, quick'),
        ('asset_sfx_footsteps', 'sfx', 'Footsteps',
         'Steps at walking pace', 1.8, 'human, movement, walking, ambient'),
        ('asset_sfx_footsteps_running', 'sfx', 'Footsteps Running',
         'Steps at running pace', 1.2, 'human, movement, running, fast'),
        ('asset_sfx_confetti', 'sfx', 'Confetti',
         'Party popper with paper rain', 0.6, 'celebration, festive, playful, effect'),
        ('asset_sfx_door_open', 'sfx', 'Door Open',
         'Old door swinging open', 0.7, 'interaction, environment, creak, object'),
        ('asset_sfx_door_close', 'sfx', 'Door Close',
         'Door falling shut', 0.6, 'interaction, environment, slam, object'),
        ('asset_sfx_typing', 'sfx', 'Typing',
         'Run of keys on a keyboard', 1.4, 'human, interaction, office, activity'),
        ('asset_sfx_notification', 'sfx', 'Notification',
         'Single attention tone', 0.3, 'ui, alert, attention, digital'),
        ('asset_ambient_crowd', 'ambient', 'Crowd',
         'Many people talking low', 5.0, 'crowd, people, background, calm'),
        ('asset_ambient_crowd_excited', 'ambient', 'Crowd Excited',
         'Lively talk of an eager crowd', 4.8, 'crowd, people, background, energetic'),
        ('asset_ambient_nature', 'ambient', 'Nature',
         'Woodland with birdsong', 6.0, 'nature, outdoor, birds, forest'),
        ('asset_ambient_nature_rain', 'ambient', 'Nature Rain',
         'Steady rain outdoors', 5.5, 'nature, outdoor, water, weather'),
        ('asset_ambient_city', 'ambient', 'City',
         'Busy street by day', 5.2, 'city, outdoor, urban, busy'),
        ('asset_ambient_city_night', 'ambient', 'City Night',
         'Traffic after dark', 5.0, 'city, outdoor, urban, night'),
        ('asset_ambient_office', 'ambient', 'Office',
         'Room tone of a workplace', 5.8, 'office, indoor, workplace, ambient'),
        ('asset_ambient_theater', 'ambient', 'Theater',
         'Hall tone of a stage or cinema', 4.5, 'indoor, entertainment, venue, ambient'),
        ('asset_ambient_factory', 'ambient', 'Factory',
         'Machines on a shop floor', 6.2, 'industrial, machinery, factory, ambient'),
        ('asset_ambient_cafe', 'ambient', 'Cafe',
         'Coffee house in the background', 5.3, 'indoor, social, cafe, ambient'),
        ('asset_ambient_ocean', 'ambient', 'Ocean',
         'Sea breaking on a shore', 5.7, 'nature, water, outdoor, weather'),
        ('asset_music_tense', 'music', 'Tense',
         'Score that builds suspense', 15.0, 'mood, tension, dramatic, orchestral'),
        ('asset_music_tense_minimal', 'music', 'Tense Minimal',
         'Sparse bed of suspense', 12.5, 'mood, tension, minimal, subtle'),
        ('asset_music_triumphant', 'music', 'Triumphant',
         'Bright piece for a victory', 18.0, 'mood, victory, uplifting, orchestral'),
        ('asset_music_peaceful', 'music', 'Peaceful',
         'Slow piece to rest to', 20.0, 'mood, peaceful, calming, instrumental'),
        ('asset_music_energetic', 'music', 'Energetic',
         'Fast track that pushes on', 14.0, 'mood, energetic, driving, upbeat'),
        ('asset_music_anticipation', 'music', 'Anticipation',
         'Theme growing towards a reveal', 13.5, 'mood, anticipation, building, dramatic'),
        ('asset_music_corporate', 'music', 'Corporate',
         'Neutral bed for business films', 19.0, 'mood, corporate, professional, neutral'),
        ('asset_music_emotional', 'music', 'Emotional',
         'Piece meant to move the viewer', 16.5, 'mood, emotional, poignant, orchestral'),
        ('asset_music_playful', 'music', 'Playful',
         'Quirky, carefree tune', 12.0, 'mood, playful, whimsical, upbeat'),
        ('asset_music_dramatic', 'music', 'Dramatic',
         'Forceful theme for high stakes', 17.0, 'mood, dramatic, intense, orchestral'),
        ('asset_transition_swoosh', 'transition', 'Swoosh',
         'Tidy musical sweep', 0.6, 'transition, movement, clean, effect'),
        ('asset_transition_fade', 'transition', 'Fade',
         'Soft swell that dies away', 1.0, 'transition, fade, smooth, effect'),
        ('asset_transition_glitch', 'transition', 'Glitch',
         'Splash of digital noise', 0.4, 'transition, digital, glitch, modern'),
        ('asset_transition_boom', 'transition', 'Boom',
         'Low, heavy thud', 0.8, 'transition, impact, deep, powerful'),
        ('asset_transition_reverse', 'transition', 'Reverse',
         'A sound played backwards', 0.7, 'transition, reverse, effect, unusual'),
        ('asset_transition_rise', 'transition', 'Rise',
         'Climbing tone under tension', 1.2, 'transition, rise, building, effect')
    ) AS c (id, category, name, description, seconds, tags)
    ON CONFLICT DO NOTHING;
    GET DIAGNOSTICS v_inserted = ROW_COUNT;
    RETURN v_inserted;
END
$$;
COMMENT ON FUNCTION fc_system_assets_seed IS
    'Inserts the catalogue, skipping rows that clash with existing ones; returns how many '
    'were missing';

SELECT fc_system_assets_seed();
