//! Errors of connections that can't be opened: their words, and the time until they come.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::time::{Duration, Instant};

use aludel_driver::{ConnectCause, ConnectError, Connection, DatabaseUrl, DriverError, OpenMode};
use aludel_testkit::server;

/// Connects, and returns why that failed.
fn refused(url: &str) -> ConnectError {
    let url = DatabaseUrl::parse(url, Path::new(".")).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let opened = runtime.block_on(Connection::open(&url, OpenMode::Read));
    let Err(DriverError::Connect(error)) = opened else { unreachable!("{url}: {opened:?}") };
    error
}

/// Starts something that accepts connections and treats each of them in this way. Returns its
/// address.
fn listener(treat: fn(TcpStream)) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            std::thread::spawn(move || treat(stream.unwrap()));
        }
    });
    address
}

#[test]
fn the_cause_is_told_apart() {
    let silent = listener(|mut stream| while stream.read(&mut [0; 64]).is_ok_and(|n| n > 0) {});
    let closing = listener(drop);
    let web = listener(|mut stream| {
        let _ = stream.read(&mut [0; 64]);
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
    });
    let database = server().database();
    let with = |query: &str| {
        let url = database.url();
        format!("{url}{}{query}", if url.contains('?') { '&' } else { '?' })
    };
    let guarded = server().url_as("guarded", &database.name).replace("guarded:right@", "guarded@");
    use ConnectCause::{
        NameNotFound, NoAnswer, NoPassword, NotBound, OtherSession, Refused, Unreachable,
    };
    for (url, cause, code) in [
        (format!("postgresql://u@{silent}/d?connect_timeout=1"), NoAnswer, None),
        (format!("postgresql://u@{silent}/d?connect_timeout=1&sslmode=disable"), NoAnswer, None),
        (format!("postgresql://u@{silent}/d?connect_timeout=1&sslmode=require"), NoAnswer, None),
        (format!("postgresql://u@{closing}/d"), NoAnswer, None),
        (format!("postgresql://u@{web}/d"), NoAnswer, None),
        ("postgresql://u@127.0.0.1:1/d".to_owned(), Unreachable, None),
        ("postgresql://u@no-such-host.invalid/d".to_owned(), NameNotFound, None),
        ("postgresql://u@127.0.0.1:1,no-such-host.invalid/d".to_owned(), NameNotFound, None),
        (with("channel_binding=require&sslmode=disable"), NotBound, None),
        ("postgresql:///d?host=/nowhere&user=u".to_owned(), Unreachable, None),
        (guarded, NoPassword, None),
        (with("options=-c%20nonsense%3D1"), Refused, Some("42704")),
        (with("options=--nonsense"), Refused, Some("42601")),
        (
            with("options=-c%20default_transaction_read_only%3Don&target_session_attrs=read-write"),
            OtherSession,
            None,
        ),
        (with("target_session_attrs=read-only"), OtherSession, None),
    ] {
        let start = Instant::now();
        let error = refused(&url);
        assert_eq!((error.cause, error.code.as_deref()), (cause, code), "{url}: {error}");
        assert!(start.elapsed() < Duration::from_secs(8), "{url}: {:?}", start.elapsed());
    }
}
