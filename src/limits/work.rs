//! The table: which requests are counted together, and how many of them are too many.
//!
//! A whole school, or everybody on one mobile network, can sit behind one address. So a quota of
//! a network must fit a school of 1,500 in which everybody opens the app in the same minute; it
//! stops machines. A quota of a person does the fine work. What a person in distress does in
//! one bad evening, they must be able to do: ten posts in a row, and then one a minute.

use super::quota::Quota;

/// A kind of request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    /// Making an account: how a machine would get around the quotas of a person.
    Joining,
    /// Getting tokens. Everybody who is there does it every quarter of an hour.
    SigningIn,
    /// Signing in as staff: passwords can be guessed. It keeps a network out, never a member.
    /// `ATTEMPTS` counts besides.
    StaffSigningIn,
    /// Posting.
    Posting,
    /// Giving a reaction, or taking it back.
    Reacting,
    /// Reporting and appealing: each asks a person to look.
    AskingToLook,
    /// Asking what became of a report, for which no token is needed: receipts can be guessed.
    ReadingReceipts,
    /// Opening a live socket, and getting a ticket for it.
    Connecting,
    /// Getting all that is held about oneself: the largest answer there is.
    Exporting,
    /// What staff do.
    Moderating,
    /// Every other read.
    Reading,
    /// Every other change.
    Writing,
}

/// The quotas of a kind of request: of the person, and of the network.
struct Quotas {
    person: Option<Quota>,
    network: Option<Quota>,
}

/// All that a network sends, of whatever kind.
pub static EVERYTHING: Quota = Quota::new("network", 12_000, 60);

/// Attempts to sign in as staff, under one name and from one network, or from one browser that is
/// known: five in a row, and whoever goes on wrong waits for 12 seconds, then a minute, six minutes
/// and half an hour. What is right is taken back. Every other network and every known browser of
/// that name is counted by itself: nobody can make somebody else wait.
pub(super) static ATTEMPTS: [Quota; 4] = [
    Quota::new("staff-attempts-minute", 5, 60),
    Quota::new("staff-attempts-ten-minutes", 10, 600),
    Quota::new("staff-attempts-two-hours", 20, 7_200),
    Quota::new("staff-attempts-day", 50, 86_400),
];

macro_rules! quotas {
    ($person:expr, $network:expr) => {
        &const {
            Quotas {
                person: $person,
                network: $network,
            }
        }
    };
}

const fn quota(name: &'static str, count: u32, seconds: u64) -> Option<Quota> {
    Some(Quota::new(name, count, seconds))
}

impl Work {
    /// Every kind.
    pub const ALL: [Work; 12] = [
        Work::Joining,
        Work::SigningIn,
        Work::StaffSigningIn,
        Work::Posting,
        Work::Reacting,
        Work::AskingToLook,
        Work::ReadingReceipts,
        Work::Connecting,
        Work::Exporting,
        Work::Moderating,
        Work::Reading,
        Work::Writing,
    ];

    /// What kind of request goes to a path, given by its pattern.
    pub fn of(method: &str, path: &str) -> Work {
        match (method, path) {
            ("POST", "/v1/accounts") => Work::Joining,
            ("POST", "/v1/tokens") => Work::SigningIn,
            // The console's form is counted where it is read: it says who knows the browser.
            ("POST", "/v1/staff/sessions") => Work::StaffSigningIn,
            ("POST", "/v1/posts") => Work::Posting,
            (_, "/v1/posts/{id}/reactions/{kind}") => Work::Reacting,
            ("POST", "/v1/posts/{id}/reports" | "/v1/posts/{id}/appeals") => Work::AskingToLook,
            ("GET", "/v1/receipts/{receipt}") => Work::ReadingReceipts,
            ("POST", "/v1/live/tickets") | ("GET", "/v1/live") => Work::Connecting,
            ("GET", "/v1/me/export") => Work::Exporting,
            (_, path)
                if path.starts_with("/v1/moderation/")
                    || path.starts_with("/v1/safeguarding/")
                    || path.starts_with("/console") =>
            {
                Work::Moderating
            }
            ("GET" | "HEAD", _) => Work::Reading,
            _ => Work::Writing,
        }
    }

