-- Times are microseconds since 1970-01-01 UTC.
CREATE TABLE users (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    name       TEXT NOT NULL,
    email      TEXT NOT NULL,
    role       TEXT NOT NULL CONSTRAINT users_role_check CHECK (role IN ('admin', 'editor', 'member')),
    version    INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
-- The names of constraints are part of the contract: the service maps them to error codes.
CREATE UNIQUE INDEX users_email_key ON users (lower(email));
CREATE INDEX users_created_at_idx ON users (created_at DESC, id DESC);
CREATE INDEX users_role_created_at_idx ON users (role, created_at DESC, id DESC);
CREATE INDEX users_name_idx ON users (name, id);
