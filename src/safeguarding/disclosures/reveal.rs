//! What there is behind anonymity. An account has no name, no address and no contact details; its
//! identifier means nothing to anybody outside, and is not shown.

use serde::Serialize;
use utoipa::ToSchema;

use super::{Ask, Request, store};
use crate::accounts::{self, AgeBand};
use crate::clock::Time;
use crate::directory;
use crate::error::{Error, Result};
use crate::ids::{CaseId, PostId};
use crate::posts::{self, PostState, Posts};

/// What was asked for; shown once, and stored nowhere.
#[derive(Debug, Serialize, ToSchema)]
pub struct Revealed {
    /// How old they are, where that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub age_band: Option<AgeBand>,
    /// Where they live, where that was asked for and they told us: the GSS code of a local
    /// authority.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub area: Option<String>,
    /// What that area is called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub area_name: Option<String>,
    /// All that they have posted, oldest first, where that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub posts: Option<Vec<AuthorPost>>,
}

/// A post of the same person.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuthorPost {
    /// Names the post.
    #[schema(value_type = String)]
    pub id: PostId,
    /// When it was written.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Time,
    /// Where it stands.
    pub state: PostState,
    /// The words; empty once they are erased.
    pub text: String,
}

/// The post that a case is about.
pub(super) async fn post_of_case(posts: &Posts, case: CaseId) -> Result<posts::Row> {
    let post = store::post_of_case(&posts.db, case).await?;
    let post = post.ok_or(Error::NotFound)?;
    posts::find(&posts.db, post).await?.ok_or(Error::Conflict(
        "Its author has left: the post and the account are erased, and there is nothing to see."
            .into(),
    ))
}

pub(super) async fn reveal(posts: &Posts, request: &Request) -> Result<Revealed> {
    let row = post_of_case(posts, request.case_id).await?;
    let author = posts
        .author(&row)
        .ok_or_else(|| Error::internal("the author of a post was sealed with another key"))?;
    let asked = |ask| request.asks.contains(&ask);
    let account = accounts::find(&posts.db, author).await?;
    let account = account.ok_or(Error::Conflict(
        "Its author has left: the account is erased, and there is nothing to see.".into(),
    ))?;
    let area = account.area.filter(|_| asked(Ask::Area));
    let own = match asked(Ask::Posts) {
        false => None,
        true => {
            let count = posts.count(author).await?;
            let ids = posts.ids_of(author, count).await?;
            let mut rows = posts::find_all(&posts.db, &ids).await?;
            rows.sort_by_key(|row| (row.created_at, row.id.uuid()));
            Some(rows.into_iter().map(AuthorPost::from).collect())
        }
    };
    Ok(Revealed {
        age_band: asked(Ask::AgeBand).then_some(account.age_band),
        area_name: (area.as_deref())
            .and_then(directory::area)
            .map(|area| area.name.clone()),
        area,
        posts: own,
    })
}

impl From<posts::Row> for AuthorPost {
    fn from(row: posts::Row) -> AuthorPost {
        AuthorPost {
            id: row.id,
            created_at: row.created_at,
            state: row.state.0,
            text: row.text,
        }
    }
}
