//! The closed sets of words that services are described with.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A closed set of words in the contract.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$about:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$doc])*
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema,
        )]
        pub enum $name {
            $($(#[$about])* #[serde(rename = $word)] $variant,)+
        }

        impl $name {
            /// Every one of them.
            pub const ALL: &[$name] = &[$($name::$variant),+];

            /// The word in the contract.
            pub fn as_str(self) -> &'static str {
                match self { $($name::$variant => $word),+ }
            }
        }
    };
}

words! {
    /// A way to reach a service.
    Channel {
        /// By speaking on the phone.
        Phone = "phone",
        /// By text message.
        Text = "text",
        /// By chat on a website.
        Chat = "chat",
        /// By e-mail.
        Email = "email",
        /// By something else on a website, such as a form.
        Online = "online",
        /// By going there.
        InPerson = "in_person",
    }
}

words! {
    /// What it costs to use a service.
    Cost {
        /// Nothing.
        Free = "free",
        /// What a call to an ordinary number costs.
        StandardRate = "standard_rate",
    }
}

words! {
    /// What else is good to know about a service.
    Feature {
        /// Takes no names.
        Anonymous = "anonymous",
        /// Is there for the worst moments.
        Crisis = "crisis",
        /// Is for danger right now, and is never suggested for anything else.
        Emergency = "emergency",
        /// Finds another service near the person.
        FindsLocalService = "finds_local_service",
        /// Is for adults who worry about a child.
        ForAdults = "for_adults",
        /// Has things to read, and nobody to talk to.
        InformationOnly = "information_only",
        /// Takes reports on a website.
        OnlineReport = "online_report",
        /// Is there only where somebody local pays for it; which places is not known here.
        SomePlaces = "some_places",
        /// Is for one group of people, or one kind of trouble within its topics; its description
        /// says which.
        Specialist = "specialist",
    }
}

words! {
    /// How sure the person was who gathered a fact.
    Confidence {
        /// Hardly.
        Low = "low",
        /// Fairly.
        Medium = "medium",
        /// Very.
        High = "high",
    }
}
