//! The SQL of appeals.

use std::collections::HashMap;

use sqlx::QueryBuilder;

use super::MadeAppeal;
use crate::clock::Time;
use crate::db::{Db, Tx, on_db, on_tx, push_list};
use crate::ids::{CaseId, PostId, ReviewId, StaffId};

/// Stores what an author says against a decision. `false`: they said something already.
pub async fn insert_appeal(
    tx: &mut Tx,
    (post, revision): (PostId, i64),
    case: CaseId,
    text: &str,
    now: Time,
) -> sqlx::Result<bool> {
    on_tx!(tx, |c| sqlx::query(
        "INSERT INTO appeals (post_id, revision, case_id, text, made_at)
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT (post_id, revision) DO NOTHING"
    )
    .bind(post)
    .bind(revision)
    .bind(case)
    .bind(text)
    .bind(now)
    .execute(c)
    .await
    .map(|done| done.rows_affected() == 1))
}

/// What the author of a post said against the decision on a revision, and the case it went to.
pub async fn find_appeal(
    db: &Db,
    (post, revision): (PostId, i64),
) -> sqlx::Result<Option<(String, CaseId)>> {
    on_db!(db, |c| sqlx::query_as(
        "SELECT text, case_id FROM appeals WHERE post_id = $1 AND revision = $2"
    )
    .bind(post)
    .bind(revision)
    .fetch_optional(c)
    .await)
}

/// What was said against decisions about these posts.
pub async fn appeals_about(db: &Db, posts: &[PostId]) -> sqlx::Result<Vec<MadeAppeal>> {
    if posts.is_empty() {
        return Ok(Vec::new());
    }
    on_db!(db, |c| {
        let mut query =
            QueryBuilder::new("SELECT post_id, text, made_at FROM appeals WHERE post_id IN (");
        push_list(&mut query, posts.iter().copied())
            .push(") ORDER BY made_at")
            .build_query_as()
            .fetch_all(c)
            .await
    })
}

/// The words of the appeal that went to each case.
pub async fn of_cases(db: &Db, cases: &[CaseId]) -> sqlx::Result<HashMap<CaseId, String>> {
    if cases.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<(CaseId, String)> = on_db!(db, |c| {
        let mut query = QueryBuilder::new("SELECT case_id, text FROM appeals WHERE case_id IN (");
        push_list(&mut query, cases.iter().copied())
            .push(")")
            .build_query_as()
            .fetch_all(c)
            .await
    })?;
    Ok(rows.into_iter().collect())
}

/// Keeps whoever decided that a post is declined, at first or after a second opinion, out of the
/// case of its appeal. One of them may hold the case, where it was opened for something else
/// before: their claim ends.
pub async fn recuse_deciders(tx: &mut Tx, case: CaseId, post: PostId) -> sqlx::Result<()> {
    on_tx!(tx, |c| sqlx::query(
        "INSERT INTO appeal_recusals (case_id, staff_id)
         SELECT k.id, d.staff_id FROM cases k JOIN (
             SELECT decided_by AS staff_id FROM cases
             WHERE post_id = $2 AND state = 'decided' AND decision = 'decline'
               AND decided_by IS NOT NULL
             UNION SELECT decided_by FROM reviews WHERE post_id = $2 AND state = 'settled'
             UNION SELECT settled_by FROM reviews WHERE post_id = $2 AND state = 'settled'
         ) d ON 1 = 1
         WHERE k.id = $1
         ON CONFLICT (case_id, staff_id) DO NOTHING"
    )
    .bind(case)
    .bind(post)
    .execute(c)
    .await
    .map(|_| ()))?;
    on_tx!(tx, |c| sqlx::query(
        "UPDATE cases SET claimed_by = NULL, claim_until = NULL
         WHERE id = $1 AND claimed_by IN (
             SELECT staff_id FROM appeal_recusals WHERE case_id = $1)"
    )
    .bind(case)
    .execute(c)
    .await
    .map(|_| ()))
}

/// Who may not decide a case; the case is locked, so that nobody is added meanwhile.
pub async fn recused(tx: &mut Tx, case: CaseId) -> sqlx::Result<Vec<StaffId>> {
    on_tx!(tx, |c| sqlx::query_scalar(
        "SELECT staff_id FROM appeal_recusals WHERE case_id = $1"
    )
    .bind(case)
    .fetch_all(c)
    .await)
}

/// Keeps whoever may not decide a case out of the second opinion about it, too.
pub async fn recuse_alike(tx: &mut Tx, review: ReviewId, case: CaseId) -> sqlx::Result<()> {
    on_tx!(tx, |c| sqlx::query(
        "INSERT INTO review_recusals (review_id, staff_id)
         SELECT r.id, a.staff_id FROM reviews r JOIN appeal_recusals a ON a.case_id = r.case_id
         WHERE r.id = $1 AND a.case_id = $2
         ON CONFLICT (review_id, staff_id) DO NOTHING"
    )
    .bind(review)
    .bind(case)
    .execute(c)
    .await
    .map(|_| ()))
}

/// Every appeal that waits, with each of those who may not decide it.
pub async fn recused_from_waiting(db: &Db) -> sqlx::Result<Vec<(CaseId, StaffId)>> {
    on_db!(db, |c| sqlx::query_as(
        "SELECT k.id, a.staff_id FROM cases k JOIN appeal_recusals a ON a.case_id = k.id
         WHERE k.state <> 'decided'"
    )
    .fetch_all(c)
    .await)
}
