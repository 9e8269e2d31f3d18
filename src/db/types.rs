//! Our types in the columns of both engines.

use std::str::FromStr;

use sqlx::Database;

use crate::clock::Time;
use crate::ids::Id;

impl<DB: Database> sqlx::Type<DB> for Time
where
    i64: sqlx::Type<DB>,
{
    fn type_info() -> DB::TypeInfo {
        i64::type_info()
    }
    fn compatible(ty: &DB::TypeInfo) -> bool {
        i64::compatible(ty)
    }
}

impl<'q, DB: Database> sqlx::Encode<'q, DB> for Time
where
    i64: sqlx::Encode<'q, DB>,
{
    fn encode_by_ref(
        &self,
        buf: &mut DB::ArgumentBuffer,
    ) -> Result<sqlx::encode::IsNull, sqlx::error::BoxDynError> {
        self.micros().encode_by_ref(buf)
    }
}

impl<'r, DB: Database> sqlx::Decode<'r, DB> for Time
where
    i64: sqlx::Decode<'r, DB>,
{
    fn decode(value: DB::ValueRef<'r>) -> Result<Time, sqlx::error::BoxDynError> {
        i64::decode(value).map(Time::from_micros)
    }
}

impl<DB: Database, K> sqlx::Type<DB> for Id<K>
where
    uuid::Uuid: sqlx::Type<DB>,
{
    fn type_info() -> DB::TypeInfo {
        uuid::Uuid::type_info()
    }
    fn compatible(ty: &DB::TypeInfo) -> bool {
        uuid::Uuid::compatible(ty)
    }
}

impl<'q, DB: Database, K> sqlx::Encode<'q, DB> for Id<K>
where
    uuid::Uuid: sqlx::Encode<'q, DB>,
{
    fn encode_by_ref(
        &self,
        buf: &mut DB::ArgumentBuffer,
    ) -> Result<sqlx::encode::IsNull, sqlx::error::BoxDynError> {
        self.uuid().encode_by_ref(buf)
    }
}

impl<'r, DB: Database, K> sqlx::Decode<'r, DB> for Id<K>
where
    uuid::Uuid: sqlx::Decode<'r, DB>,
{
    fn decode(value: DB::ValueRef<'r>) -> Result<Id<K>, sqlx::error::BoxDynError> {
        uuid::Uuid::decode(value).map(Id::from)
    }
}

/// A member of a closed set, kept by its name in a `TEXT` column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Name<T>(pub T);

impl<DB: Database, T> sqlx::Type<DB> for Name<T>
where
    String: sqlx::Type<DB>,
{
    fn type_info() -> DB::TypeInfo {
        String::type_info()
    }
    fn compatible(ty: &DB::TypeInfo) -> bool {
        String::compatible(ty)
    }
}

impl<'r, DB: Database, T: FromStr> sqlx::Decode<'r, DB> for Name<T>
where
    String: sqlx::Decode<'r, DB>,
{
    fn decode(value: DB::ValueRef<'r>) -> Result<Name<T>, sqlx::error::BoxDynError> {
        let name = String::decode(value)?;
        match name.parse() {
            Ok(member) => Ok(Name(member)),
            Err(_) => Err(format!("{name:?} is not a {}", std::any::type_name::<T>()).into()),
        }
    }
}