    /// The quotas: how many at once, and over how many seconds as many again.
    fn quotas(self) -> &'static Quotas {
        match self {
            Work::Joining => quotas!(None, quota("joining-network", 2_000, 3_600)),
            Work::SigningIn => quotas!(None, quota("signing-in-network", 1_800, 900)),
            Work::StaffSigningIn => quotas!(None, quota("staff-signing-in-network", 20, 600)),
            Work::Posting => quotas!(
                quota("posting", 10, 600),
                quota("posting-network", 600, 600)
            ),
            Work::Reacting => quotas!(quota("reacting", 120, 60), None),
            Work::AskingToLook => quotas!(
                quota("asking-to-look", 10, 600),
                quota("asking-to-look-network", 300, 600)
            ),
            Work::ReadingReceipts => quotas!(None, quota("reading-receipts-network", 300, 300)),
            Work::Connecting => quotas!(quota("connecting", 60, 300), None),
            Work::Exporting => quotas!(quota("exporting", 5, 300), None),
            Work::Moderating => quotas!(quota("moderating", 1_200, 60), None),
            Work::Reading => quotas!(quota("reading", 300, 60), None),
            Work::Writing => quotas!(quota("writing", 60, 60), None),
        }
    }

    /// What a person may do of it; nothing is counted where no person has to say who they are.
    pub fn per_person(self) -> Option<&'static Quota> {
        self.quotas().person.as_ref()
    }

    /// What may come of it from one network, beside [`EVERYTHING`].
    pub fn per_network(self) -> Option<&'static Quota> {
        self.quotas().network.as_ref()
    }
}

/// The names of the quotas that an operation is counted against, beside [`EVERYTHING`].
pub fn names(method: &str, path: &str) -> Vec<&'static str> {
    let work = Work::of(method, path);
    let quotas = [work.per_person(), work.per_network()];
    let attempts = (work == Work::StaffSigningIn).then_some(&ATTEMPTS);
    (quotas.into_iter().flatten())
        .chain(attempts.into_iter().flatten())
        .map(|quota| quota.name)
        .collect()
}

/// The table in Markdown, for the description of the API.
pub fn table() -> String {
    let quotas = Work::ALL
        .into_iter()
        .flat_map(|work| [work.per_person(), work.per_network()]);
    let others = ATTEMPTS.iter().chain([&EVERYTHING]);
    let rows = quotas.flatten().chain(others).map(|quota| {
        format!(
            "| `{}` | {} | {} |\n",
            quota.name,
            quota.count,
            quota.window.as_secs()
        )
    });
    format!(
        "| quota | requests at once | seconds until as many again |\n|---|---|---|\n{}",
        rows.collect::<String>()
    )
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_quota_has_a_name_of_its_own_and_a_pace_that_redis_can_count() {
        let mut names = BTreeSet::new();
        let mut quotas: Vec<&Quota> = ATTEMPTS.iter().chain([&EVERYTHING]).collect();
        for work in Work::ALL {
            let of_work = [work.per_person(), work.per_network()];
            assert!(of_work.iter().any(Option::is_some), "{work:?}");
            quotas.extend(of_work.into_iter().flatten());
        }
        for quota in quotas {
            let pace = quota.pace();
            assert!(names.insert(quota.name), "{quota:?}");
            assert_eq!(pace.subsec_nanos() % 1_000_000, 0, "{quota:?}");
            assert_eq!(pace * quota.count, quota.window, "{quota:?}");
        }
    }

    #[test]
    fn whoever_is_in_distress_can_post_ten_times_in_a_row() {
        assert!(Work::Posting.per_person().unwrap().count >= 10);
    }
}
