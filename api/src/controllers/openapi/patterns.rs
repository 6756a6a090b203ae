//! The rules of `models/` as regular expressions, in the common part of ECMA 262 and its relatives. Their lengths stand beside them, in the schemas.

/// Canonical decimal digits. Of the 64 bits that an id has, the last 2.5 % are left out, which would double its length.
pub(super) const ID: &str = "^([1-9][0-9]{0,17}|[1-8][0-9]{18})$";

/// One line: no control characters, no space at either end. See `models::Name` and `models::Title`.
pub(super) const LINE: &str = "^[^\\s\\u0000-\\u001f\\u007f-\\u009f]([^\\u0000-\\u001f\\u007f-\\u009f\\u2028\\u2029]*[^\\s\\u0000-\\u001f\\u007f-\\u009f])?$";

/// No control characters but line breaks and tabs, and something besides spaces. See `models::Body`.
pub(super) const TEXT: &str = "^[^\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f-\\u009f]*[^\\s\\u0000-\\u001f\\u007f-\\u009f][^\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f-\\u009f]*$";

/// No control characters. See `Parameters::prefix`.
pub(super) const PREFIX: &str = "^[^\\u0000-\\u001f\\u007f-\\u009f]+$";

/// The grammar of browsers with a dot in the domain. See `models::EmailAddress`.
pub(super) const EMAIL: &str = "^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)+$";

/// Visible ASCII characters. What begins with a quotation mark is unquoted first, so it must end with one.
pub(super) const KEY: &str = "^[!#-~][!-~]*$";

/// A part: base64url of a version, some keys and a signature. See `controllers::cursor`.
pub(super) const CURSOR: &str = "[A-Za-z0-9_-]{48,}";
