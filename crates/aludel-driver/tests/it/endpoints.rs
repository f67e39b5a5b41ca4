//! Which servers and which database a URL and its surroundings mean. psql gives the same answers.

use std::fs;
use std::path::{Path, PathBuf};

use aludel_driver::{Connection, DatabaseUrl, LibpqEnvironment, OpenMode};
use aludel_testkit::server;

const SERVICES: &str = "\
[near]\nhost=s\nport=7\ndbname=d\n\
[port]\nport=7\n\
[two]\nhost=a,b\nport=7,8\n\
[twice]\nport=7\nport=8\n\
[nested]\nservice=near\n\
[odd]\nport=7,8\nhost=a\n\
[bad]\nhost=s\nport=five\n\
[line]\nhost\n";

/// Creates a home directory with a service file and a password file.
fn home(name: &str, passwords: &str) -> PathBuf {
    let home = std::env::temp_dir().join(format!("aludel-{name}-{}", std::process::id()));
    fs::create_dir_all(&home).unwrap();
    fs::write(home.join(".pg_service.conf"), SERVICES).unwrap();
    let file = home.join(".pgpass");
    fs::write(&file, passwords).unwrap();
    std::process::Command::new("chmod").arg("600").arg(&file).status().unwrap();
    home
}

/// Reads a URL in surroundings whose variables are written `NAME=value NAME=value`.
fn read(url: &str, variables: &str, home: &Path) -> Result<String, String> {
    let pairs = variables.split_whitespace().map(|pair| pair.split_once('=').unwrap());
    let pairs = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let surroundings = LibpqEnvironment::new(pairs, Some(home.to_owned()), Some("me".to_owned()));
    let url = DatabaseUrl::parse_in(url, Path::new("."), &surroundings);
    url.map(|url| url.to_string()).map_err(|error| error.to_string())
}

#[test]
fn a_server_is_what_all_sources_say_of_it() {
    let home = home("endpoints", "");
    let cases = [
        // The port belongs to no host in the URL.
        ("postgresql:///ro", "PGHOST=h PGPORT=7", "h:7/ro"),
        ("postgresql:///ro?port=7", "PGHOST=h", "h:7/ro"),
        ("postgresql:///ro?port=7", "PGHOST=h PGPORT=8", "h:7/ro"),
        ("postgresql:///ro?service=port", "PGHOST=h PGPORT=8", "h:7/ro"),
        ("postgresql:///ro", "PGHOST=h PGSERVICE=port", "h:7/ro"),
        ("postgresql:///ro", "PGPORT=7", "localhost:7/ro"),
        ("postgresql:///ro?host=/run/pg", "PGPORT=7", "[/run/pg]:7/ro"),
        ("postgresql:///", "PGHOST=/run/pg PGPORT=7 PGDATABASE=d", "[/run/pg]:7/d"),
        ("postgresql://", "PGSERVICE=near", "s:7/d"),
        ("postgresql://?service=near", "PGHOST=h PGPORT=8 PGDATABASE=e", "s:7/d"),
        ("postgresql:///?service=twice", "", "localhost:7/"),
        // The port belongs to the host of the URL, and may stand elsewhere.
        ("postgresql://h/ro", "PGPORT=7", "h:7/ro"),
        ("postgresql://h/ro?port=7", "PGPORT=8", "h:7/ro"),
        ("postgresql://h:6/ro", "PGPORT=7", "h:6/ro"),
        ("postgresql://h:6/ro?port=7", "PGPORT=8", "h:7/ro"),
        ("postgresql://h/ro?service=near", "", "h:7/ro"),
        ("postgresql://:7/db", "PGHOST=h PGPORT=8", "h:7/db"),
        ("postgresql://:7/db", "", "localhost:7/db"),
        ("postgresql://[::1]/db", "PGPORT=7", "[::1]:7/db"),
        ("postgresql://[::1]:6/db", "PGPORT=7", "[::1]:6/db"),
        ("postgresql://%2Frun%2Fpg/db", "PGPORT=7", "[/run/pg]:7/db"),
        ("postgresql://h:/db", "PGPORT=7", "h:7/db"),
        ("postgresql://h/db?port=", "PGPORT=7", "h:5432/db"),
        // What the query states replaces what the rest of the URL states.
        ("postgresql://h:6/db?host=/run/pg", "", "[/run/pg]:6/db"),
        ("postgresql://h:6/db?host=i&host=j&port=7", "", "j:7/db"),
        ("postgresql://h/db?dbname=e", "", "h:5432/e"),
        ("postgresql://h/db?host=", "PGHOST=i", "localhost:5432/db"),
        // One port is that of all hosts, and an empty one is the default.
        ("postgresql:///db", "PGHOST=a,b PGPORT=7", "a:7,b:7/db"),
        ("postgresql:///db", "PGHOST=a,b PGPORT=7,8", "a:7,b:8/db"),
        ("postgresql:///db", "PGHOST=a,b PGPORT=7,", "a:7,b:5432/db"),
        ("postgresql:///db?service=two", "", "a:7,b:8/db"),
        ("postgresql:///db?host=/run/pg,localhost&port=7", "", "[/run/pg]:7,localhost:7/db"),
        ("postgresql://%2Frun%2Fpg,localhost:8/db", "", "[/run/pg]:5432,localhost:8/db"),
        ("postgresql://a:1,b/db", "PGPORT=7", "a:1,b:5432/db"),
        ("postgresql://a,b/db", "PGPORT=7", "a:5432,b:5432/db"),
        ("postgresql://a,b/db?port=7", "", "a:7,b:7/db"),
        ("postgresql:///db?host=,h&port=7", "", "localhost:7,h:7/db"),
        // An address is where a host is, and does not need one.
        ("postgresql:///db?hostaddr=127.0.0.1&port=7", "", "127.0.0.1:7/db"),
        ("postgresql:///db?hostaddr=::1,127.0.0.1&port=7,8", "", "[::1]:7,127.0.0.1:8/db"),
        ("postgresql://h/db?hostaddr=127.0.0.1&port=7", "", "h:7/db"),
        ("postgresql://h/db", "PGHOSTADDR=127.0.0.1 PGPORT=7", "h:7/db"),
        ("postgresql:///db", "PGHOSTADDR=127.0.0.1 PGHOST=h", "h:5432/db"),
    ];
    for (url, variables, expected) in cases {
        let expected = format!("postgresql://me@{expected}");
        assert_eq!(read(url, variables, &home).as_ref(), Ok(&expected), "{variables} {url}");
    }
    fs::remove_dir_all(home).unwrap();
}

