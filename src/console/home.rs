//! Where somebody starts: what waits, by its level.

use axum::extract::State;
use maud::{Markup, html};

use super::care;
use super::page::{self, Section};
use super::session::Visitor;
use super::when;
use crate::error::Result;
use crate::moderation;
use crate::posts::Posts;

/// The start.
pub async fn home(visitor: Visitor, State(posts): State<Posts>) -> Result<Markup> {
    let now = posts.clock.now();
    let mut waiting = moderation::backlog(&posts.db, now).await?;
    waiting.sort_by_key(|backlog| std::cmp::Reverse(backlog.level.0));
    let content = html! {
        h1 { "Hello " (visitor.member.name) }
        (care::offer(&posts, &visitor).await?)
        @if waiting.is_empty() {
            p { "Nothing waits for a person." }
        } @else {
            table {
                caption.visually-hidden { "What waits for a person" }
                thead {
                    tr {
                        th scope="col" { "Level" }
                        th.number scope="col" { "Cases" }
                        th.number scope="col" { "Past their deadline" }
                        th scope="col" { "Oldest since" }
                    }
                }
                tbody {
                    @for backlog in &waiting {
                        tr {
                            td { (page::level(backlog.level.0)) }
                            td.number { (backlog.open) }
                            td.number.breached[backlog.breached > 0] { (backlog.breached) }
                            td { (when::moment(backlog.oldest, now)) }
                        }
                    }
                }
            }
        }
    };
    Ok(page::page(&visitor, Section::Home, "Start", content))
}
