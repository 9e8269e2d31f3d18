//! All that is held about a person, across every domain: shown to them, or erased.
//!
//! What a person gave to other people's posts is found by asking of every post there is,
//! older than their account or not, whether it carries their tag; nothing else could find it,
//! and that is the point.

mod routes;

use std::collections::BTreeSet;

pub use routes::routes;
use serde::Serialize;
use utoipa::ToSchema;

use crate::accounts;
use crate::bus::{self, EventKind, Nudge};
use crate::clock::Time;
use crate::error::Result;
use crate::ids::{AccountId, PostId};
use crate::keys::Tag;
use crate::moderation;
use crate::posts::{self, Post, PostState, Posts, Reaction};
use crate::reactions;
use crate::safeguarding::escalations;

/// Posts that a person can send at the most while they leave.
const MEANWHILE: u32 = 1_000;

/// All that is held about a person.
#[derive(Debug, Serialize, ToSchema)]
pub struct Export {
    /// What they told of themself.
    #[schema(value_type = Object)]
    pub account: serde_json::Value,
    /// Their posts in every state; one that was taken back has its words for as long as a
    /// person has yet to look at them.
    pub posts: Vec<Post>,
    /// What they gave to the posts of others.
    pub reactions: Vec<GivenReaction>,
    /// What they reported.
    pub reports: Vec<moderation::MadeReport>,
    /// What they said against decisions.
    pub appeals: Vec<moderation::MadeAppeal>,
    /// What may be held beside, and is not in here: the same for everybody, so that whoever else
    /// reads this learns nothing from it.
    #[schema(value_type = String)]
    pub kept_apart: &'static str,
}

/// Safeguarding records belong to cases and not to accounts, and the law has them kept.
const KEPT_APART: &str = "When we are worried that somebody is in danger, we write down what we \
    did to help. Notes like that are kept safe and apart from accounts, so they are not in here, \
    and we have to keep them even after an account is deleted. Most people have none.";

/// A reaction that a person gave.
#[derive(Debug, Serialize, ToSchema)]
pub struct GivenReaction {
    /// To which post.
    #[schema(value_type = String)]
    pub post_id: PostId,
    /// Which.
    pub reaction: Reaction,
}

/// Gathers all that is held about a person.
pub async fn export(posts: &Posts, person: AccountId) -> Result<Export> {
    let own = posts.count(person).await?;
    let own = posts.ids_of(person, own).await?;
    let mut shown = Vec::new();
    for row in posts::find_all(&posts.db, &own).await? {
        let text = row.text.clone();
        let post = posts.show_one(row, person).await?;
        shown.push(Post { text, ..post });
    }
    shown.sort_by_key(|post| std::cmp::Reverse(post.created_at));

    let (mut given, mut reports) = (Vec::new(), Vec::new());
    let mut after = None;
    while let Some(page) = next_page(posts, &mut after).await? {
        for (post_id, of_post) in posts.reactions(&page, Some(person)).await? {
            let kinds = of_post.my_reactions.into_iter();
            given.extend(kinds.map(|reaction| GivenReaction { post_id, reaction }));
        }
        reports.extend(moderation::reports_by(posts, person, &page).await?);
    }
    Ok(Export {
        account: accounts::export(&posts.db, person).await?,
        posts: shown,
        reactions: given,
        reports,
        appeals: moderation::appeals_about(&posts.db, &own).await?,
        kept_apart: KEPT_APART,
    })
}

/// Erases a person: account, tokens, posts, reactions, reports and appeals. What stays are
/// cases and the record of staff acts, which hold no words and name no one, and what staff wrote
/// down to keep somebody safe: see [`crate::safeguarding`].
///
/// If it breaks off, the account is still there, and it can be asked for again.
pub async fn erase(posts: &Posts, person: AccountId) -> Result<()> {
    let own = posts.count(person).await?;
    erase_all(posts, person, own).await?;
    // Apart from the posts: PostgreSQL keeps the number of the transaction with what it deleted,
    // until it cleans up, and one number would join the account to its posts.
    let mut tx = posts.db.begin().await?;
    accounts::erase(&mut tx, person).await?;
    posts.bus.commit(tx, Nudge::AccountsChanged).await?;
    // Nobody can begin to write for this person any more; what was being written is done now.
    let mut tx = posts.db.begin().await?;
    accounts::wait_for_holders(&mut tx).await?;
    tx.commit().await?;
    Ok(erase_all(posts, person, own + MEANWHILE).await?)
}

/// Erases what a person gave to others, and their posts, of which there are `own` at the most.
async fn erase_all(posts: &Posts, person: AccountId, own: u32) -> sqlx::Result<()> {
    let mut after = None;
    while let Some(page) = next_page(posts, &mut after).await? {
        erase_given(posts, person, &page).await?;
    }
    let now = posts.clock.now();
    let mut own = posts.ids_of(person, own).await?;
    // Posts in the order in which reactions take them too.
    own.sort();
    let mut tx = posts.db.begin().await?;
    // Cases before posts and posts before events, as everywhere: who takes them the other way
    // round waits for a moderator who waits for them.
    for id in &own {
        moderation::close_erased(&mut tx, *id, now).await?;
        escalations::resolve_erased(&mut tx, *id, now).await?;
        moderation::forget_undo_about(&mut tx, *id).await?;
    }
    let mut gone = Vec::new();
    for id in own {
        let Some(row) = posts::lock(&mut tx, id).await? else {
            continue;
        };
        let revision = (id, row.revision);
        moderation::delete_appeal_receipts(&mut tx, &posts.keys, person, revision).await?;
        posts::delete(&mut tx, id).await?;
        gone.extend((row.state.0 == PostState::Live).then_some((EventKind::Gone, id)));
    }
    bus::append_all(&mut tx, &gone, now).await?;
    let told = [Nudge::LogGrew, Nudge::CasesChanged];
    posts.bus.commit_telling(tx, told).await
}

/// The next page of all posts; `None` where there are no more.
async fn next_page(
    posts: &Posts,
    after: &mut Option<(Time, PostId)>,
) -> sqlx::Result<Option<Vec<PostId>>> {
    let page = posts.all(*after).await?;
    *after = page.last().copied();
    Ok(after.map(|_| page.into_iter().map(|(_, id)| id).collect()))
}

/// Erases what a person gave to a page of posts.
async fn erase_given(posts: &Posts, person: AccountId, page: &[PostId]) -> sqlx::Result<()> {
    let tags: Vec<Tag> = page
        .iter()
        .flat_map(|post| {
            Reaction::ALL.map(|kind| posts.keys.reaction_tag(person, *post, kind.as_str()))
        })
        .collect();
    let now = posts.clock.now();
    let mut tx = posts.db.begin().await?;
    let changed: BTreeSet<PostId> = reactions::delete_tagged(&mut tx, page, &tags)
        .await?
        .into_iter()
        .collect();
    moderation::delete_reports(&mut tx, &posts.keys, person, page).await?;
    let changed = changed.into_iter().map(|post| (EventKind::Reactions, post));
    bus::append_all(&mut tx, &changed.collect::<Vec<_>>(), now).await?;
    posts.bus.commit(tx, Nudge::LogGrew).await
}
