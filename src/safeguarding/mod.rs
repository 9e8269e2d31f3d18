//! Keeping young people safe: who is on call, what rings until somebody has taken it, what was
//! done for a young person, and who looked behind anonymity, when and why.
//!
//! Whatever staff write here is sealed with a key that is not in the database, and nothing here
//! names an account: a record belongs to a case, which holds no words. That is why a record is in
//! nobody's export, and outlives the account that a case was about: the law has an organisation
//! keep what it did to protect a child. Every export says so, whether or not there is a record,
//! so that whoever looks over a young person's shoulder learns nothing from it.
//!
//! The record of staff acts says who did what and when, and never what they wrote.

pub mod disclosures;
pub mod escalations;
pub mod records;
pub mod rota;
mod routes;
mod sealed;
mod words;

pub use escalations::ring;
pub use routes::routes;
pub use words::Words;

/// A closed set, with the name that clients and the database use and what pages call it.
macro_rules! choices {
    ($(#[$meta:meta])* $name:ident {
        $($choice:ident = $text:literal, $label:literal;)+
    }) => {
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize,
            utoipa::ToSchema,
        )]
        #[serde(rename_all = "snake_case")]
        $(#[$meta])*
        pub enum $name {
            $(#[doc = $label] $choice,)+
        }

        impl $name {
            /// All of them, in the order in which pages list them.
            pub const ALL: &'static [$name] = &[$($name::$choice),+];

            /// The name in JSON and in forms.
            pub fn as_str(self) -> &'static str {
                match self {
                    $($name::$choice => $text,)+
                }
            }

            /// What people read.
            pub fn label(self) -> &'static str {
                match self {
                    $($name::$choice => $label,)+
                }
            }
        }
    };
}
use choices;
