CREATE TABLE idempotency_keys (
    -- The method with the concrete path, a space, and what the client sent in Idempotency-Key, in which there is no space.
    key         TEXT NOT NULL PRIMARY KEY,
    -- SHA-256 of the request's body.
    fingerprint BLOB NOT NULL,
    -- The answer. NULL while the first request with the key is at work, which nobody else sees: it commits the row with its answer.
    status      INTEGER,
    headers     TEXT,
    body        BLOB,
    -- Microseconds since 1970-01-01 UTC.
    created_at  INTEGER NOT NULL
) STRICT;
CREATE INDEX idempotency_keys_created_at_idx ON idempotency_keys (created_at);
