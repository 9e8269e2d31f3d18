//! How well rules and policy do on posts that people have labelled.

mod labelled;
mod score;

use std::fmt;

use super::{Concern, Engine, Level, Moderation, Policy, Topic, Treatment, Verdict};
use labelled::Flag;
pub use labelled::{LabelError, Labelled, read};
pub use score::{F1, Share};

/// What became of a labelled post.
#[derive(Debug)]
struct Outcome {
    verdict: Verdict,
    moderation: Moderation,
    treatment: Treatment,
}

/// What a share must come to.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Goal {
    AtLeast(f64),
    AtMost(f64),
}

/// One question asked of many posts.
struct Measure {
    /// Its name on the command line.
    name: &'static str,
    what: &'static str,
    goal: Goal,
    /// Which posts it is asked of.
    of: fn(&Labelled) -> bool,
    /// Whether the answer is yes.
    counts: fn(&Labelled, &Outcome) -> bool,
}

/// Concerns that a post is held for because it is aimed at others.
const AIMED: [Concern; 5] = [
    Concern::Hate,
    Concern::Threat,
    Concern::Bullying,
    Concern::Solicitation,
    Concern::ContactExchange,
];

fn is_serious(post: &Labelled) -> bool {
    post.level >= Level::Red
}

fn is_pure_green(post: &Labelled) -> bool {
    post.level == Level::Green && post.concerns.is_empty()
}

fn is_aimed(post: &Labelled) -> bool {
    post.concerns.iter().any(|concern| AIMED.contains(concern))
}

fn is_held(_: &Labelled, outcome: &Outcome) -> bool {
    outcome.moderation == Moderation::Hold
}

fn is_touched(_: &Labelled, outcome: &Outcome) -> bool {
    outcome.verdict.level > Level::Green || outcome.moderation > Moderation::Allow
}

fn is_masked_or_held(_: &Labelled, outcome: &Outcome) -> bool {
    outcome.moderation >= Moderation::Hold || outcome.moderation == Moderation::Mask
}

/// A disguised post is found where its level, red at the most, or its concern is.
fn is_seen_through(post: &Labelled, outcome: &Outcome) -> bool {
    if post.level > Level::Green {
        outcome.verdict.level >= post.level.min(Level::Red)
    } else {
        outcome.moderation > Moderation::Allow
    }
}

