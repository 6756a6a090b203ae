//! Diesel's tables, the same for both databases. They follow `migrations/`.
#![expect(
    missing_docs,
    reason = "the columns are described in migrations/ and in models/"
)]

diesel::table! {
    users (id) {
        id -> BigInt,
        name -> Text,
        email -> Text,
        role -> Text,
        version -> Integer,
        created_at -> crate::database::types::TimestampMicros,
        updated_at -> crate::database::types::TimestampMicros,
    }
}

diesel::table! {
    posts (id) {
        id -> BigInt,
        author_id -> BigInt,
        title -> Text,
        body -> Text,
        status -> Text,
        version -> Integer,
        created_at -> crate::database::types::TimestampMicros,
        updated_at -> crate::database::types::TimestampMicros,
    }
}

diesel::table! {
    idempotency_keys (key) {
        key -> Text,
        fingerprint -> Binary,
        status -> Nullable<Integer>,
        headers -> Nullable<Text>,
        body -> Nullable<Binary>,
        created_at -> crate::database::types::TimestampMicros,
    }
}
