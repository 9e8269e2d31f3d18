//! Why a text has the verdict that it has: every rule that matched, what context made of it, what
//! composites are made of, and which of them stayed quiet.

use std::cmp::Reverse;

use serde::Serialize;

use super::composite::Quiet;
use super::engine::{Engine, Examined, Finding};
use super::fold::fold;
use super::rule::{Effect, Rule, RuleId};
use super::second_opinion::SECOND_OPINION;
use super::verdict::{RuleMatch, Span, Verdict, View};
use super::words::Words;
use super::{Concern, Level, Topic};

/// A verdict, and all that led to it.
#[derive(Debug, Serialize)]
pub struct Explanation {
    /// The verdict itself.
    pub verdict: Verdict,
    /// Each rule that matched, the most serious first; those that a context dropped last.
    pub rules: Vec<Matched>,
    /// Matches of what is no rule: the weak sign of abuse, the learned second opinion.
    pub signs: Vec<RuleMatch>,
    /// Composites whose members matched in vain.
    pub quiet: Vec<QuietComposite>,
    /// What the second opinion scored, where one is loaded.
    pub second_opinion: Option<Score>,
}

/// What a rule is, whatever it matched.
#[derive(Debug, Serialize)]
pub struct Named {
    /// Its permanent id.
    pub rule: String,
    /// Its revision.
    pub rev: u32,
    /// What it says to a moderator.
    pub why: String,
    /// Its level, before context.
    pub level: Level,
    /// What it says a text is about.
    pub topics: Vec<Topic>,
    /// What it finds wrong with a text as a publication.
    pub concern: Option<Concern>,
    /// Recorded only; it changes nothing.
    pub shadow: bool,
}

/// A rule that matched, and what became of that.
#[derive(Debug, Serialize)]
pub struct Matched {
    /// The rule.
    #[serde(flatten)]
    pub named: Named,
    /// Where it matched, in the order of the text.
    pub spans: Vec<Span>,
    /// The view in which it did.
    pub view: View,
    /// The contexts that acted.
    pub contexts: Vec<Acted>,
    /// What the match counts as.
    pub counts: Counts,
    /// Of a composite: what it was made of.
    pub members: Vec<Member>,
}

/// A context that acted on a match.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Acted {
    /// Its name.
    pub name: String,
    /// What the rule lists for it: a level, `none`, or a rule's id.
    pub effect: String,
}

/// What a match counts as, after context.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "as", rename_all = "snake_case")]
pub enum Counts {
    /// What its rule says.
    Itself,
    /// Its rule, at a lower level.
    Lowered {
        /// That level.
        level: Level,
    },
    /// Another rule.
    Instead {
        /// That rule.
        rule: String,
        /// Its level.
        level: Level,
        /// What it says to a moderator.
        why: String,
    },
    /// Nothing.
    Dropped,
}

/// A member of a composite that matched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Member {
    /// The member, a rule or a part.
    pub rule: String,
    /// Where.
    pub span: Span,
}

/// A composite whose members matched in vain.
#[derive(Debug, Serialize)]
pub struct QuietComposite {
    /// The rule.
    #[serde(flatten)]
    pub named: Named,
    /// Why it is quiet.
    #[serde(flatten)]
    pub because: Because,
    /// The members that matched.
    pub members: Vec<Member>,
}

/// Why a composite is quiet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "because", rename_all = "snake_case")]
pub enum Because {
    /// These, of its `none`, matched.
    None {
        /// What matched of them.
        vetoes: Vec<Member>,
    },
    /// Its members stand too far apart.
    Within {
        /// The words that they must fit in.
        words: u32,
    },
}

/// What the second opinion thinks of a text.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Score {
    /// How much it resembles posts that needed a look.
    pub score: f32,
    /// From here on the opinion asks for a look.
    pub threshold: f32,
    /// It was asked at all: no rule had seen risk.
    pub asked: bool,
}

impl Engine {
    /// Why a text has the verdict that it has.
    pub fn explain(&self, text: &str) -> Explanation {
        let (verdict, examined) = (self.verdict(text), self.examine(text));
        let quiet = examined.quiet.iter();
        let quiet = quiet.filter(|(id, _)| !self.rules()[*id].part);
        let (learned, mut signs) = (self.second_opinion(), verdict.matches.clone());
        signs.retain(|found| !self.rules().iter().any(|rule| rule.id == found.rule));
        let seen = |found: &RuleMatch| {
            found.level >= Level::Amber && !found.shadow && found.rule != SECOND_OPINION
        };
        Explanation {
            rules: self.matched(&examined),
            quiet: quiet
                .map(|(id, quiet)| self.quiet(&examined, *id, *quiet))
                .collect(),
            second_opinion: learned.map(|model| Score {
                score: model.score(&Words::plain(&fold(text))),
                threshold: model.threshold(),
                asked: !verdict.matches.iter().any(seen),
            }),
            signs,
            verdict,
        }
    }

