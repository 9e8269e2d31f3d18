//! EdDSA for `jsonwebtoken`, and nothing else: what is not here cannot be asked for by a token.
//!
//! The crate's own providers bring RSA (with an open advisory) or a C library.

use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use jsonwebtoken::crypto::{CryptoProvider, JwtSigner, JwtVerifier, KeyUtils};
use jsonwebtoken::errors::{Error, ErrorKind, Result};
use jsonwebtoken::signature::{self, Signer, Verifier};
use jsonwebtoken::{Algorithm, AlgorithmFamily, DecodingKey, EncodingKey};

static PROVIDER: CryptoProvider = CryptoProvider {
    signer_factory,
    verifier_factory,
    // Asked for JSON Web Keys alone, of which there are none.
    key_utils: KeyUtils::new_unimplemented(),
};

/// Makes this the process's provider; a second call changes nothing.
pub(super) fn install() {
    // The error is the provider that came too late: this one again.
    let _ = PROVIDER.install_default();
}

struct EdDsaSigner(SigningKey);

impl Signer<Vec<u8>> for EdDsaSigner {
    fn try_sign(&self, message: &[u8]) -> std::result::Result<Vec<u8>, signature::Error> {
        Ok(self.0.sign(message).to_bytes().to_vec())
    }
}

impl JwtSigner for EdDsaSigner {
    fn algorithm(&self) -> Algorithm {
        Algorithm::EdDSA
    }
}

struct EdDsaVerifier(VerifyingKey);

impl Verifier<Vec<u8>> for EdDsaVerifier {
    fn verify(
        &self,
        message: &[u8],
        signature: &Vec<u8>,
    ) -> std::result::Result<(), signature::Error> {
        Signature::from_slice(signature)
            .and_then(|signature| self.0.verify_strict(message, &signature))
            .map_err(|_| signature::Error::new())
    }
}

impl JwtVerifier for EdDsaVerifier {
    fn algorithm(&self) -> Algorithm {
        Algorithm::EdDSA
    }
}

/// Takes the 32 bytes of the seed for a private key.
fn signer_factory(algorithm: &Algorithm, key: &EncodingKey) -> Result<Box<dyn JwtSigner>> {
    only_eddsa(algorithm, key.family())?;
    let seed = key.as_bytes().try_into().map_err(|_| bad_key())?;
    Ok(Box::new(EdDsaSigner(SigningKey::from_bytes(seed))))
}

/// Takes the 32 bytes of the point for a public key.
fn verifier_factory(algorithm: &Algorithm, key: &DecodingKey) -> Result<Box<dyn JwtVerifier>> {
    only_eddsa(algorithm, key.family())?;
    let point = key.try_get_as_bytes()?.try_into().map_err(|_| bad_key())?;
    let key = VerifyingKey::from_bytes(point).map_err(|_| bad_key())?;
    Ok(Box::new(EdDsaVerifier(key)))
}

fn only_eddsa(algorithm: &Algorithm, family: AlgorithmFamily) -> Result<()> {
    match (algorithm, family) {
        (Algorithm::EdDSA, AlgorithmFamily::Ed) => Ok(()),
        _ => Err(ErrorKind::InvalidAlgorithm.into()),
    }
}

fn bad_key() -> Error {
    ErrorKind::InvalidEddsaKey.into()
}
