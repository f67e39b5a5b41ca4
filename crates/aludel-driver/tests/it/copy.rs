//! `COPY … FROM STDIN` with data from the program.

use std::fmt::Write as _;
use std::path::Path;

use aludel_driver::{Connection, DatabaseUrl, OpenMode};
use aludel_testkit::server;

async fn open(url: &str) -> Connection<'static> {
    let url = DatabaseUrl::parse(url, Path::new(".")).unwrap();
    Connection::open(&url, OpenMode::Write).await.unwrap()
}

#[tokio::test]
async fn rows_arrive_in_every_format_of_text() {
    let database = server().database();
    let connection = open(&database.url()).await;
    connection.run("CREATE TABLE t (a int, b text)").await.unwrap();
    for (sql, data, rows) in [
        ("COPY t (a, b) FROM stdin", "1\tx\\ty\n2\t\\N\n", 2),
        ("COPY t FROM STDIN", "3\tcarriage\r\n4\treturn\r\n", 2),
        ("COPY t FROM STDIN WITH (FORMAT csv, HEADER)", "a,b\n5,\"two\nlines; \"\"q\"\"\"\n", 1),
        ("COPY t FROM STDIN CSV WHERE a > 6", "6,no\n7,yes\n", 1),
        ("COPY t FROM STDIN", "", 0),
    ] {
        assert_eq!(connection.copy_in(sql, data).await.unwrap(), rows, "{sql}");
    }
    let all = database.sql("SELECT a, to_json(b) FROM t ORDER BY a");
    let expected =
        "1|\"x\\ty\"\n2|\n3|\"carriage\"\n4|\"return\"\n5|\"two\\nlines; \\\"q\\\"\"\n7|\"yes\"\n";
    assert_eq!(all, expected);
}

#[tokio::test]
async fn data_is_sent_in_pieces() {
    let database = server().database();
    let connection = open(&database.url()).await;
    connection.run("CREATE TABLE t (a int, b text)").await.unwrap();
    let mut data = String::new();
    for row in 0..200_000 {
        let _ = writeln!(data, "{row}\tsome words of row {row}, é");
    }
    assert_eq!(connection.copy_in("COPY t FROM STDIN", &data).await.unwrap(), 200_000);
    let sums = database.sql("SELECT count(*), sum(a), max(length(b)) FROM t");
    assert_eq!(sums.trim(), "200000|19999900000|27");
}

#[tokio::test]
async fn a_row_that_is_refused_is_named_and_the_session_goes_on() {
    let database = server().database();
    let connection = open(&database.url()).await;
    connection.run("CREATE TABLE t (a int)").await.unwrap();
    connection.run("BEGIN").await.unwrap();
    let mut data = "1\nx\n".to_owned();
    data.push_str(&"2\n".repeat(100_000));
    let error = connection.copy_in("COPY t FROM STDIN", &data).await.unwrap_err();
    let error = error.statement().unwrap();
    assert_eq!(error.code, "22P02");
    assert_eq!(error.context.as_deref(), Some("COPY t, line 2, column a: \"x\""));
    connection.run("ROLLBACK").await.unwrap();
    assert_eq!(connection.copy_in("COPY t FROM STDIN", "7\n").await.unwrap(), 1);
    assert_eq!(database.sql("SELECT a FROM t").trim(), "7");
    let error = connection.copy_in("COPY t FROM STDIN WITH nonsense", "7\n").await.unwrap_err();
    assert_eq!(error.statement().unwrap().position, Some(24));
    assert_eq!(connection.run("DELETE FROM t").await.unwrap(), 1);
}

#[tokio::test]
async fn no_answer_is_believed_after_a_copy_that_could_not_begin() {
    let database = server().database();
    let connection = open(&database.url()).await;
    let error = connection.copy_in("COPY nowhere FROM STDIN", "1\n").await.unwrap_err();
    assert_eq!(error.statement().unwrap().code, "42P01");
    for sql in ["SELECT 1", "COMMIT"] {
        let error = connection.run(sql).await.unwrap_err().to_string();
        assert!(error.contains("a COPY could not begin"), "{error}");
    }
    assert!(connection.query("SELECT 1").await.is_err());
    assert!(connection.copy_in("COPY nowhere FROM STDIN", "1\n").await.is_err());
    let (at, _) = connection.run_all(&["SELECT 1"]).await.unwrap_err();
    assert_eq!(at, 0);
}

#[tokio::test]
async fn sqlite_has_no_copy() {
    let connection = open("sqlite::memory:").await;
    let error = connection.copy_in("COPY t FROM STDIN", "1\n").await.unwrap_err();
    assert!(error.to_string().contains("near \"COPY\""), "{error}");
}
