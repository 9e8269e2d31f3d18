//! Opaque identifiers: random, one type for each thing they name.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

use crate::keys;

/// The identifier of a `K`: 122 random bits, so that it tells nothing of when, or after what,
/// it was made.
pub struct Id<K>(Uuid, PhantomData<fn() -> K>);

/// Names an account.
pub type AccountId = Id<kind::Account>;
/// Names a post.
pub type PostId = Id<kind::Post>;
/// Names a case.
pub type CaseId = Id<kind::Case>;
/// Names a member of staff.
pub type StaffId = Id<kind::Staff>;
/// Names a decision about many cases at once.
pub type BulkId = Id<kind::Bulk>;
/// Names a note that one shift leaves for the next.
pub type NoteId = Id<kind::Note>;
/// Names a message to another system.
pub type WebhookId = Id<kind::Webhook>;
/// Names a second opinion.
pub type ReviewId = Id<kind::Review>;
/// Names a family of tokens that descend from one sign-in.
pub type FamilyId = Id<kind::Family>;
/// Names a time on call.
pub type ShiftId = Id<kind::Shift>;
/// Names an escalation.
pub type EscalationId = Id<kind::Escalation>;
/// Names a safeguarding record.
pub type RecordId = Id<kind::Record>;
/// Names a request to look behind anonymity.
pub type DisclosureId = Id<kind::Disclosure>;

/// What an [`Id`] can name.
pub mod kind {
    /// An anonymous person.
    #[derive(Debug)]
    pub enum Account {}
    /// A post.
    #[derive(Debug)]
    pub enum Post {}
    /// A unit of human review.
    #[derive(Debug)]
    pub enum Case {}
    /// A member of staff.
    #[derive(Debug)]
    pub enum Staff {}
    /// A decision about many cases at once.
    #[derive(Debug)]
    pub enum Bulk {}
    /// A note that one shift leaves for the next.
    #[derive(Debug)]
    pub enum Note {}
    /// A message to another system.
    #[derive(Debug)]
    pub enum Webhook {}
    /// A second opinion about a decision.
    #[derive(Debug)]
    pub enum Review {}
    /// Tokens that descend from one sign-in.
    #[derive(Debug)]
    pub enum Family {}
    /// A time for which a lead is on call.
    #[derive(Debug)]
    pub enum Shift {}
    /// A case that rings until a lead has taken it.
    #[derive(Debug)]
    pub enum Escalation {}
    /// What was done to keep a young person safe.
    #[derive(Debug)]
    pub enum Record {}
    /// A request to look behind anonymity.
    #[derive(Debug)]
    pub enum Disclosure {}
}

impl<K> Id<K> {
    /// Comes after every other in the order of the databases.
    pub const MAX: Id<K> = Id(Uuid::max(), PhantomData);

    /// A new random identifier.
    pub fn random() -> Id<K> {
        Id::from(uuid::Builder::from_random_bytes(keys::random_bytes()).into_uuid())
    }

    /// The sixteen bytes of the identifier.
    pub fn as_bytes(&self) -> &[u8; 16] {
        self.0.as_bytes()
    }

    /// The identifier as the databases keep it.
    pub fn uuid(&self) -> Uuid {
        self.0
    }
}

impl<K> From<Uuid> for Id<K> {
    fn from(uuid: Uuid) -> Id<K> {
        Id(uuid, PhantomData)
    }
}

impl<K> Clone for Id<K> {
    fn clone(&self) -> Id<K> {
        *self
    }
}
impl<K> Copy for Id<K> {}
impl<K> PartialEq for Id<K> {
    fn eq(&self, other: &Id<K>) -> bool {
        self.0 == other.0
    }
}
impl<K> Eq for Id<K> {}
impl<K> PartialOrd for Id<K> {
    fn partial_cmp(&self, other: &Id<K>) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl<K> Ord for Id<K> {
    /// The order of both databases.
    fn cmp(&self, other: &Id<K>) -> Ordering {
        self.0.cmp(&other.0)
    }
}
impl<K> Hash for Id<K> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}
impl<K> fmt::Debug for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
impl<K> fmt::Display for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
impl<K> FromStr for Id<K> {
    type Err = uuid::Error;
    fn from_str(s: &str) -> Result<Id<K>, uuid::Error> {
        s.parse::<Uuid>().map(Id::from)
    }
}
impl<K> Serialize for Id<K> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}
impl<'de, K> Deserialize<'de> for Id<K> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Id<K>, D::Error> {
        Uuid::deserialize(deserializer).map(Id::from)
    }
}
