//! TLS as libpq does it: every `sslmode` against servers with certificates of every sort.

use std::fs;
use std::path::Path;
use std::sync::{LazyLock, Mutex};
use std::time::{Duration, Instant};

use aludel_driver::{Connection, DatabaseUrl, OpenMode};
use aludel_testkit::{Folder, Server, ServerOptions};

use crate::certificates::{Identity, Says};

/// Who may connect how.
const ACCESS: &str = "
hostssl   all certified 127.0.0.1/32 trust clientcert=verify-ca
hostnossl all certified 127.0.0.1/32 reject
hostnossl all plain_only 127.0.0.1/32 trust
hostssl   all plain_only 127.0.0.1/32 reject
hostssl   all tls_only 127.0.0.1/32 trust
hostnossl all tls_only 127.0.0.1/32 reject
host      all guarded 127.0.0.1/32 scram-sha-256
host      all all 127.0.0.1/32 trust
";

/// Says how a session is connected.
const WAY: &str = "SELECT CASE WHEN ssl THEN 'TLS' ELSE 'plain' END AS way FROM pg_stat_ssl WHERE pid = pg_backend_pid()";

/// A server and the files of its clients.
struct Fixture {
    server: Server,
    folder: Folder,
}

fn says(common_name: &str) -> Says<'_> {
    Says { common_name, ..Says::default() }
}

fn start() -> Mutex<Fixture> {
    let authority = Identity::new(Says { is_authority: true, ..says("authority") }, None);
    let other = Identity::new(Says { is_authority: true, ..says("other") }, None);
    let by_authority = |says| Identity::new(says, Some(&authority));
    let localhost = Says { hosts: &["localhost", "127.0.0.1"], ..says("localhost") };
    let version_1 = Says { is_version_1: true, ..says("localhost") };
    let servers = [
        ("v1", Identity::new(version_1, None)),
        ("self", Identity::new(Says { is_authority: true, ..says("localhost") }, None)),
        ("right", by_authority(localhost)),
        ("wrong", by_authority(Says { hosts: &["db.example.org"], ..says("localhost") })),
        ("v1_right", by_authority(version_1)),
        ("v1_wrong", by_authority(Says { is_version_1: true, ..says("db.example.org") })),
        ("expired", by_authority(Says { has_expired: true, ..localhost })),
    ];
    let client = by_authority(says("certified"));
    let client_v1 = by_authority(Says { is_version_1: true, ..says("certified") });
    let stranger = Identity::new(says("certified"), Some(&other));
    let folder = Folder::new("tls");
    let write = |name: &str, text: &str| write(&folder.path().join(name), text);
    write("ca.crt", &authority.certificate());
    write("other.crt", &other.certificate());
    write("v1.crt", &servers[0].1.certificate());
    write("self.crt", &servers[1].1.certificate());
    write("none.crl", &authority.revoke(&[]));
    write("right.crl", &authority.revoke(&[&servers[2].1]));
    write("other.crl", &other.revoke(&[]));
    write("client.crt", &client.certificate());
    write("client.key", &client.key());
    write("client_aes.key", &client.encrypted_key("open sesame"));
    write("client_v1.crt", &client_v1.certificate());
    write("client_v1.key", &client_v1.key());
    write("stranger.crt", &stranger.certificate());
    write("stranger.key", &stranger.key());
    write("old.key", "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n");
    let mut files = vec![("ca.crt".to_owned(), authority.certificate())];
    for (name, identity) in &servers {
        files.push((format!("{name}.crt"), identity.certificate()));
        files.push((format!("{name}.key"), identity.key()));
    }
    let files: Vec<(&str, &str)> = files.iter().map(|(n, t)| (n.as_str(), t.as_str())).collect();
    let settings = [("ssl_ca_file", "ca.crt")];
    let server = Server::with(&ServerOptions {
        settings: &settings,
        access: ACCESS,
        files: &files,
        listens: true,
    });
    server.sql(
        "postgres",
        "CREATE ROLE certified LOGIN; CREATE ROLE plain_only LOGIN; CREATE ROLE tls_only LOGIN",
    );
    Mutex::new(Fixture { server, folder })
}

/// Writes a file that only its owner can read.
fn write(path: &Path, text: &str) {
    fs::write(path, text).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
    }
}

static FIXTURE: LazyLock<Mutex<Fixture>> = LazyLock::new(start);

