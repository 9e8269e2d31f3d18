//! Looking behind anonymity: asked for, answered by a second person, looked, told.

use axum::extract::State;
use axum::response::Redirect;
use maud::{Markup, html};

use super::record::told_fields;
use super::{case_path, ways};
use crate::clock::Time;
use crate::console::form::Form;
use crate::console::page::{self, Section};
use crate::console::session::Visitor;
use crate::console::when;
use crate::error::Result;
use crate::extract::{Path, Query};
use crate::ids::DisclosureId;
use crate::page::PageQuery;
use crate::posts::Posts;
use crate::safeguarding::disclosures::{
    self, Answer, Disclosure, Request, Revealed, State as Stand, Told,
};
use crate::staff::LeadOrAdmin;

const HERE: &str = "/console/safeguarding/disclosures";
const TITLE: &str = "Looking behind anonymity";

/// Every request: on top those in which somebody has something to do.
pub async fn list(
    visitor: Visitor,
    State(posts): State<Posts>,
    LeadOrAdmin(member): LeadOrAdmin,
    Query(query): Query<PageQuery>,
) -> Result<Markup> {
    let now = posts.clock.now();
    let unfinished = disclosures::unfinished(&posts, &member).await?;
    let all = disclosures::list(&posts, &member, query.after()?, query.limit()?).await?;
    let content = html! {
        h1 { (TITLE) }
        (ways(&visitor, HERE))
        p.note {
            "It takes two people, a reason, somebody to tell, and that nothing less will do. "
            "Ask on the page of a case."
        }
        h2 { "To be seen to" }
        @if unfinished.is_empty() {
            p { "Nothing." }
        } @else {
            (table(&unfinished, "Requests in which somebody has something to do", now))
        }
        @if !all.items.is_empty() {
            h2 { "All requests" }
            (table(&all.items, "All requests, the newest first", now))
        }
        @if let Some(next) = &all.next {
            p { a href={ (HERE) "?after=" (next) } { "Earlier ones" } }
        }
    };
    Ok(page::page(&visitor, Section::Safeguarding, TITLE, content))
}

fn table(of: &[Disclosure], caption: &str, now: Time) -> Markup {
    html! {
        div.scrolls tabindex="0" {
            table {
                caption.visually-hidden { (caption) }
                thead { tr {
                    th scope="col" { "Asked" }
                    th scope="col" { "By" }
                    th scope="col" { "Who will be told" }
                    th scope="col" { "Where it stands" }
                } }
                tbody {
                    @for one in of {
                        tr {
                            td { a href={ (HERE) "/" (one.id) } {
                                (when::moment(one.requested_at, now))
                            } }
                            td { (one.requested_by) }
                            td { (one.request.recipient.as_str()) }
                            td { (stand(one, now)) }
                        }
                    }
                }
            }
        }
    }
}

fn stand(one: &Disclosure, now: Time) -> Markup {
    let until = one.until.filter(|_| one.state != Stand::Expired);
    html! {
        (one.state.label())
        @if let Some(until) = until { " (" (when::left(until, now)) ")" }
    }
}

/// Asks.
pub async fn request(
    State(posts): State<Posts>,
    LeadOrAdmin(member): LeadOrAdmin,
    Form(request): Form<Request>,
) -> Result<Redirect> {
    let made = disclosures::request(&posts, &member, request).await?;
    Ok(to(made.id))
}

fn to(id: DisclosureId) -> Redirect {
    Redirect::to(&format!("{HERE}/{id}"))
}

/// The page of a request.
pub async fn one(
    visitor: Visitor,
    State(posts): State<Posts>,
    LeadOrAdmin(member): LeadOrAdmin,
    Path(id): Path<DisclosureId>,
) -> Result<Markup> {
    let one = disclosures::get(&posts, &member, id).await?;
    let now = posts.clock.now();
    let content = html! {
        h1 { (TITLE) }
        (ways(&visitor, ""))
        p { strong { (stand(&one, now)) } }
        (facts(&one, now))
        (next_step(&visitor, &one))
    };
    Ok(page::page(&visitor, Section::Safeguarding, TITLE, content))
}

