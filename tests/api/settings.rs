//! Settings that cannot be used: one sentence on standard error, exit code 2.

use crate::command_line::{Ended, run};

/// Nothing that is served here would ever be reached.
const LISTEN: [(&str, &str); 2] = [
    ("CENTUM_LISTEN", "127.0.0.1:0"),
    ("CENTUM_MANAGEMENT_LISTEN", "127.0.0.1:0"),
];

fn serve(settings: &[(&str, &str)]) -> Ended {
    run(&["serve"], &[&LISTEN[..], settings].concat())
}

#[test]
fn a_url_of_another_database_is_refused() {
    let sentence = serve(&[("DATABASE_URL", "mysql://localhost/centum")]).refused();
    assert_eq!(
        sentence,
        "api: DATABASE_URL cannot be used: it begins with neither postgres:// nor sqlite:"
    );
}

#[test]
fn a_database_in_memory_is_refused_with_the_reason() {
    for url in [
        "sqlite::memory:",
        "sqlite:file::memory:?cache=shared",
        "sqlite:file:x?mode=memory",
    ] {
        let sentence = serve(&[("DATABASE_URL", url)]).refused();
        assert!(
            sentence.contains("a database in memory belongs to one connection"),
            "{sentence}"
        );
    }
}

#[test]
fn faults_are_refused_in_production_and_where_they_would_not_be_seen() {
    for (setting, reason) in [
        (
            ("CENTUM_ENV", "production"),
            "where nobody may break the service on purpose",
        ),
        (("CENTUM_TELEMETRY", "off"), "where no fault would be seen"),
    ] {
        let sentence = serve(&[("CENTUM_FAULTS", "on"), setting]).refused();
        let (name, value) = setting;
        assert_eq!(
            sentence,
            format!(
                "api: CENTUM_FAULTS=on is refused with {name}={value}, {reason}: leave out one of the two"
            )
        );
    }
}

#[test]
fn a_url_that_names_no_file_is_refused() {
    let sentence = serve(&[("DATABASE_URL", "sqlite:")]).refused();
    assert!(
        sentence.contains("it names no file: use sqlite:PATH"),
        "{sentence}"
    );
}

#[test]
fn a_path_that_cannot_be_written_is_refused_by_every_command() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("file");
    std::fs::write(
        &file,
        "no database at all, but long enough to be taken for a damaged one",
    )
    .unwrap();
    let missing = format!("sqlite:{}/missing/centum.db", directory.path().display());
    let directory_url = format!("sqlite:{}", directory.path().display());
    let damaged = format!("sqlite:{}", file.display());
    for url in [
        missing.as_str(),
        &directory_url,
        &damaged,
        "sqlite:/proc/centum.db",
    ] {
        for arguments in [
            &["serve"][..],
            &["migrate", "up"],
            &["seed", "--users", "1"],
        ] {
            let sentence =
                run(arguments, &[&LISTEN[..], &[("DATABASE_URL", url)]].concat()).refused();
            assert!(
                sentence.contains("The database of DATABASE_URL cannot be used"),
                "{url}: {sentence}"
            );
            assert!(sentence.contains("check the address"), "{url}: {sentence}");
        }
    }
}

#[test]
fn a_database_that_cannot_be_reached_is_refused_without_its_password() {
    // Port 1 is nobody's.
    let url = "postgres://ada:secret@127.0.0.1:1/centum";
    for arguments in [&["serve"][..], &["migrate", "status"], &["seed"]] {
        let sentence = run(arguments, &[&LISTEN[..], &[("DATABASE_URL", url)]].concat()).refused();
        assert!(sentence.contains("Connection refused"), "{sentence}");
        assert!(!sentence.contains("secret"), "{sentence}");
    }
}