impl Fixture {
    /// Gives the server another certificate, or takes TLS away from it.
    fn use_certificate(&self, name: &str) {
        let ssl = if name == "none" { "off" } else { "on" };
        let file = if name == "none" { "right" } else { name };
        self.server.sql(
            "postgres",
            &format!(
                "ALTER SYSTEM SET ssl = {ssl}; ALTER SYSTEM SET ssl_cert_file = '{file}.crt'; ALTER SYSTEM SET ssl_key_file = '{file}.key'; SELECT pg_reload_conf()"
            ),
        );
        let end = Instant::now() + Duration::from_secs(20);
        let seen = || {
            self.server.sql(
                "postgres",
                "SELECT current_setting('ssl') || ' ' || current_setting('ssl_cert_file')",
            )
        };
        while seen().trim() != format!("{ssl} {file}.crt") {
            assert!(Instant::now() < end, "the server keeps its certificate");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Connects, and says how: `TLS`, `plain`, or why not.
    fn connect(&self, user: &str, host: &str, query: &str) -> String {
        let folder = format!("{}/", self.folder.path().display());
        let query = query.replace("@", &folder);
        let url = format!("postgresql://{user}@{host}:{}/postgres?{query}", self.server.port());
        let url = match DatabaseUrl::parse(&url, Path::new(".")) {
            Ok(url) => url,
            Err(error) => return error.to_string(),
        };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let connection = match Connection::open(&url, OpenMode::Read).await {
                Ok(connection) => connection,
                Err(error) => return error.to_string(),
            };
            let rows = connection.query(WAY).await.unwrap();
            rows[0].text("way").unwrap().to_owned()
        })
    }

    /// Connects by psql, and says how: `TLS`, `plain`, or why not.
    fn connect_by_libpq(&self, user: &str, host: &str, query: &str) -> String {
        let query = query.replace('@', &format!("{}/", self.folder.path().display()));
        let url = format!("postgresql://{user}@{host}:{}/postgres?{query}", self.server.port());
        let mut psql = self.server.tool("psql");
        psql.env("HOME", self.folder.path()).args(["-X", "-A", "-t", "-c", WAY, &url]);
        let output = psql.output().unwrap();
        let said = if output.status.success() { output.stdout } else { output.stderr };
        String::from_utf8_lossy(&said).trim().to_owned()
    }

    /// Holds the way of each connection, or a part of the error, against a table, and against what
    /// libpq does.
    fn check(&self, cases: &[(&str, &str, &str, &str)]) {
        let mut wrong = String::new();
        for (user, host, query, expected) in cases {
            let got = self.connect(user, host, query);
            let is_way = matches!(*expected, "TLS" | "plain");
            if (is_way && got != *expected) || !got.contains(expected) {
                wrong += &format!("{user}@{host}?{query}: {got}\n  expected {expected}\n");
            }
            let by_libpq = self.connect_by_libpq(user, host, query);
            let way = |said: &str| matches!(said, "TLS" | "plain").then(|| said.to_owned());
            if way(&by_libpq) != way(&got) {
                wrong += &format!("{user}@{host}?{query}: {got}\n  libpq: {by_libpq}\n");
            }
        }
        assert!(wrong.is_empty(), "{wrong}");
    }
}

/// Runs a test with one certificate of the server.
fn with(certificate: &str, cases: &[(&str, &str, &str, &str)]) {
    let fixture = FIXTURE.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    fixture.use_certificate(certificate);
    fixture.check(cases);
}

const U: &str = "postgres";
const L: &str = "localhost";

#[test]
fn a_server_without_tls() {
    with(
        "none",
        &[
            (U, L, "", "plain"),
            (U, L, "sslmode=disable", "plain"),
            (U, L, "sslmode=allow", "plain"),
            (U, L, "sslmode=prefer", "plain"),
            (U, L, "sslmode=require", "the server has no TLS, and `sslmode=require` asks for it"),
            (U, L, "sslmode=verify-ca&sslrootcert=@ca.crt", "the server has no TLS"),
            (U, L, "sslmode=verify-full&sslrootcert=@ca.crt", "the server has no TLS"),
            (U, L, "sslrootcert=system", "`sslmode=verify-full` asks for it"),
            ("tls_only", L, "sslmode=prefer", "pg_hba.conf"),
            ("guarded:right", L, "", "plain"),
            ("guarded:right", L, "channel_binding=require", "channel binding"),
        ],
    );
}