#[test]
fn the_source_of_an_error_is_named() {
    let home = home("origins", "");
    for (url, variables, words) in [
        ("postgresql://h/db", "PGPORT=five", "can't read PGPORT: `port=five`"),
        ("postgresql://h/db", "PGPORT=0", "can't read PGPORT: `port=0`"),
        ("postgresql:///db", "PGHOST=a,b,c PGPORT=7,8", "can't read PGPORT: `port` has 2"),
        ("postgresql://a,b/db", "PGHOSTADDR=::1", "can't read PGHOSTADDR: `hostaddr` has 1"),
        ("postgresql://a/db?port=7,8", "", "can't read the database URL: `port` has 2"),
        ("postgresql://a/db?sslmode=require", "PGSSLROOTCERT=system", "the database URL: `sslm"),
        (
            "postgresql://a/db",
            "PGSSLROOTCERT=system PGSSLMODE=allow",
            "can't read PGSSLMODE and PGSSLROOTCERT: `sslmode=allow` does not go with",
        ),
        ("postgresql://", "PGSERVICE=none", "can't read the service `none`: there is no"),
        ("postgresql://", "PGSERVICE=nested", "pg_service.conf:14): a service can't name"),
        ("postgresql://?service=bad", "", "pg_service.conf:20): `port=five` is not"),
        ("postgresql://?service=odd", "", "pg_service.conf:16): `port` has 2"),
        ("postgresql://?service=line", "", "pg_service.conf:22): the line is no `name=value`"),
        ("postgresql://h/db?port", "", "has no `=`"),
        ("postgresql:h/db", "", "there is no `//`"),
        ("postgresql://[::1/db", "", "has no `]`"),
        ("postgresql://h:5432/db@x", "", "may belong to a password"),
    ] {
        let error = read(url, variables, &home).unwrap_err();
        assert!(error.contains(words), "{variables} {url}: {error}");
    }
    fs::write(home.join("open"), "").unwrap();
    std::process::Command::new("chmod").arg("644").arg(home.join("open")).status().unwrap();
    let open = format!("PGPASSFILE={}", home.join("open").display());
    let error = read("postgresql://h/db", &open, &home).unwrap_err();
    assert!(error.starts_with("can't read the password file /"), "{error}");
    fs::remove_dir_all(home).unwrap();
}

