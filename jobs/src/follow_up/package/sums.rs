//! `SHA256SUMS` and its signature, in forms that `sha256sum --check` and `openssl pkeyutl` read.
//!
//! Deliberately absent: where the key is kept.

use super::{File, PackageError};
use crate::seal::hex;
use ed25519_dalek::{
    Signature, Signer, SigningKey, VerifyingKey,
    pkcs8::{DecodePublicKey, EncodePublicKey, spki::der::pem::LineEnding},
};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// The sums of all other files.
pub const SUMS: &str = "SHA256SUMS";
/// The signature of the sums: 64 bytes.
pub(super) const SIGNATURE: &str = "SHA256SUMS.sig";
/// The public key as PEM.
pub(super) const PUBLIC_KEY: &str = "public-key.pem";

/// SHA-256 in hexadecimal.
pub(super) fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// The file of sums, by path.
pub(super) fn of(files: &[File]) -> File {
    let sorted: BTreeMap<&str, &File> = files.iter().map(|file| (file.path.as_str(), file)).collect();
    let text = sorted.values().fold(String::new(), |text, file| text + &sha256(&file.bytes) + "  " + &file.path + "\n");
    File { path: SUMS.to_owned(), media_type: "text/plain", bytes: text.into_bytes() }
}

/// Path and sum of each line; none where a line has another form.
pub(super) fn parse(bytes: &[u8]) -> Option<BTreeMap<String, String>> {
    let text = std::str::from_utf8(bytes).ok()?;
    text.lines()
        .map(|line| {
            let (sum, path) = line.split_once("  ")?;
            Some((path.to_owned(), sum.to_owned()))
        })
        .collect()
}

/// The signature's file and the key's.
///
/// # Errors
/// When the key cannot be written as PEM.
pub(super) fn sign(files: &[File], key: &SigningKey) -> Result<Vec<File>, PackageError> {
    let sums = files.iter().find(|file| file.path == SUMS).ok_or(PackageError::NoSums)?;
    let pem = key.verifying_key().to_public_key_pem(LineEnding::LF).map_err(|_| PackageError::Key)?;
    Ok(vec![
        File { path: SIGNATURE.to_owned(), media_type: "application/octet-stream", bytes: key.sign(&sums.bytes).to_bytes().to_vec() },
        File { path: PUBLIC_KEY.to_owned(), media_type: "application/x-pem-file", bytes: pem.into_bytes() },
    ])
}

/// The key of a PEM file.
pub(super) fn public_key(pem: &[u8]) -> Option<VerifyingKey> {
    VerifyingKey::from_public_key_pem(std::str::from_utf8(pem).ok()?).ok()
}

/// Whether the signature is the key's, of these sums.
pub(super) fn signed(sums: &[u8], signature: &[u8], key: &VerifyingKey) -> bool {
    Signature::from_slice(signature).is_ok_and(|signature| key.verify_strict(sums, &signature).is_ok())
}