fn facts(one: &Disclosure, now: Time) -> Markup {
    let request = &one.request;
    html! {
        dl.facts {
            dt { "About" }
            dd { a href=(case_path(request.case_id)) { "The case" } }
            dt { "Asked" }
            dd { (when::moment(one.requested_at, now)) " by " (one.requested_by) }
            dt { "What for" }
            dd {
                ul { @for ask in &request.asks { li { (ask.label()) } } }
            }
            dt { "Who will be told" }
            dd {
                (request.recipient.as_str())
                @if let Some(reference) = &request.reference {
                    ", reference " (reference.as_str())
                }
            }
            @if let (Some(at), Some(by)) = (one.answered_at, &one.answered_by) {
                dt { "Answered" }
                dd { (when::moment(at, now)) " by " (by) }
            }
            @if let Some(at) = one.looked_at {
                dt { "Looked" }
                dd { (when::moment(at, now)) }
            }
        }
        h2 { "Why" }
        p.words { (request.reason.as_str()) }
        h2 { "Why nothing less will do" }
        p.words { (request.necessity.as_str()) }
        @if let Some(told) = &one.told {
            h2 { @if told.told { "The young person was told" } @else { "The young person was not told" } }
            p.words { (told.words.as_str()) }
        }
    }
}

fn next_step(visitor: &Visitor, one: &Disclosure) -> Markup {
    let path = format!("{HERE}/{}", one.id);
    match (one.state, one.own) {
        (Stand::Requested, true) => html! {
            p.note { "Another lead or an admin has to answer. You cannot answer your own request." }
        },
        (Stand::Requested, false) => html! {
            form.row method="post" action={ (path) "/answer" } {
                (page::token(visitor))
                button.primary type="submit" name="approve" value="true" { "Agree" }
                button.danger type="submit" name="approve" value="false" { "Refuse" }
            }
        },
        (Stand::Approved, true) => html! {
            form.stacked method="post" action={ (path) "/look" } {
                (page::token(visitor))
                p { "It is shown once. Be ready to pass on what you see." }
                button.danger type="submit" { "Look now" }
            }
        },
        (Stand::Looked, true) => told_form(visitor, one.id),
        (Stand::Approved, false) => html! {
            p.note { "Only " (one.requested_by) " can look." }
        },
        (Stand::Looked, false) => html! {
            p.note { (one.requested_by) " has to write down whether the young person was told." }
        },
        (Stand::Refused | Stand::Expired | Stand::Complete, _) => html! {},
    }
}

fn told_form(visitor: &Visitor, id: DisclosureId) -> Markup {
    html! {
        h2 { "Was the young person told?" }
        form.stacked method="post" action={ (HERE) "/" (id) "/told" } {
            (page::token(visitor))
            (told_fields("told", "How and by whom; or why not", 2_000))
            button.primary type="submit" { "Write it down" }
        }
    }
}

/// Answers for the second person.
pub async fn answer(
    State(posts): State<Posts>,
    LeadOrAdmin(member): LeadOrAdmin,
    Path(id): Path<DisclosureId>,
    Form(answer): Form<Answer>,
) -> Result<Redirect> {
    disclosures::answer(&posts, &member, id, answer).await?;
    Ok(to(id))
}

/// Looks. What is seen is the answer to this very request: there is no page to come back to.
pub async fn look(
    visitor: Visitor,
    State(posts): State<Posts>,
    LeadOrAdmin(member): LeadOrAdmin,
    Path(id): Path<DisclosureId>,
) -> Result<Markup> {
    let revealed = disclosures::look(&posts, &member, id).await?;
    let now = posts.clock.now();
    let content = html! {
        h1 { (TITLE) }
        p.problem {
            "This is shown once, and is gone when you leave the page. Pass it on to nobody but "
            "whom you named."
        }
        (seen(&revealed, now))
        (told_form(&visitor, id))
    };
    Ok(page::page(&visitor, Section::Safeguarding, TITLE, content))
}

fn seen(revealed: &Revealed, now: Time) -> Markup {
    html! {
        dl.facts {
            @if let Some(age_band) = revealed.age_band {
                dt { "Age" }
                dd { (age_band.as_str()) }
            }
            @if let Some(area) = &revealed.area {
                dt { "Area" }
                dd { (revealed.area_name.as_deref().unwrap_or("unknown")) " (" (area) ")" }
            }
        }
        @if let Some(posts) = &revealed.posts {
            h2 { "All that they have posted" }
            @for post in posts {
                article.card {
                    p.note.small { (when::moment(post.created_at, now)) ", " (post.state.as_str()) }
                    p.words {
                        @if post.text.is_empty() { "The words are erased." } @else { (post.text) }
                    }
                }
            }
        }
    }
}

/// Says whether the young person was told.
pub async fn tell(
    State(posts): State<Posts>,
    LeadOrAdmin(member): LeadOrAdmin,
    Path(id): Path<DisclosureId>,
    Form(told): Form<Told>,
) -> Result<Redirect> {
    disclosures::tell(&posts, &member, id, told).await?;
    Ok(to(id))
}
