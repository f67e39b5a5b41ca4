//! Certificates that webpki does not read: those of version 1, those that may sign others, and
//! those with a common name only.
//!
//! PostgreSQL's documentation makes certificates by `openssl x509 -req`, which has written version 1
//! for decades, and the host stands in the common name. libpq accepts both.

use rustls::pki_types::{
    CertificateDer, SignatureVerificationAlgorithm, SubjectPublicKeyInfoDer, UnixTime,
};
use rustls::{CertificateError, Error};
use webpki::RawPublicKeyEntity;
use x509_cert::certificate::{CertificateInner, Raw, Version};
use x509_cert::der::oid::db::rfc4519::COMMON_NAME;
use x509_cert::der::{Decode as _, Encode as _};
use x509_cert::ext::pkix::BasicConstraints;

/// A certificate, taken apart.
pub(super) struct Certificate(CertificateInner<Raw>);

impl Certificate {
    pub(super) fn parse(der: &CertificateDer<'_>) -> Result<Self, Error> {
        let parsed = CertificateInner::<Raw>::from_der(der);
        Ok(Self(parsed.map_err(|_| CertificateError::BadEncoding)?))
    }

    /// Returns true if webpki refuses to look at the certificate of a server: one of version 1,
    /// and one that may sign others, as `openssl req -x509` makes it.
    pub(super) fn is_old_style(&self) -> bool {
        let tbs = &self.0.tbs_certificate;
        let constraints = tbs.get::<BasicConstraints>().ok().flatten();
        tbs.version == Version::V1 || constraints.is_some_and(|(_, constraints)| constraints.ca)
    }

    /// Returns the public key.
    pub(super) fn key(&self) -> Result<SubjectPublicKeyInfoDer<'static>, Error> {
        let key = self.0.tbs_certificate.subject_public_key_info.to_der();
        Ok(key.map_err(|_| CertificateError::BadEncoding)?.into())
    }

    /// Fails outside of the time for which the certificate was made.
    pub(super) fn check_time(&self, now: UnixTime) -> Result<(), Error> {
        let validity = &self.0.tbs_certificate.validity;
        if now.as_secs() < validity.not_before.to_unix_duration().as_secs() {
            return Err(CertificateError::NotValidYet.into());
        }
        if now.as_secs() > validity.not_after.to_unix_duration().as_secs() {
            return Err(CertificateError::Expired.into());
        }
        Ok(())
    }

    /// Returns true if the key of another certificate signed this one.
    pub(super) fn is_signed_by(
        &self,
        issuer: &Self,
        algorithms: &[&dyn SignatureVerificationAlgorithm],
    ) -> Result<bool, Error> {
        if issuer.0.tbs_certificate.subject != self.0.tbs_certificate.issuer {
            return Ok(false);
        }
        let encoding = |_| Error::from(CertificateError::BadEncoding);
        let signed = self.0.tbs_certificate.to_der().map_err(encoding)?;
        let named = self.0.signature_algorithm.to_der().map_err(encoding)?;
        let key = issuer.key()?;
        let key = RawPublicKeyEntity::try_from(&key).map_err(|_| CertificateError::BadEncoding)?;
        // The identifier of an algorithm here is without the tag and the length around it.
        let is_named =
            |a: &&&dyn SignatureVerificationAlgorithm| named.ends_with(&a.signature_alg_id());
        Ok(algorithms
            .iter()
            .filter(is_named)
            .any(|a| key.verify_signature(*a, &signed, self.0.signature.raw_bytes()).is_ok()))
    }

    /// Returns the last common name of the subject, which stands for the host where no other name
    /// is given.
    pub(super) fn common_name(&self) -> Option<String> {
        let mut names = self.0.tbs_certificate.subject.0.iter().flat_map(|part| part.0.iter());
        let name = names.rfind(|part| part.oid == COMMON_NAME)?;
        std::str::from_utf8(name.value.value()).ok().map(str::to_owned)
    }
}

/// Returns true if a name in a certificate stands for a host. A leading `*.` stands for one label.
pub(super) fn names_host(name: &str, host: &str) -> bool {
    if name.eq_ignore_ascii_case(host) {
        return true;
    }
    match (name.strip_prefix("*."), host.split_once('.')) {
        (Some(domain), Some((label, rest))) => {
            !label.is_empty() && domain.contains('.') && domain.eq_ignore_ascii_case(rest)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::names_host;

    #[test]
    fn a_star_stands_for_one_label() {
        for (name, host, expected) in [
            ("db.example.org", "db.example.org", true),
            ("DB.example.org", "db.EXAMPLE.org", true),
            ("*.example.org", "db.example.org", true),
            ("*.example.org", "a.db.example.org", false),
            ("*.example.org", "example.org", false),
            ("*.example.org", ".example.org", false),
            ("*.org", "example.org", false),
            ("*", "localhost", false),
            ("127.0.0.1", "127.0.0.1", true),
            ("127.0.0.1", "127.0.0.2", false),
        ] {
            assert_eq!(names_host(name, host), expected, "{name} {host}");
        }
    }
}
