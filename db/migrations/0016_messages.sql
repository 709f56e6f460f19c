CREATE TYPE message_role AS ENUM ('user', 'assistant');
COMMENT ON TYPE message_role IS 'Who wrote a message';

CREATE TABLE messages (
    id uuid PRIMARY KEY DEFAULT uuid_generate_v4(),
    conversation_id uuid NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    role message_role NOT NULL,
    content text NOT NULL,
    artifacts jsonb,
    model varchar(100),
    input_tokens integer,
    output_tokens integer,
    sequence integer NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT messages_unique_sequence UNIQUE (conversation_id, sequence),
    CONSTRAINT messages_content_not_empty CHECK (length(trim(content)) > 0),
    CONSTRAINT messages_artifacts_is_array CHECK (jsonb_typeof(artifacts) = 'array'),
    CONSTRAINT messages_sequence_positive CHECK (sequence >= 1)
);
COMMENT ON TABLE messages IS 'Turns of a conversation';
COMMENT ON COLUMN messages.id IS 'Message id';
COMMENT ON COLUMN messages.conversation_id IS 'The conversation';
COMMENT ON COLUMN messages.role IS 'Who wrote it';
COMMENT ON COLUMN messages.content IS 'The text exactly as sent';
COMMENT ON COLUMN messages.artifacts IS
    'Array of {id, kind} made by a reply; history, may name deleted ones';
COMMENT ON COLUMN messages.model IS 'Model of an assistant''s message';
COMMENT ON COLUMN messages.input_tokens IS 'Tokens read, as the provider counts';
COMMENT ON COLUMN messages.output_tokens IS 'Tokens written, as the provider counts';
COMMENT ON COLUMN messages.sequence IS '1, 2, 3 ... per conversation';
COMMENT ON COLUMN messages.created_at IS 'When the row was made';

CREATE INDEX idx_messages_conversation_sequence ON messages (conversation_id, sequence);

CREATE TABLE message_artifacts (
    message_id uuid NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
    artifact_id uuid NOT NULL REFERENCES artifacts (id) ON DELETE CASCADE,
    PRIMARY KEY (message_id, artifact_id)
);
COMMENT ON TABLE message_artifacts IS 'Which existing artifacts a message made';
COMMENT ON COLUMN message_artifacts.message_id IS 'The message';
COMMENT ON COLUMN message_artifacts.artifact_id IS 'The artifact';

CREATE INDEX idx_message_artifacts_artifact_id ON message_artifacts (artifact_id);
