//! Access tokens: JSON Web Tokens that live a quarter of an hour, signed with a key that
//! changes every 30 days.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};

use super::eddsa;
use crate::clock::{Clock, Time};
use crate::ids::{AccountId, FamilyId};
use crate::keys::Keys;

/// How long an access token is good.
pub(super) const LIFETIME: Duration = Duration::from_secs(15 * 60);

const ISSUER: &str = "hearth";
/// What sets a person's token apart from any other that is ever signed with these keys.
const AUDIENCE: &str = "person";
const EPOCH_DAYS: i64 = 30;
/// How far ahead the clock of another process of ours may be, in seconds.
const CLOCK_SKEW: i64 = 5;

/// What an access token says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Claims {
    iss: String,
    aud: String,
    /// Whose it is.
    pub sub: AccountId,
    /// The family it belongs to: it dies with it.
    pub sid: FamilyId,
    iat: i64,
    exp: i64,
}

impl Claims {
    /// Whether the token is good at this moment.
    pub fn are_good_at(&self, now: Time) -> bool {
        let now = now.seconds();
        self.iat <= now + CLOCK_SKEW && now < self.exp
    }
}

/// Signs and verifies access tokens.
pub(super) struct AccessTokens {
    keys: Arc<Keys>,
    clock: Clock,
    validation: Validation,
    /// Kept, because a derivation costs as much as the signature; grows by one in 30 days.
    epochs: Mutex<BTreeMap<i64, Arc<KeyPair>>>,
}

struct KeyPair {
    private: EncodingKey,
    public: DecodingKey,
}

impl AccessTokens {
    pub fn new(keys: Arc<Keys>, clock: Clock) -> AccessTokens {
        eddsa::install();
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[AUDIENCE]);
        validation.set_required_spec_claims(&["iss", "aud", "sub", "exp"]);
        // The crate asks the machine's clock; `verify` asks ours.
        validation.validate_exp = false;
        AccessTokens {
            keys,
            clock,
            validation,
            epochs: Mutex::default(),
        }
    }

    /// A new token for an account, in a family.
    pub fn sign(&self, account: AccountId, family: FamilyId) -> String {
        let now = self.clock.now();
        let epoch = epoch(now);
        let mut header = Header::new(Algorithm::EdDSA);
        header.kid = Some(epoch.to_string());
        let claims = Claims {
            iss: ISSUER.into(),
            aud: AUDIENCE.into(),
            sub: account,
            sid: family,
            iat: now.seconds(),
            exp: now.plus(LIFETIME).seconds(),
        };
        jsonwebtoken::encode(&header, &claims, &self.key_pair(epoch).private)
            .expect("plain claims can be signed with a key of our own")
    }

    /// What a token says, where it is one of ours and still good.
    pub fn verify(&self, token: &str) -> Option<Claims> {
        let now = self.clock.now();
        let kid = jsonwebtoken::decode_header(token).ok()?.kid?;
        let signed_in: i64 = kid.parse().ok()?;
        // The epoch before, for a token that outlives its own; the one after, for a process
        // whose clock is ahead of ours.
        if !(-1..=1).contains(&signed_in.checked_sub(epoch(now))?) {
            return None;
        }
        let claims: Claims =
            jsonwebtoken::decode(token, &self.key_pair(signed_in).public, &self.validation)
                .ok()?
                .claims;
        claims.are_good_at(now).then_some(claims)
    }

    fn key_pair(&self, epoch: i64) -> Arc<KeyPair> {
        let mut epochs = self.epochs.lock().unwrap_or_else(PoisonError::into_inner);
        let pair = epochs.entry(epoch).or_insert_with(|| {
            let key = self.keys.signing_key(epoch);
            Arc::new(KeyPair {
                private: EncodingKey::from_ed_der(key.as_bytes()),
                public: DecodingKey::from_ed_der(key.verifying_key().as_bytes()),
            })
        });
        Arc::clone(pair)
    }
}

fn epoch(now: Time) -> i64 {
    now.day().div_euclid(EPOCH_DAYS)
}