#[test]
fn a_busy_port_is_refused_and_the_sentence_names_the_setting() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let directory = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}/centum.db", directory.path().display());
    for setting in ["CENTUM_LISTEN", "CENTUM_MANAGEMENT_LISTEN"] {
        let sentence = serve(&[("DATABASE_URL", &url), (setting, &address)]).refused();
        assert!(
            sentence.contains(&format!("{address} cannot be listened on")),
            "{sentence}"
        );
        assert!(
            sentence.contains(&format!("set {setting} to a free address")),
            "{sentence}"
        );
    }
}

#[test]
fn settings_out_of_bounds_are_refused() {
    for (setting, value) in [
        ("CENTUM_LISTEN", "localhost"),
        ("CENTUM_LISTEN", "127.0.0.1:65536"),
        ("CENTUM_WORKERS", "1025"),
        ("CENTUM_WORKERS", "two"),
        ("CENTUM_POOL_SIZE", "0"),
        ("CENTUM_SQLITE_READERS", "65"),
        ("CENTUM_POOL_WAIT_TIMEOUT_MS", "0"),
        ("CENTUM_STATEMENT_TIMEOUT_MS", "-1"),
        ("CENTUM_CACHE", "maybe"),
        ("CENTUM_LOG_FORMAT", "xml"),
        ("OTEL_EXPORTER_OTLP_TIMEOUT", "0"),
        ("OTEL_TRACES_SAMPLER_ARG", "1.5"),
        ("OTEL_TRACES_SAMPLER_ARG", "NaN"),
        ("OTEL_TRACES_SAMPLER_ARG", "often"),
    ] {
        let ended = serve(&[("DATABASE_URL", "sqlite:/proc/centum.db"), (setting, value)]);
        assert_eq!(ended.code, Some(2), "{setting}={value}: {ended:?}");
        assert!(ended.err.contains(value), "{setting}={value}: {ended:?}");
        assert_eq!(ended.out, "", "{setting}={value}");
    }
}

#[test]
fn a_standard_variable_that_is_empty_counts_as_unset() {
    for setting in ["OTEL_EXPORTER_OTLP_TIMEOUT", "OTEL_TRACES_SAMPLER_ARG"] {
        // It gets as far as the database, which cannot be made there.
        let sentence =
            serve(&[("DATABASE_URL", "sqlite:/proc/centum.db"), (setting, "")]).refused();
        assert!(sentence.contains("DATABASE_URL"), "{setting}: {sentence}");
    }
}

#[test]
fn a_filter_of_the_log_that_means_nothing_is_refused() {
    let sentence = serve(&[("RUST_LOG", "info,=loud==")]).refused();
    assert!(sentence.contains("RUST_LOG cannot be used"), "{sentence}");
}

#[test]
fn a_collector_that_is_no_url_is_refused_and_the_sentence_names_the_variable() {
    for setting in [
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
    ] {
        for url in [
            "nonsense",
            "localhost:4318",
            "ftp://localhost",
            "http://",
            "http://:4318",
            "http://a b:4318",
            "http://localhost:port",
        ] {
            let sentence =
                serve(&[("DATABASE_URL", "sqlite:/proc/centum.db"), (setting, url)]).refused();
            assert!(sentence.contains(setting), "{url}: {sentence}");
            assert!(sentence.contains("cannot be used"), "{url}: {sentence}");
        }
    }
}

#[test]
fn an_unknown_command_or_option_is_refused() {
    for arguments in [
        &[][..],
        &["start"],
        &["serve", "--colour", "red"],
        &["migrate"],
        &["migrate", "sideways"],
        &["seed", "--users", "0"],
    ] {
        let ended = run(arguments, &[]);
        assert_eq!(ended.code, Some(2), "{ended:?}");
        assert!(!ended.err.is_empty());
    }
}

#[test]
fn an_option_outweighs_its_environment_variable() {
    let ended = run(
        &["migrate", "status", "--database-url", "sqlite:"],
        &[("DATABASE_URL", "mysql:")],
    );
    assert!(ended.refused().contains("it names no file"));
}
