//! One verdict, made again with the rules that made it.

use serde::Serialize;
use serde_json::Value;

use super::store;
use crate::clock::Time;
use crate::db::Db;
use crate::ids::PostId;
use crate::rules::{self, LostRules};
use crate::triage::Engine;
use crate::triage::compare::{Difference, differences};

/// A verdict beside the same one made again.
#[derive(Debug, Serialize)]
pub struct Exact {
    /// The post.
    pub post: PostId,
    /// When it was written.
    pub created_at: Time,
    /// The rules that the verdict was made with.
    pub rules_hash: String,
    /// Whether these rules were kept in the database; else the rules that the settings name have
    /// the same hash.
    pub rules_kept: bool,
    /// How much risk was seen then.
    pub level: Value,
    /// Where the two are not the same; nowhere, where all is well.
    pub differences: Vec<Difference>,
    /// The words.
    #[serde(skip)]
    pub text: String,
}

/// Why a verdict cannot be made again.
#[derive(Debug, thiserror::Error)]
pub enum NoReplay {
    /// There is no such post.
    #[error("there is no post {0}")]
    NotFound(PostId),
    /// Its words are gone.
    #[error("the words of this post are erased: its author took it back")]
    NoWords,
    /// Its rules are gone.
    #[error(transparent)]
    Rules(#[from] LostRules),
    /// The database does not do what was asked.
    #[error("the database: {0}")]
    Database(#[from] sqlx::Error),
}

/// Makes the verdict about a post again, with the rules that were in force then. `named` are the
/// rules that the settings name.
///
/// # Errors
/// Where the post, its words or its rules are gone.
pub async fn exact(db: &Db, id: PostId, named: &Engine) -> Result<Exact, NoReplay> {
    let stored = store::find(db, id).await?;
    let stored = stored.ok_or(NoReplay::NotFound(id))?;
    if stored.text.is_empty() {
        return Err(NoReplay::NoWords);
    }
    let before = stored.verdict.0;
    let hash = before["rules_hash"].as_str().unwrap_or_default().to_owned();
    let (again, rules_kept) = match rules::kept(db, &hash).await {
        Ok(engine) => (engine.verdict(&stored.text), true),
        // A verdict of before rules were kept.
        Err(LostRules::Missing(_)) if named.rules_hash() == hash => {
            (named.verdict(&stored.text), false)
        }
        Err(lost) => return Err(lost.into()),
    };
    let again = serde_json::to_value(again).unwrap_or_default();
    Ok(Exact {
        post: id,
        created_at: stored.created_at,
        rules_hash: hash,
        rules_kept,
        level: before["level"].clone(),
        differences: differences(&before, &again),
        text: stored.text,
    })
}