#[test]
fn a_certificate_of_version_1_signed_by_itself() {
    with(
        "v1",
        &[
            (U, L, "", "TLS"),
            (U, L, "sslmode=disable", "plain"),
            (U, L, "sslmode=allow", "plain"),
            (U, L, "sslmode=require", "TLS"),
            (U, L, "sslmode=require&ssl_max_protocol_version=TLSv1.2", "TLS"),
            (
                U,
                L,
                "sslmode=verify-ca",
                "needs a root certificate, and there is no ~/.postgresql/root.crt",
            ),
            (U, L, "sslmode=verify-ca&sslrootcert=@nothing.crt", "can't read sslrootcert"),
            (U, L, "sslmode=require&sslrootcert=@ca.crt", "vouches for the server's certificate"),
            (U, L, "sslmode=prefer&sslrootcert=@ca.crt", "plain"),
            (U, L, "sslmode=verify-ca&sslrootcert=@v1.crt", "TLS"),
            (U, L, "sslmode=verify-full&sslrootcert=@v1.crt", "TLS"),
            (
                U,
                "127.0.0.1",
                "sslmode=verify-full&sslrootcert=@v1.crt",
                "is for localhost, not for 127.0.0.1",
            ),
            (U, "127.0.0.1", "sslmode=verify-ca&sslrootcert=@v1.crt", "TLS"),
            (U, L, "sslrootcert=system", "no root certificate of the operating system vouches"),
            ("plain_only", L, "", "plain"),
            ("plain_only", L, "sslmode=require", "pg_hba.conf rejects"),
            ("tls_only", L, "sslmode=allow", "TLS"),
            ("guarded:right", L, "channel_binding=require", "TLS"),
            ("guarded:wrong", L, "", "password authentication failed"),
        ],
    );
}

#[test]
fn a_certificate_of_version_3_signed_by_itself() {
    with(
        "self",
        &[
            (U, L, "sslmode=require", "TLS"),
            (U, L, "sslmode=verify-full&sslrootcert=@self.crt", "TLS"),
            (U, "127.0.0.1", "sslmode=verify-full&sslrootcert=@self.crt", "not for 127.0.0.1"),
            (U, L, "sslmode=verify-full&sslrootcert=@ca.crt", "vouches for"),
        ],
    );
}

#[test]
fn a_certificate_by_an_authority_with_the_right_host() {
    with(
        "right",
        &[
            (U, L, "sslmode=prefer", "TLS"),
            (U, L, "sslmode=require", "TLS"),
            (U, L, "sslmode=require&sslrootcert=@ca.crt", "TLS"),
            (U, L, "sslmode=require&sslrootcert=@other.crt", "other.crt vouches for"),
            (U, L, "sslmode=verify-ca&sslrootcert=@ca.crt", "TLS"),
            (U, L, "sslmode=verify-full&sslrootcert=@ca.crt", "TLS"),
            (U, "127.0.0.1", "sslmode=verify-full&sslrootcert=@ca.crt", "TLS"),
            (U, L, "sslmode=verify-full&sslrootcert=@ca.crt&sslcrl=@none.crl", "TLS"),
            (
                U,
                L,
                "sslmode=verify-ca&sslrootcert=@ca.crt&sslcrl=@right.crl",
                "certificate is revoked",
            ),
            (U, L, "sslmode=verify-ca&sslrootcert=@ca.crt&sslcrl=@other.crl", "by the issuer"),
            (U, L, "sslmode=require&ssl_min_protocol_version=TLSv1.3&sslsni=0", "TLS"),
            (U, L, "sslmode=prefer&channel_binding=disable", "TLS"),
            ("guarded:right", L, "sslmode=require&channel_binding=require", "TLS"),
            ("guarded:right", L, "sslmode=require&channel_binding=disable", "TLS"),
            ("guarded:right", L, "sslmode=disable&channel_binding=require", "channel binding"),
            (U, L, "sslmode=require&channel_binding=require", "channel binding"),
        ],
    );
}

#[test]
fn a_certificate_by_an_authority_with_another_host() {
    with(
        "wrong",
        &[
            (U, L, "sslmode=require", "TLS"),
            (U, L, "sslmode=verify-ca&sslrootcert=@ca.crt", "TLS"),
            (
                U,
                L,
                "sslmode=verify-full&sslrootcert=@ca.crt",
                "the server's certificate is for db.example.org, not for localhost",
            ),
        ],
    );
}