#[test]
fn a_password_is_that_of_one_server() {
    let home = home("passwords", "a:7:*:*:x\nlocalhost:5432:*:*:y\n/own:5432:*:*:z\n");
    for (url, has_one) in [
        ("postgresql://a:7/db", true),
        ("postgresql://a:8/db", false),
        ("postgresql://b:8,a:7/db", true),
        ("postgresql:///db?host=/tmp", true),
        ("postgresql:///db?host=/own", true),
        ("postgresql:///db?host=/other", false),
        ("postgresql:///db", true),
    ] {
        let shown = read(url, "", &home).unwrap();
        assert_eq!(shown.contains(":***@"), has_one, "{url}: {shown}");
    }
    fs::remove_dir_all(home).unwrap();
}

/// Variables that are settings of a session reach it, and go before `options`.
#[test]
fn settings_of_variables_reach_the_session() {
    let database = server().database();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    for (variables, expected) in [
        (&[("PGTZ", "Asia/Tokyo")][..], "Asia/Tokyo|ISO, MDY|on"),
        (&[("PGDATESTYLE", "German, YMD"), ("PGGEQO", "off")], "UTC|German, YMD|off"),
        (&[("PGOPTIONS", "-c timezone=Asia/Seoul -c geqo=off")], "Asia/Seoul|ISO, MDY|off"),
        (
            &[("PGOPTIONS", "-c timezone=Asia/Seoul"), ("PGTZ", "Asia/Tokyo")],
            "Asia/Tokyo|ISO, MDY|on",
        ),
        (&[("PGTZ", "default"), ("PGOPTIONS", "-c timezone=Asia/Seoul")], "Asia/Seoul|ISO, MDY|on"),
    ] {
        let pairs = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let base = [("PGOPTIONS", "-c timezone=UTC")].map(|(n, v)| (n.to_owned(), v.to_owned()));
        let surroundings = LibpqEnvironment::new(base.into_iter().chain(pairs), None, None);
        let url = DatabaseUrl::parse_in(&database.url(), Path::new("."), &surroundings).unwrap();
        let shown = runtime.block_on(async {
            let connection = Connection::open(&url, OpenMode::Read).await.unwrap();
            let names = ["timezone", "datestyle", "geqo"];
            let names = names.map(|name| format!("current_setting('{name}')")).join(" || '|' || ");
            let rows = connection.query(&format!("SELECT {names} AS shown")).await.unwrap();
            rows[0].text("shown").unwrap().to_owned()
        });
        assert_eq!(shown, expected, "{variables:?}");
    }
}

/// The next server is tried only where libpq tries it.
#[test]
fn servers_are_tried_one_after_the_other() {
    let database = server().database();
    let folder = server().folder().display().to_string();
    let socket = folder.replace('/', "%2F");
    let own = DatabaseUrl::parse(&database.url(), Path::new(".")).unwrap().to_string();
    let port = own.rsplit_once(':').unwrap().1.split('/').next().unwrap().to_owned();
    let name = &database.name;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    for (url, words) in [
        (format!("postgresql:///{name}?host=/nowhere,{folder}&port={port}"), None),
        (format!("postgresql:///{name}?host=no.invalid,{folder}&port={port}"), None),
        (format!("postgresql://127.0.0.1:1,{socket}:{port}/{name}"), None),
        (format!("postgresql://127.0.0.1:1/{name}?host={folder}&port={port}"), None),
        (
            format!(
                "postgresql://{socket}:{port},{socket}:{port}/{name}?load_balance_hosts=random"
            ),
            None,
        ),
        // A server that refuses the session ends the attempts.
        (
            format!(
                "postgresql://nobody@{socket}:{port},{socket}:{port}/{name}?options=-c%20a%3D1"
            ),
            Some(1),
        ),
        (format!("postgresql://127.0.0.1:1,127.0.0.1:2/{name}"), Some(2)),
    ] {
        let url = match url.contains("nobody@") {
            true => url.replace("nobody@", "postgres@"),
            false => format!("{url}{}user=postgres", if url.contains('?') { '&' } else { '?' }),
        };
        let parsed = DatabaseUrl::parse(&url, Path::new(".")).unwrap();
        let opened = runtime.block_on(Connection::open(&parsed, OpenMode::Read));
        match words {
            None => assert!(opened.is_ok(), "{url}: {opened:?}"),
            Some(count) => {
                let error = opened.unwrap_err().to_string();
                let reasons = error.rsplit_once("reason").map_or(error.as_str(), |(_, rest)| rest);
                let told = reasons.split("; ").count();
                assert_eq!(told, count, "{url}: {error}");
            }
        }
    }
}
