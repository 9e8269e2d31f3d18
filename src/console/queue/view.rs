//! Which part of the queue somebody looks at: chosen in the page's address, and saved by a name.

use axum::extract::State;
use axum::response::Redirect;
use serde::{Deserialize, Serialize};

use crate::console::form::{Form, read_query};
use crate::error::Result;
use crate::ids::CaseId;
use crate::moderation::queue::{CaseFilter, WithWhom};
use crate::moderation::{CaseState, views};
use crate::page;
use crate::posts::Posts;
use crate::staff::{Member, Moderator};
use crate::triage::{Level, Queue, Topic};

/// What is chosen in the address of the page.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct View {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queue: Option<Queue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub level: Option<Level>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<CaseState>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub topic: Option<Topic>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub with: Option<WithWhom>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub breached: Option<bool>,
    /// Where the page before ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// When the page was made, in microseconds: what came since is new to whoever looks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<i64>,
}

impl View {
    /// What it lets pass, for this member.
    pub fn filter(&self, member: &Member) -> CaseFilter {
        CaseFilter {
            queue: self.queue,
            level: self.level,
            state: self.state,
            topic: self.topic,
            with: self.with.map(|with| with.said_by(member)),
            breached: self.breached,
        }
    }

    /// Where the page before ended.
    pub fn after(&self) -> Result<Option<(i64, CaseId)>> {
        page::after(self.after.as_deref())
    }

    /// The same, from its first page on.
    pub fn first_page(&self) -> View {
        View {
            after: None,
            since: None,
            ..self.clone()
        }
    }

    /// The page after the one that ended here.
    pub fn next(&self, after: String) -> View {
        View {
            after: Some(after),
            ..self.first_page()
        }
    }

    /// Where it is: under the address of a page.
    pub fn address(&self, page: &str) -> String {
        let query = self.query();
        match query.is_empty() {
            true => page.to_owned(),
            false => format!("{page}?{query}"),
        }
    }

    /// As the query of an address.
    pub fn query(&self) -> String {
        serde_html_form::to_string(self).expect("a view is plain names")
    }
}

/// A view to be kept.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Saved {
    name: String,
    query: String,
}

/// Keeps a view under a name, and shows it.
pub async fn save(
    State(posts): State<Posts>,
    Moderator(member): Moderator,
    Form(saved): Form<Saved>,
) -> Result<Redirect> {
    // As we write it ourselves, and not as it was sent: it becomes a link.
    let view = read_query::<View>(&saved.query)?.first_page();
    views::save(&posts, &member, &saved.name, &view.query()).await?;
    Ok(Redirect::to(&view.address("/console/queue")))
}

/// The name of a view.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Named {
    name: String,
}

/// Forgets a view.
pub async fn delete(
    State(posts): State<Posts>,
    Moderator(member): Moderator,
    Form(named): Form<Named>,
) -> Result<Redirect> {
    views::delete(&posts, &member, &named.name).await?;
    Ok(Redirect::to("/console/queue"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_view_is_read_from_what_a_form_sends_and_written_as_a_link() {
        let query = "queue=safeguarding&level=&state=&topic=self_harm&with=me&breached=true";
        let view: View = read_query(query).unwrap();
        assert_eq!(
            view.query(),
            "queue=safeguarding&topic=self_harm&with=me&breached=true"
        );
        assert_eq!(read_query::<View>(&view.query()).unwrap(), view);
        assert_eq!(read_query::<View>("").unwrap(), View::default());
        for wrong in ["queue=lost", "score=5", "breached=maybe", "with=Sam"] {
            assert!(read_query::<View>(wrong).is_err(), "{wrong}");
        }
    }
}
