use rust_app::{crc32, App};

#[test]
fn the_c_part_gives_the_check_value_of_crc_32() {
    assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
    assert_eq!(crc32(b""), 0);
}

#[test]
fn a_body_is_answered_with_its_checksum() {
    let (status, body) = App::default().answer("POST", "/crc32", b"123456789");
    assert_eq!(
        (status, body.as_str()),
        ("200 OK", r#"{"crc32":"cbf43926"}"#)
    );
}

#[test]
fn requests_are_counted_and_health_checks_are_not() {
    let app = App::default();
    app.answer("GET", "/version", b"");
    app.answer("GET", "/healthz", b"");
    assert_eq!(app.answer("GET", "/count", b"").1, r#"{"count":2}"#);
}

#[test]
fn an_unknown_path_is_not_found() {
    assert_eq!(
        App::default().answer("GET", "/nothing", b"").0,
        "404 Not Found"
    );
}