    fn matched(&self, examined: &Examined) -> Vec<Matched> {
        let rules = self.rules();
        let is_part = |found: &&Finding| {
            // A part can still count as a rule.
            !(rules[found.source].part && rules[found.outcome.rule].part)
        };
        let mut findings: Vec<&Finding> = examined.findings.iter().filter(is_part).collect();
        findings.sort_by_key(|found| {
            let counts = (found.outcome.dropped, Reverse(found.outcome.level));
            (
                counts,
                !rules[found.source].live,
                found.source,
                found.place.span,
            )
        });
        // What differs in its place alone is told once.
        let alike = |one: &&Finding, other: &&Finding| {
            let key =
                |found: &Finding| (found.source, found.outcome, found.acting, found.place.view);
            key(one) == key(other)
        };
        (findings.chunk_by(alike))
            .map(|chunk| {
                let found = chunk[0];
                let members = chunk.iter().flat_map(|found| self.made_of(examined, found));
                Matched {
                    named: self.named(found.source),
                    spans: chunk.iter().map(|found| found.place.span).collect(),
                    view: found.place.view,
                    contexts: self.acted(found).collect(),
                    counts: self.counts(found),
                    members: members.collect(),
                }
            })
            .collect()
    }

    /// The contexts that acted on a match.
    pub(super) fn acted(&self, found: &Finding) -> impl Iterator<Item = Acted> {
        let (bits, effects) = (found.acting.all(), &self.rules()[found.source].effects);
        let acted = (0..)
            .zip(effects)
            .filter(move |(bit, _)| bits & 1 << bit != 0);
        acted.map(|(_, (context, effect))| Acted {
            name: self.context_names()[*context].clone(),
            effect: match effect {
                Effect::AtMost(level) => level.to_string(),
                Effect::Drop => "none".to_owned(),
                Effect::Become(other) => self.rules()[*other].id.clone(),
            },
        })
    }

    fn counts(&self, found: &Finding) -> Counts {
        let (rule, outcome) = (&self.rules()[found.source], found.outcome);
        if outcome.dropped {
            Counts::Dropped
        } else if outcome.rule != found.source {
            let other = &self.rules()[outcome.rule];
            Counts::Instead {
                rule: other.id.clone(),
                level: outcome.level,
                why: other.why.clone(),
            }
        } else if outcome.level < rule.level {
            Counts::Lowered {
                level: outcome.level,
            }
        } else {
            Counts::Itself
        }
    }

    /// The members of a composite that lie in the stretch that it matched.
    fn made_of(&self, examined: &Examined, found: &Finding) -> Vec<Member> {
        let Some(composite) = &self.rules()[found.source].composite else {
            return Vec::new();
        };
        let inside = found.place.span;
        let mut members = self.members(examined, &[&composite.all, &composite.any]);
        members.retain(|member| inside.from <= member.span.from && member.span.to <= inside.to);
        members
    }

    fn quiet(&self, examined: &Examined, id: RuleId, quiet: Quiet) -> QuietComposite {
        let composite = self.rules()[id].composite.as_ref();
        let composite = composite.expect("composites alone are quiet");
        QuietComposite {
            named: self.named(id),
            because: match quiet {
                Quiet::Vetoed => Because::None {
                    vetoes: self.members(examined, &[&composite.none]),
                },
                Quiet::TooFar => Because::Within {
                    words: composite.within.unwrap_or_default(),
                },
            },
            members: self.members(examined, &[&composite.all, &composite.any]),
        }
    }

    /// What matched, and counts, of these rules, in the order of the text.
    fn members(&self, examined: &Examined, of: &[&Vec<RuleId>]) -> Vec<Member> {
        let belongs = |found: &&Finding| {
            let counts = !found.outcome.dropped;
            counts && of.iter().any(|ids| ids.contains(&found.outcome.rule))
        };
        let members = examined.findings.iter().filter(belongs);
        let mut members: Vec<Member> = members
            .map(|found| Member {
                rule: self.rules()[found.outcome.rule].id.clone(),
                span: found.place.span,
            })
            .collect();
        members.sort_by(|one, other| (one.span, &one.rule).cmp(&(other.span, &other.rule)));
        members.dedup();
        members
    }

    fn named(&self, id: RuleId) -> Named {
        let Rule {
            id,
            rev,
            why,
            level,
            topics,
            concern,
            live,
            ..
        } = &self.rules()[id];
        Named {
            rule: id.clone(),
            rev: *rev,
            why: why.clone(),
            level: *level,
            topics: topics.clone(),
            concern: *concern,
            shadow: !live,
        }
    }
}