#[test]
fn a_certificate_of_version_1_by_an_authority() {
    with(
        "v1_right",
        &[
            (U, L, "sslmode=verify-ca&sslrootcert=@ca.crt", "TLS"),
            (U, L, "sslmode=verify-full&sslrootcert=@ca.crt", "TLS"),
            (U, L, "sslmode=verify-ca&sslrootcert=@other.crt", "other.crt vouches for"),
        ],
    );
    with(
        "v1_wrong",
        &[
            (U, L, "sslmode=verify-ca&sslrootcert=@ca.crt", "TLS"),
            (U, L, "sslmode=verify-full&sslrootcert=@ca.crt", "is for db.example.org, not for"),
        ],
    );
}

/// The one thing of libpq that is missing.
#[test]
fn revocation_of_a_certificate_of_version_1_can_not_be_checked() {
    let fixture = FIXTURE.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    fixture.use_certificate("v1_right");
    let query = "sslmode=verify-ca&sslrootcert=@ca.crt&sslcrl=@none.crl";
    let said = fixture.connect(U, L, query);
    assert!(said.contains("revocation lists (`sslcrl`) can't be checked for it"), "{said}");
}

#[test]
fn a_certificate_that_has_expired() {
    with(
        "expired",
        &[
            (U, L, "sslmode=require", "TLS"),
            (U, L, "sslmode=verify-ca&sslrootcert=@ca.crt", "the server's certificate has expired"),
        ],
    );
}

#[test]
fn certificates_of_clients() {
    const C: &str = "certified";
    with(
        "right",
        &[
            (C, L, "sslmode=require", "connection requires a valid client certificate"),
            (C, L, "sslmode=require&sslcert=@client.crt&sslkey=@client.key", "TLS"),
            (C, L, "sslmode=require&sslcert=@client_v1.crt&sslkey=@client_v1.key", "TLS"),
            (
                C,
                L,
                "sslmode=require&sslcert=@client.crt&sslkey=@client_aes.key&sslpassword=open%20sesame",
                "TLS",
            ),
            (
                C,
                L,
                "sslmode=require&sslcert=@client.crt&sslkey=@client_aes.key&sslpassword=no",
                "`sslpassword` does not open it",
            ),
            (
                C,
                L,
                "sslmode=require&sslcert=@client.crt&sslkey=@client_aes.key",
                "it is encrypted; give its password",
            ),
            (C, L, "sslmode=require&sslcert=@client.crt&sslkey=@old.key", "OpenSSL's old form"),
            (
                C,
                L,
                "sslmode=require&sslcert=@client.crt&sslkey=@stranger.key",
                "is not the key of sslcert",
            ),
            (C, L, "sslmode=require&sslcert=@client.crt&sslkey=@nothing.key", "can't read sslkey"),
            (C, L, "sslmode=require&sslcert=@nothing.crt&sslkey=@client.key", "can't read sslcert"),
            (
                C,
                L,
                "sslmode=require&sslcert=@stranger.crt&sslkey=@stranger.key",
                "the server refuses the client certificate",
            ),
            (
                C,
                L,
                "sslcert=@client.crt&sslkey=@client.key&sslcertmode=disable&sslmode=require",
                "requires a valid client certificate",
            ),
        ],
    );
}

#[cfg(unix)]
#[test]
fn a_key_that_others_can_read_is_refused() {
    use std::os::unix::fs::PermissionsExt as _;

    let fixture = FIXTURE.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let key = fixture.folder.path().join("open.key");
    fs::copy(fixture.folder.path().join("client.key"), &key).unwrap();
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    let query = "sslmode=require&sslcert=@client.crt&sslkey=@open.key";
    let said = fixture.connect("certified", L, query);
    assert!(said.contains("others have access to it"), "{said}");
}

#[test]
fn a_handshake_without_a_question_before_it() {
    let fixture = FIXTURE.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    fixture.use_certificate("right");
    let expected = if fixture.server.version() >= 17 { "TLS" } else { "needs PostgreSQL 17" };
    fixture.check(&[
        (U, L, "sslmode=require&sslnegotiation=direct", expected),
        (U, L, "sslmode=verify-full&sslrootcert=@ca.crt&sslnegotiation=direct", expected),
        (U, L, "sslnegotiation=direct", "does not go with `sslnegotiation=direct`"),
    ]);
}
