//! What staff wrote, as it is stored: sealed, and bound to the one row that it belongs to.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::{Error, Result};
use crate::ids::Id;
use crate::keys::Keys;

/// Where something sealed belongs: what it is, of which row, and the how-manieth of it. Moved
/// elsewhere, it does not open.
pub(super) fn place<K>(what: &str, id: Id<K>, n: i64) -> Vec<u8> {
    let mut place = what.as_bytes().to_vec();
    place.extend(id.as_bytes());
    place.extend(n.to_be_bytes());
    place
}

pub(super) fn seal(keys: &Keys, value: &impl Serialize, place: &[u8]) -> Result<Vec<u8>> {
    let text = serde_json::to_vec(value).map_err(|error| Error::Internal(error.into()))?;
    Ok(keys.seal(&text, place))
}

pub(super) fn open<T: DeserializeOwned>(keys: &Keys, sealed: &[u8], place: &[u8]) -> Result<T> {
    let text = keys.open(sealed, place).ok_or_else(|| {
        Error::internal("something of safeguarding was changed, or sealed with another key")
    })?;
    serde_json::from_slice(&text).map_err(|error| Error::Internal(error.into()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::RecordId;

    #[test]
    fn what_is_sealed_opens_in_its_own_place_alone() {
        let keys = Keys::from_root([1; 32]);
        let (here, there) = (RecordId::random(), RecordId::random());
        let sealed = seal(&keys, &"words", &place("entry", here, 1)).unwrap();
        let opened = |place: &[u8]| open::<String>(&keys, &sealed, place);
        assert_eq!(opened(&place("entry", here, 1)).unwrap(), "words");
        for elsewhere in [
            place("entry", here, 2),
            place("entry", there, 1),
            place("told", here, 1),
        ] {
            assert!(opened(&elsewhere).is_err());
        }
    }
}
