//! The parameters of libpq that have no counterpart here.

/// A parameter of libpq that asks for something that this driver does not do.
struct Refused {
    name: &'static str,
    /// The values that ask for nothing.
    harmless: &'static [&'static str],
    /// What to do instead, or why it is not done.
    reason: &'static str,
}

const fn refused(
    name: &'static str,
    harmless: &'static [&'static str],
    reason: &'static str,
) -> Refused {
    Refused { name, harmless, reason }
}

const NO_GSS: &str = "there is no authentication by GSSAPI or SSPI here";
const NO_OAUTH: &str = "there is no authentication by OAuth here";

const REFUSED: &[Refused] = &[
    refused("sslcrldir", &[""], "name one file with all revocation lists in `sslcrl`"),
    refused("sslcompression", &["", "0"], "compressed TLS is not safe, and TLS 1.3 has none"),
    refused("sslkeylogfile", &[""], "the keys of a connection are not written to a file"),
    refused("requiressl", &["", "0"], "write `sslmode=require`"),
    refused("requirepeer", &[""], "the owner of the server's process is not looked at"),
    refused("require_auth", &[""], "write `channel_binding=require`, which needs SCRAM and TLS"),
    refused("scram_client_key", &[""], "write the password"),
    refused("scram_server_key", &[""], "write the password"),
    refused("gssencmode", &["", "disable", "prefer"], "TLS is the only encryption here"),
    refused("gssdelegation", &["", "0"], NO_GSS),
    refused("gsslib", &[""], NO_GSS),
    refused("krbsrvname", &[""], NO_GSS),
    refused("oauth_issuer", &[""], NO_OAUTH),
    refused("oauth_client_id", &[""], NO_OAUTH),
    refused("oauth_client_secret", &[""], NO_OAUTH),
    refused("oauth_scope", &[""], NO_OAUTH),
    refused("client_encoding", &["", "UTF8", "utf8", "UTF-8", "utf-8"], "all text is UTF-8 here"),
    refused(
        "replication",
        &["", "0", "false", "off", "no"],
        "no statement runs on such a connection",
    ),
    refused("fallback_application_name", &[""], "write `application_name`"),
    refused("min_protocol_version", &["", "3.0"], "version 3.0 of the protocol is spoken"),
    refused(
        "max_protocol_version",
        &["", "3.0", "3.2", "latest"],
        "version 3.0 of the protocol is spoken",
    ),
];

/// Returns false if there is nothing to say about a parameter, and true if its value asks for
/// nothing.
///
/// # Errors
///
/// Fails if the parameter is one of libpq that has no counterpart here.
pub(crate) fn is_harmless(name: &str, value: &str) -> Result<bool, String> {
    match REFUSED.iter().find(|refused| refused.name == name) {
        Some(refused) if refused.harmless.contains(&value) => Ok(true),
        Some(refused) => Err(format!("`{name}` is not supported: {}", refused.reason)),
        None => Ok(false),
    }
}
