CREATE TYPE conversation_status AS ENUM ('active', 'archived');
COMMENT ON TYPE conversation_status IS 'archived: readable, but closed to new messages';

CREATE TABLE conversations (
    id uuid PRIMARY KEY DEFAULT uuid_generate_v4(),
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    title varchar(200),
    model varchar(100) NOT NULL,
    system_prompt text,
    status conversation_status NOT NULL DEFAULT 'active',
    message_count integer NOT NULL DEFAULT 0,
    last_message_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT conversations_system_prompt_length CHECK (char_length(system_prompt) <= 10000),
    CONSTRAINT conversations_message_count_not_negative CHECK (message_count >= 0),
    CONSTRAINT conversations_timestamps_order CHECK (created_at <= updated_at)
);
COMMENT ON TABLE conversations IS 'Chats of one user with the language model, seen by nobody else';
COMMENT ON COLUMN conversations.id IS 'Conversation id';
COMMENT ON COLUMN conversations.user_id IS 'Whose it is';
COMMENT ON COLUMN conversations.title IS 'Given by the user';
COMMENT ON COLUMN conversations.model IS 'The language model''s name, judged by the provider alone';
COMMENT ON COLUMN conversations.system_prompt IS 'Sent ahead of all messages';
COMMENT ON COLUMN conversations.status IS 'Open or archived';
COMMENT ON COLUMN conversations.message_count IS 'Number of its messages';
COMMENT ON COLUMN conversations.last_message_at IS 'Time of the newest message';
COMMENT ON COLUMN conversations.created_at IS 'When the row was made';
COMMENT ON COLUMN conversations.updated_at IS 'When the row last changed';

CREATE INDEX idx_conversations_user_status ON conversations (user_id, status);
CREATE INDEX idx_conversations_user_last_message
    ON conversations (user_id, last_message_at DESC);

CREATE TRIGGER trigger_conversations_updated_at BEFORE UPDATE ON conversations
    FOR EACH ROW EXECUTE FUNCTION update_updated_at_column();