/// The questions, and what a safeguarding lead could ask of them.
const MEASURES: &[Measure] = &[
    Measure {
        name: "red",
        what: "crisis or red: found as red or more",
        goal: Goal::AtLeast(80.0),
        of: is_serious,
        counts: |_, outcome| outcome.verdict.level >= Level::Red,
    },
    Measure {
        name: "red-false",
        what: "amber and green: raised to red or more",
        goal: Goal::AtMost(4.0),
        of: |post| !is_serious(post),
        counts: |_, outcome| outcome.verdict.level >= Level::Red,
    },
    Measure {
        name: "crisis",
        what: "crisis: found as crisis",
        goal: Goal::AtLeast(75.0),
        of: |post| post.level == Level::Crisis,
        counts: |_, outcome| outcome.verdict.level == Level::Crisis,
    },
    Measure {
        name: "crisis-false",
        what: "less than crisis: raised to crisis",
        goal: Goal::AtMost(1.0),
        of: |post| post.level < Level::Crisis,
        counts: |_, outcome| outcome.verdict.level == Level::Crisis,
    },
    Measure {
        name: "explicit",
        what: "explicit statements and overdoses: red or more",
        goal: Goal::AtLeast(95.0),
        of: |post| post.has(Flag::Explicit),
        counts: |_, outcome| outcome.verdict.level >= Level::Red,
    },
    Measure {
        name: "amber",
        what: "amber or more: found as amber or more",
        goal: Goal::AtLeast(85.0),
        of: |post| post.level >= Level::Amber,
        counts: |_, outcome| outcome.verdict.level >= Level::Amber,
    },
    Measure {
        name: "amber-false",
        what: "pure green: raised to amber or more",
        goal: Goal::AtMost(8.0),
        of: is_pure_green,
        counts: |_, outcome| outcome.verdict.level >= Level::Amber,
    },
    Measure {
        name: "disguised",
        what: "disguised spellings: found",
        goal: Goal::AtLeast(90.0),
        of: |post| post.has(Flag::Disguised),
        counts: is_seen_through,
    },
    Measure {
        name: "lookalike",
        what: "innocent look-alikes: touched",
        goal: Goal::AtMost(3.0),
        of: |post| post.has(Flag::Lookalike),
        counts: is_touched,
    },
    Measure {
        name: "aimed",
        what: "hate, threats, bullying, solicitation, contact: held",
        goal: Goal::AtLeast(75.0),
        of: is_aimed,
        counts: is_held,
    },
    Measure {
        name: "aimed-false",
        what: "nothing wrong as a publication: held for it",
        goal: Goal::AtMost(2.0),
        of: |post| post.concerns.is_empty(),
        counts: is_held,
    },
    Measure {
        name: "other-concern",
        what: "sexual, spam, links, methods, encouragement: held",
        goal: Goal::AtLeast(75.0),
        of: |post| {
            let mut concerns = post.concerns.iter();
            !is_aimed(post) && concerns.any(|c| *c != Concern::PersonalInformation)
        },
        counts: is_held,
    },
    Measure {
        name: "personal",
        what: "personal information: masked or held",
        goal: Goal::AtLeast(92.0),
        of: |post| post.has(Flag::Pii),
        counts: is_masked_or_held,
    },
    Measure {
        name: "number",
        what: "harmless numbers: touched as personal",
        goal: Goal::AtMost(4.0),
        of: |post| post.has(Flag::Number) && !post.has(Flag::Pii),
        counts: is_masked_or_held,
    },
    Measure {
        name: "helpline",
        what: "helplines: touched as personal",
        goal: Goal::AtMost(0.0),
        of: |post| post.has(Flag::Helpline) && post.concerns.is_empty(),
        counts: is_masked_or_held,
    },
    Measure {
        name: "trap",
        what: "innocent traps: touched",
        goal: Goal::AtMost(0.0),
        of: |post| post.has(Flag::Trap) && is_pure_green(post),
        counts: is_touched,
    },
    Measure {
        name: "identity",
        what: "neutral or proud of an identity: held",
        goal: Goal::AtMost(0.0),
        of: |post| post.has(Flag::Identity) && is_pure_green(post),
        counts: is_held,
    },
    Measure {
        name: "chat-red",
        what: "everyday chat: raised to red",
        goal: Goal::AtMost(0.3),
        of: |post| post.has(Flag::Chat) && is_pure_green(post),
        counts: |_, outcome| outcome.verdict.level >= Level::Red,
    },
    Measure {
        name: "chat-amber",
        what: "everyday chat: raised to amber",
        goal: Goal::AtMost(2.0),
        of: |post| post.has(Flag::Chat) && is_pure_green(post),
        counts: |_, outcome| outcome.verdict.level >= Level::Amber,
    },
    Measure {
        name: "chat-moderated",
        what: "everyday chat: moderated",
        goal: Goal::AtMost(2.0),
        of: |post| post.has(Flag::Chat) && is_pure_green(post),
        counts: |_, outcome| outcome.moderation > Moderation::Allow,
    },
    Measure {
        name: "suffered",
        what: "tells of something suffered: declined",
        goal: Goal::AtMost(0.0),
        of: |post| post.has(Flag::Suffered),
        counts: |_, outcome| matches!(outcome.treatment, Treatment::Decline { .. }),
    },
];

/// How rules and policy did.
pub struct Report {
    rows: Vec<Row>,
    topics: F1,
}

