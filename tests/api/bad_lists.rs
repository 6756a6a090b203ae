//! Every parameter of both lists, with every kind of value that means nothing to it.

use tests::on_each_database;

use crate::bad_input::assert_refused;

/// Parameters, the lists that have them, and their codes.
const PARAMETERS: &[(&str, &[&str], &str)] = &[
    ("page", &["users", "posts"], "INVALID_PAGE"),
    ("limit", &["users", "posts"], "INVALID_LIMIT"),
    ("cursor", &["users", "posts"], "INVALID_CURSOR"),
    ("sort", &["users", "posts"], "INVALID_SORT"),
    ("fields", &["users", "posts"], "INVALID_FIELDS"),
    ("include", &["users", "posts"], "INVALID_INCLUDE"),
    ("count", &["users", "posts"], "INVALID_COUNT"),
    ("role", &["users"], "INVALID_ROLE"),
    ("status", &["posts"], "INVALID_STATUS"),
    ("author_id", &["posts"], "INVALID_ID"),
    ("id[in]", &["users", "posts"], "INVALID_FILTER"),
    ("created_at[gte]", &["users", "posts"], "INVALID_FILTER"),
    ("created_at[gt]", &["users", "posts"], "INVALID_FILTER"),
    ("created_at[lte]", &["users", "posts"], "INVALID_FILTER"),
    ("created_at[lt]", &["users", "posts"], "INVALID_FILTER"),
];

/// Nothing, the wrong type, NUL, look-alikes of digits and letters, marks of order, numbers at and beyond the bounds of i64.
const VALUES: &[&str] = &[
    "",
    "%20",
    ",",
    "true",
    "null",
    "[]",
    "{}",
    "1.0",
    "1e3",
    "0x1",
    "%00",
    "1%00",
    "admin%00",
    "%D9%A1",
    "%EF%BC%91",
    "%D0%B0dmin",
    "%E2%80%AEnimda",
    "%EF%BB%BFid",
    "%FF%FE",
    "%ED%A0%80",
    "-1",
    "0",
    "-9223372036854775808",
    "-9223372036854775809",
    "9223372036854775808",
    "18446744073709551616",
    "';DROP%20TABLE%20users;--",
];

#[tokio::test(flavor = "multi_thread")]
async fn a_value_that_means_nothing_has_the_code_of_its_parameter() {
    on_each_database(async |app| {
        let long = "x".repeat(5_000);
        for &(name, lists, code) in PARAMETERS {
            for list in lists {
                for value in VALUES.iter().copied().chain([long.as_str()]) {
                    let path = format!("/api/v1/{list}?{name}={value}");
                    let response = app.get(&path).send().await;
                    // A whole number, though a great one, is a page: one that is out of reach.
                    let beyond = name == "page" && value.parse::<u128>().is_ok_and(|page| page > 0);
                    let code = if beyond { "PAGE_OUT_OF_RANGE" } else { code };
                    assert_eq!(response.json()["error"]["code"], code, "{path:.200}");
                    assert_refused(&response, code);
                    assert!(response.text.len() < 1000, "{path:.200}");
                }
            }
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_parameter_is_refused_without_a_value_and_when_it_is_repeated() {
    on_each_database(async |app| {
        for &(name, lists, code) in PARAMETERS {
            for list in lists {
                let path = format!("/api/v1/{list}?{name}");
                assert_refused(&app.get(&path).send().await, code);
                for value in ["1", "id", "admin", ""] {
                    let path = format!("/api/v1/{list}?{name}={value}&{name}={value}");
                    assert_refused(&app.get(&path).send().await, "CONFLICTING_PARAMETERS");
                }
            }
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_up_to_the_bounds_are_taken() {
    on_each_database(async |app| {
        let greatest = "9223372036854775807";
        for query in [
            format!("posts?author_id={greatest}"),
            format!("posts?id[in]=1,{greatest}"),
            format!("users?id[in]={greatest}"),
            "users?limit=1&page=10000".to_owned(),
            "users?limit=100&page=100".to_owned(),
        ] {
            let response = app.get(&format!("/api/v1/{query}")).send().await;
            let list = response.expect(200).json();
            assert_eq!(list["data"].as_array().map(Vec::len), Some(0), "{query}");
        }
    })
    .await;
}
