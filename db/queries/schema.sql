-- The migrations' own book.

-- name: schema_has_table :plain read
SELECT 1 WHERE to_regclass('schema_migrations') IS NOT NULL

-- name: schema_applied :plain read
SELECT number, checksum FROM schema_migrations ORDER BY number

-- name: schema_is_applied :plain read
-- params: number int
SELECT 1 FROM schema_migrations WHERE number = :number

-- name: schema_record :plain write
-- params: number int, name text, checksum text
INSERT INTO schema_migrations (number, name, checksum) VALUES (:number, :name, :checksum)

-- Whether the newest migration that this binary knows is there: what /ready asks.
-- name: schema_ready :plain read
-- params: newest int
SELECT 1 FROM schema_migrations WHERE number = :newest

-- name: system_assets_seed :plain write
SELECT fc_system_assets_seed()