/// The answers to one question.
struct Row {
    measure: &'static Measure,
    share: Share,
    /// The posts for which the answer was not the one hoped for, with what was said of them.
    wrong: Vec<(Labelled, Verdict)>,
}

/// Asks every question of every post. `Policy` says what becomes of a post while moderators are
/// at work.
pub fn measure(engine: &Engine, policy: &Policy, posts: &[Labelled]) -> Report {
    let outcomes: Vec<Outcome> = posts
        .iter()
        .map(|post| {
            let verdict = engine.verdict(&post.text);
            Outcome {
                moderation: policy.moderation(&verdict),
                treatment: policy.treatment(&verdict, true),
                verdict,
            }
        })
        .collect();
    let rows = MEASURES.iter().map(|measure| {
        let mut share = Share::default();
        let mut wrong = Vec::new();
        let asked = posts
            .iter()
            .zip(&outcomes)
            .filter(|(post, _)| (measure.of)(post));
        for (post, outcome) in asked {
            let counts = (measure.counts)(post, outcome);
            share.count(counts);
            if counts != matches!(measure.goal, Goal::AtLeast(_)) {
                wrong.push((post.clone(), outcome.verdict.clone()));
            }
        }
        Row {
            measure,
            share,
            wrong,
        }
    });
    let mut topics = F1::default();
    for (post, outcome) in posts.iter().zip(&outcomes) {
        let found = |topic: &Topic| outcome.verdict.topics.contains(topic);
        let right = post.topics.iter().filter(|topic| found(topic)).count();
        topics.count(right, outcome.verdict.topics.len(), post.topics.len());
    }
    Report {
        rows: rows.collect(),
        topics,
    }
}

impl Report {
    /// The posts that a measure, by its name, counts against the rules, with what the rules say
    /// of them; none where no measure has the name.
    pub fn wrong(&self, name: &str) -> Option<&[(Labelled, Verdict)]> {
        let row = self.rows.iter().find(|row| row.measure.name == name)?;
        Some(&row.wrong)
    }

    /// The names of the measures.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.rows.iter().map(|row| row.measure.name)
    }

    /// Whether every goal is met that any post says something about.
    pub fn is_met(&self) -> bool {
        self.topics.value() >= TOPICS_GOAL && self.rows.iter().all(Row::is_met)
    }
}

/// The micro F1 that topics must come to.
const TOPICS_GOAL: f64 = 0.70;

impl Row {
    fn is_met(&self) -> bool {
        self.share.all() == 0
            || match self.measure.goal {
                Goal::AtLeast(goal) => self.share.percent() >= goal,
                Goal::AtMost(goal) => self.share.percent() <= goal,
            }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mark = |met: bool| if met { "" } else { "  MISSED" };
        writeln!(
            f,
            "{:14}  {:55}  {:>11}  {:>7}  {:>15}  goal",
            "measure", "asked of the posts", "yes", "share", "95 % (Wilson)"
        )?;
        for row in &self.rows {
            let Measure {
                name, what, goal, ..
            } = row.measure;
            let (low, high) = row.share.wilson();
            let goal = match goal {
                Goal::AtLeast(goal) => format!(">= {goal} %"),
                Goal::AtMost(goal) => format!("<= {goal} %"),
            };
            writeln!(
                f,
                "{name:14}  {what:55}  {:>11}  {:>5.1} %  {low:>5.1} to {high:>5.1}  {goal}{}",
                row.share.to_string(),
                row.share.percent(),
                mark(row.is_met())
            )?;
        }
        let F1 {
            right,
            said,
            wanted,
        } = self.topics;
        writeln!(
            f,
            "{:14}  {:55}  {:>11}  {:>7.3}  {:>15}  >= {TOPICS_GOAL}{}",
            "topics",
            format!("topics, micro F1: {right} right of {said} said, {wanted} wanted"),
            "",
            self.topics.value(),
            "",
            mark(self.topics.value() >= TOPICS_GOAL)
        )
    }
}

#[cfg(test)]
mod tests;
