//! What keeps a database from doing what it can do at another time.

/// Why nothing was done of what a database was asked, and may be done the next time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Hindrance {
    /// It does not answer.
    #[error("the database does not answer")]
    Silent,
    /// There is no room for more.
    #[error("the disk of the database is full")]
    Full,
    /// It lets nobody write.
    #[error("the database takes no writes")]
    ReadOnly,
    /// Its disk cannot be read or written.
    #[error("the disk of the database fails")]
    Failing,
    /// Somebody else has what is needed, for longer than is waited for.
    #[error("the database is busy for others")]
    Busy,
    /// Of transactions that wait for each other, this one was ended; or its process stood still
    /// in the middle of it.
    #[error("a transaction gave way to others")]
    GaveWay,
    /// It was ended because it took too long.
    #[error("a query took too long")]
    Slow,
    /// It starts or stops.
    #[error("the database is starting or stopping")]
    Restarting,
    /// It has no connections or memory left.
    #[error("the database has no room for more")]
    Overloaded,
}

impl Hindrance {
    /// What hindered the database; none where it would say the same again.
    pub fn of(error: &sqlx::Error) -> Option<Hindrance> {
        match error {
            sqlx::Error::PoolTimedOut
            | sqlx::Error::Io(_)
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed => Some(Hindrance::Silent),
            sqlx::Error::Database(error) => Hindrance::by_code(error.code()?.as_ref()),
            _ => None,
        }
    }

    /// By the code of the error: five characters from PostgreSQL
    /// ([SQLSTATE](https://www.postgresql.org/docs/current/errcodes-appendix.html)), a number
    /// from SQLite ([result codes](https://www.sqlite.org/rescode.html)).
    fn by_code(code: &str) -> Option<Hindrance> {
        match (code.len(), code) {
            (5, "53100") => Some(Hindrance::Full),
            (5, "25006") => Some(Hindrance::ReadOnly),
            (5, "58030") => Some(Hindrance::Failing),
            (5, "55P03") => Some(Hindrance::Busy),
            (5, "40001" | "40P01" | "25P03") => Some(Hindrance::GaveWay),
            (5, "57014") => Some(Hindrance::Slow),
            (5, _) => match &code[..2] {
                "08" | "57" => Some(Hindrance::Restarting),
                "53" => Some(Hindrance::Overloaded),
                _ => None,
            },
            // The last byte is the kind of error, the rest says more of it.
            _ => match code.parse::<u32>().ok()? & 0xff {
                5 | 6 => Some(Hindrance::Busy),
                8 => Some(Hindrance::ReadOnly),
                10 | 14 => Some(Hindrance::Failing),
                13 => Some(Hindrance::Full),
                _ => None,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_passes_is_told_from_what_does_not() {
        for (code, hindrance) in [
            ("53100", Some(Hindrance::Full)),
            ("53300", Some(Hindrance::Overloaded)), // too many connections
            ("57P01", Some(Hindrance::Restarting)), // administrator shutdown
            ("25006", Some(Hindrance::ReadOnly)),
            ("40001", Some(Hindrance::GaveWay)), // serialization failure
            ("25P03", Some(Hindrance::GaveWay)), // idle in a transaction
            ("08006", Some(Hindrance::Restarting)), // connection failure
            ("23505", None),                     // unique violation
            ("42P01", None),                     // no such table
            ("13", Some(Hindrance::Full)),       // SQLITE_FULL
            ("517", Some(Hindrance::Busy)),      // SQLITE_BUSY_SNAPSHOT
            ("778", Some(Hindrance::Failing)),   // SQLITE_IOERR_WRITE
            ("2067", None),                      // SQLITE_CONSTRAINT_UNIQUE
            ("11", None),                        // SQLITE_CORRUPT
            ("1", None),                         // SQLITE_ERROR
        ] {
            assert_eq!(Hindrance::by_code(code), hindrance, "{code}");
        }
    }
}
