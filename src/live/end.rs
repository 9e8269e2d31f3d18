//! Why a socket ends, as its close frame says.

use bytes::Bytes;

use super::frames;
use crate::error::Error;

/// Why a socket ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The client said goodbye, and was answered.
    Answered,
    /// The connection broke: there is nobody to tell.
    Lost,
    /// We say goodbye.
    Close {
        /// As [RFC 6455](https://www.rfc-editor.org/rfc/rfc6455#section-7.4.1) lists them.
        code: u16,
        /// What people may read.
        reason: &'static str,
    },
}

impl End {
    const fn because(code: u16, reason: &'static str) -> End {
        End::Close { code, reason }
    }

    /// Nothing was heard of the client for a long time.
    pub const SILENT: End = End::because(1000, "");
    /// The program stops.
    pub const STOPPING: End = End::because(1001, "restarting, come back soon");
    /// The client sends bytes.
    pub const BINARY: End = End::because(1003, "text messages only");
    /// The client says what is no subscription, or says it wrongly.
    pub const BAD: End = End::because(1008, "expected a subscribe message");
    /// The account is gone.
    pub const SIGNED_OUT: End = End::because(1008, "signed out");
    /// The client says more than is read.
    pub const TOO_BIG: End = End::because(1009, "message too big");
    /// The database does not answer.
    pub const FAULT: End = End::because(1011, "our fault, come back soon");
    /// The client does not take what is written to it.
    pub const SLOW: End = End::because(1013, "too slow, come back and resume");

    /// The frame that says so, where there is something to say.
    pub fn frame(self) -> Option<Bytes> {
        match self {
            End::Answered | End::Lost => None,
            End::Close { code, reason } => Some(frames::close(code, reason)),
        }
    }
}

impl From<Error> for End {
    fn from(error: Error) -> End {
        tracing::warn!(%error, "a live socket cannot read the database");
        End::FAULT
    }
}

impl From<sqlx::Error> for End {
    fn from(error: sqlx::Error) -> End {
        End::from(Error::from(error))
    }
}

/// What is written to a connection that broke goes nowhere.
impl From<std::io::Error> for End {
    fn from(_: std::io::Error) -> End {
        End::Lost
    }
}
