//! The parameter `sslmode`.

/// The value of `sslmode`. A later variant is a stronger promise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum SslMode {
    /// No TLS.
    Disable,
    /// A plain connection, and TLS if the server refuses that.
    Allow,
    /// TLS, and a plain connection if that fails.
    #[default]
    Prefer,
    /// TLS with any certificate, unless there is a root certificate to check it by.
    Require,
    /// TLS with a certificate that a root certificate vouches for.
    VerifyCa,
    /// The same, and the certificate has to name the host.
    VerifyFull,
}

impl SslMode {
    /// The values as a URL has them.
    pub(crate) const NAMES: [&str; 6] =
        ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"];

    pub(crate) fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "disable" | "false" => Self::Disable,
            "allow" => Self::Allow,
            "prefer" => Self::Prefer,
            "require" | "true" => Self::Require,
            "verify-ca" => Self::VerifyCa,
            "verify-full" => Self::VerifyFull,
            _ => return None,
        })
    }

    /// Returns the value as a URL has it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Disable => "disable",
            Self::Allow => "allow",
            Self::Prefer => "prefer",
            Self::Require => "require",
            Self::VerifyCa => "verify-ca",
            Self::VerifyFull => "verify-full",
        }
    }
}
