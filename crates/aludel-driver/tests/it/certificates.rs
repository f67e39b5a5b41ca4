//! Certificates of every sort, which no tool of one version makes all of.

use std::str::FromStr as _;
use std::time::{Duration, SystemTime};

use pkcs8::der::asn1::{BitString, Ia5String, OctetString};
use pkcs8::der::pem::{LineEnding, encode_string};
use pkcs8::der::{Decode as _, Encode as _};
use pkcs8::pkcs5::pbes2;
use pkcs8::spki::{AlgorithmIdentifierOwned, ObjectIdentifier, SubjectPublicKeyInfoOwned};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _};
use x509_cert::certificate::{CertificateInner, Raw, TbsCertificateInner, Version};
use x509_cert::crl::{CertificateList, RevokedCert, TbsCertList};
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::ext::pkix::{BasicConstraints, CrlNumber, SubjectAltName};
use x509_cert::ext::{AsExtension, Extension};
use x509_cert::name::Name;
use x509_cert::serial_number::SerialNumber;
use x509_cert::time::{Time, Validity};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// What a certificate says.
#[derive(Clone, Copy, Default)]
pub(crate) struct Says<'a> {
    pub(crate) common_name: &'a str,
    /// The names in an extension; version 1 has none.
    pub(crate) hosts: &'a [&'a str],
    pub(crate) is_version_1: bool,
    pub(crate) is_authority: bool,
    pub(crate) has_expired: bool,
}

/// A certificate with its key.
pub(crate) struct Identity {
    name: Name,
    serial: SerialNumber,
    certificate: Vec<u8>,
    key: Vec<u8>,
}

fn algorithm() -> AlgorithmIdentifierOwned {
    let oid = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.2");
    AlgorithmIdentifierOwned { oid, parameters: None }
}

fn pair(key: &[u8]) -> EcdsaKeyPair {
    EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, key, &SystemRandom::new()).unwrap()
}

fn sign(key: &[u8], text: &[u8]) -> BitString {
    let signature = pair(key).sign(&SystemRandom::new(), text).unwrap();
    BitString::from_bytes(signature.as_ref()).unwrap()
}

fn public(key: &[u8]) -> SubjectPublicKeyInfoOwned {
    let curve = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
    let oid = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
    let point = pair(key);
    SubjectPublicKeyInfoOwned {
        algorithm: AlgorithmIdentifierOwned { oid, parameters: Some(curve.into()) },
        subject_public_key: BitString::from_bytes(point.public_key().as_ref()).unwrap(),
    }
}

fn time(time: SystemTime) -> Time {
    Time::UtcTime(pkcs8::der::asn1::UtcTime::from_system_time(time).unwrap())
}

fn extensions(says: &Says<'_>, name: &Name) -> Option<Vec<Extension>> {
    if says.is_version_1 {
        return None;
    }
    let mut all = vec![
        BasicConstraints { ca: says.is_authority, path_len_constraint: None }
            .to_extension(name, &[])
            .unwrap(),
    ];
    if !says.hosts.is_empty() {
        let names = says.hosts.iter().map(|host| match host.parse::<std::net::Ipv4Addr>() {
            Ok(address) => GeneralName::IpAddress(OctetString::new(address.octets()).unwrap()),
            Err(_) => GeneralName::DnsName(Ia5String::new(host).unwrap()),
        });
        all.push(SubjectAltName(names.collect()).to_extension(name, &all).unwrap());
    }
    Some(all)
}

impl Identity {
    /// Makes a certificate that `issuer` signs, or that signs itself.
    pub(crate) fn new(says: Says<'_>, issuer: Option<&Self>) -> Self {
        let key =
            EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &SystemRandom::new());
        let key = key.unwrap().as_ref().to_vec();
        let name = Name::from_str(&format!("CN={}", says.common_name)).unwrap();
        let point = pair(&key).public_key().as_ref().to_vec();
        let mut serial = point[1..9].to_vec();
        serial[0] |= 0x40;
        serial[0] &= 0x7f;
        let now = SystemTime::now();
        let end = if says.has_expired { now - DAY } else { now + DAY };
        let tbs = TbsCertificateInner::<Raw> {
            version: if says.is_version_1 { Version::V1 } else { Version::V3 },
            serial_number: SerialNumber::new(&serial).unwrap(),
            signature: algorithm(),
            issuer: issuer.map_or(&name, |issuer| &issuer.name).clone(),
            validity: Validity { not_before: time(now - 2 * DAY), not_after: time(end) },
            subject: name.clone(),
            subject_public_key_info: public(&key),
            issuer_unique_id: None,
            subject_unique_id: None,
            extensions: extensions(&says, &name),
        };
        let signer = issuer.map_or(&key, |issuer| &issuer.key);
        let certificate = CertificateInner::<Raw> {
            signature: sign(signer, &tbs.to_der().unwrap()),
            signature_algorithm: algorithm(),
            tbs_certificate: tbs,
        };
        let serial = SerialNumber::new(&serial).unwrap();
        Self { name, serial, certificate: certificate.to_der().unwrap(), key }
    }

    pub(crate) fn certificate(&self) -> String {
        encode_string("CERTIFICATE", LineEnding::LF, &self.certificate).unwrap()
    }

    pub(crate) fn key(&self) -> String {
        encode_string("PRIVATE KEY", LineEnding::LF, &self.key).unwrap()
    }

    /// Returns the key as OpenSSL 3 encrypts it.
    pub(crate) fn encrypted_key(&self, password: &str) -> String {
        let parameters = pbes2::Parameters::pbkdf2_sha256_aes256cbc(2048, &[7; 8], &[9; 16]);
        let key = pkcs8::PrivateKeyInfo::from_der(&self.key).unwrap();
        let encrypted = key.encrypt_with_params(parameters.unwrap(), password).unwrap();
        encode_string("ENCRYPTED PRIVATE KEY", LineEnding::LF, encrypted.as_bytes()).unwrap()
    }

    /// Returns a list that revokes certificates of this issuer.
    pub(crate) fn revoke(&self, revoked: &[&Self]) -> String {
        let now = SystemTime::now();
        let revoked = revoked.iter().map(|identity| RevokedCert {
            serial_number: identity.serial.clone(),
            revocation_date: time(now - DAY),
            crl_entry_extensions: None,
        });
        let number = CrlNumber(pkcs8::der::asn1::Uint::new(&[1]).unwrap());
        let tbs = TbsCertList {
            version: Version::V2,
            signature: algorithm(),
            issuer: self.name.clone(),
            this_update: time(now - DAY),
            next_update: Some(time(now + DAY)),
            revoked_certificates: Some(revoked.collect::<Vec<_>>()).filter(|all| !all.is_empty()),
            crl_extensions: Some(vec![number.to_extension(&self.name, &[]).unwrap()]),
        };
        let list = CertificateList {
            signature: sign(&self.key, &tbs.to_der().unwrap()),
            signature_algorithm: algorithm(),
            tbs_cert_list: tbs,
        };
        encode_string("X509 CRL", LineEnding::LF, &list.to_der().unwrap()).unwrap()
    }
}
