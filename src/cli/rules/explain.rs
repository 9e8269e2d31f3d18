//! `hearth rules explain`: why a text has the verdict that it has, for whoever is no programmer.

use std::borrow::Cow;
use std::error::Error;
use std::io::{self, Read, Write};
use std::ops::Range;
use std::process::ExitCode;
use std::time::Duration;

use annotate_snippets::{AnnotationKind, Group, Level as Title, Renderer, Snippet};
use clap::Args;
use serde::Serialize;

use crate::app;
use crate::cli::terminal::is_coloured;
use crate::config::Settings;
use crate::triage::compare::Action;
use crate::triage::{
    Acted, Because, Concern, Counts, Explanation, Level, Matched, Member, Named, Policy,
    QuietComposite, RuleMatch, Score, Span, Topic, Verdict, View,
};

/// A text to explain.
#[derive(Debug, Args)]
pub struct Explain {
    /// The text; else it is read from standard input
    #[arg(value_name = "TEXT", allow_hyphen_values = true)]
    text: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Document<'a> {
    #[serde(flatten)]
    explanation: &'a Explanation,
    /// What becomes of the text, level and concerns together.
    action: Action,
    /// The text as others see it, where something in it is hidden from them.
    #[serde(skip_serializing_if = "Option::is_none")]
    masked: Option<&'a str>,
}

impl Explain {
    pub fn run(self, settings: &Settings) -> Result<ExitCode, Box<dyn Error>> {
        let engine = app::load_rules(settings)?;
        let policy = app::load_policy(settings)?;
        let text = match self.text {
            Some(text) => text,
            None => {
                let mut text = String::new();
                io::stdin().read_to_string(&mut text)?;
                text.trim_end_matches(['\r', '\n']).to_owned()
            }
        };
        let explanation = engine.explain(&text);
        let masked = policy.masked(&text, &explanation.verdict);
        let mut output = io::stdout().lock();
        if self.json {
            let document = Document {
                explanation: &explanation,
                action: Action::of(&policy, &explanation.verdict),
                masked: masked.as_deref(),
            };
            serde_json::to_writer_pretty(&mut output, &document)?;
            writeln!(output)?;
            return Ok(ExitCode::SUCCESS);
        }
        let renderer = match is_coloured(&output) {
            true => Renderer::styled(),
            false => Renderer::plain(),
        };
        let page = Page {
            text: &text,
            renderer,
        };
        writeln!(output, "{}", page.verdict(&policy, &explanation.verdict))?;
        for group in page.groups(&explanation) {
            writeln!(output, "\n{}", page.renderer.render(&[group]))?;
        }
        if let Some(masked) = masked {
            writeln!(output, "\nOthers see: {}", printable(&masked))?;
        }
        writeln!(output, "\n{}", opinion(explanation.second_opinion))?;
        Ok(ExitCode::SUCCESS)
    }
}

/// A text, and how it is shown.
struct Page<'a> {
    text: &'a str,
    renderer: Renderer,
}

impl<'a> Page<'a> {
    /// The verdict in words.
    fn verdict(&self, policy: &Policy, verdict: &Verdict) -> String {
        let title = verdict.level.as_str().to_uppercase();
        let queue = policy.queue(verdict);
        let within = said_of(policy.review_within(queue, verdict.level));
        let action = match Action::of(policy, verdict) {
            Action::Publish => "it is published".to_owned(),
            Action::Mask => "it is published, with what is personal hidden from others".to_owned(),
            Action::Review => format!("it is published, and a person looks at it within {within}"),
            Action::Hold => format!(
                "nobody but its author sees it until a person has looked at it, within {within}"
            ),
            Action::Decline => "it is declined".to_owned(),
        };
        let topics = list(&verdict.topics, Topic::label);
        let concerns = list(&verdict.concerns, Concern::label);
        format!("{title}: {action}.\nAbout: {topics}.\nWrong with it as a publication: {concerns}.")
    }

    fn groups(&self, explanation: &'a Explanation) -> Vec<Group<'a>> {
        let rules = explanation.rules.iter().map(|found| self.matched(found));
        let signs = explanation.signs.iter().map(|sign| self.sign(sign));
        let quiet = explanation.quiet.iter().map(|quiet| self.quiet(quiet));
        rules.chain(signs).chain(quiet).collect()
    }

    fn matched(&self, found: &'a Matched) -> Group<'a> {
        let Named { shadow, level, .. } = &found.named;
        let colour = match &found.counts {
            Counts::Dropped => Level::Green,
            Counts::Lowered { level } | Counts::Instead { level, .. } => *level,
            Counts::Itself => *level,
        };
        let spans = found.spans.iter();
        let spans = spans.map(|span| (*span, said_of_view(found.view).to_owned()));
        let mut notes = said_of_contexts(&found.contexts, &found.counts);
        if let Counts::Instead { rule, level, why } = &found.counts {
            notes.push(format!("{rule} is {level}: {why}"));
        }
        notes.extend(shadow.then(|| "it is a shadow: recorded, and changes nothing".to_owned()));
        self.group(colour, &found.named, spans, &found.members, notes)
    }

    fn quiet(&self, quiet: &'a QuietComposite) -> Group<'a> {
        let (vetoes, note) = match &quiet.because {
            Because::None { vetoes } => (&vetoes[..], "quiet, because of what rules it out"),
            Because::Within { .. } => (&[][..], "quiet, because its members are too far apart"),
        };
        let spans = vetoes.iter();
        let spans = spans.map(|veto| (veto.span, format!("{} rules it out", veto.rule)));
        let note = match quiet.because {
            Because::Within { words } => format!("{note}: they must fit in {words} words"),
            Because::None { .. } => note.to_owned(),
        };
        self.group(
            Level::Green,
            &quiet.named,
            spans,
            &quiet.members,
            vec![note],
        )
    }

    fn sign(&self, sign: &'a RuleMatch) -> Group<'a> {
        let title = format!("{} rev {}", sign.rule, sign.rev);
        self.titled(sign.level, title, &sign.why)
            .element(self.snippet([(sign.span, String::new())], &[]))
    }

    /// A rule, where it stands in the text, and what is to be said of that.
    fn group(
        &self,
        colour: Level,
        named: &'a Named,
        spans: impl IntoIterator<Item = (Span, String)>,
        members: &'a [Member],
        notes: Vec<String>,
    ) -> Group<'a> {
        let Named {
            rule,
            rev,
            level,
            shadow,
            ..
        } = named;
        let status = if *shadow { "shadow" } else { "live" };
        let title = format!("{rule} rev {rev}, {level}, {status}");
        self.titled(colour, title, &named.why)
            .element(self.snippet(spans, members))
            .elements(
                notes
                    .into_iter()
                    .map(|note| Title::NOTE.no_name().message(note)),
            )
    }

    /// The colour is that of what it counts as.
    fn titled(&self, colour: Level, title: String, why: &'a str) -> Group<'a> {
        let kind = match colour {
            Level::Crisis | Level::Red => Title::ERROR,
            Level::Amber => Title::WARNING,
            Level::Green => Title::INFO,
        };
        Group::with_title(kind.with_name(title).primary_title(why))
    }

    fn snippet(
        &self,
        spans: impl IntoIterator<Item = (Span, String)>,
        members: &'a [Member],
    ) -> Snippet<'a, annotate_snippets::Annotation<'a>> {
        let spans = spans.into_iter().map(|(span, label)| {
            let label = (!label.is_empty()).then_some(Cow::Owned(label));
            AnnotationKind::Primary.span(self.bytes(span)).label(label)
        });
        let members = members.iter().map(|member| {
            let label = Cow::Borrowed(member.rule.as_str());
            AnnotationKind::Context
                .span(self.bytes(member.span))
                .label(Some(label))
        });
        Snippet::source(self.text)
            .line_numbering(false)
            .annotations(spans.chain(members))
    }

    fn bytes(&self, span: Span) -> Range<usize> {
        let byte = |at: usize| {
            let found = self.text.char_indices().nth(at);
            found.map_or(self.text.len(), |(byte, _)| byte)
        };
        byte(span.from)..byte(span.to)
    }
}

fn list<T: Copy>(all: &[T], label: fn(T) -> &'static str) -> String {
    let labels: Vec<&str> = all.iter().copied().map(label).collect();
    match labels.as_slice() {
        [] => "nothing".to_owned(),
        labels => labels.join("; "),
    }
}

fn said_of(within: Duration) -> String {
    let minutes = within.as_secs() / 60;
    match minutes % 60 {
        0 => format!("{} h", minutes / 60),
        _ => format!("{minutes} min"),
    }
}

fn said_of_view(view: View) -> &'static str {
    match view {
        View::V0 => "as written",
        View::V1 => "look-alike signs read as letters",
        View::V2 => "stretched or misspelt",
        View::V3 => "letters put together or apart",
    }
}

/// What contexts did, those with the same effect together.
fn said_of_contexts(contexts: &[Acted], counts: &Counts) -> Vec<String> {
    let mut by_effect: Vec<(&str, Vec<&str>)> = Vec::new();
    for Acted { name, effect } in contexts {
        match by_effect.iter_mut().find(|(other, _)| other == effect) {
            Some((_, names)) => names.push(name),
            None => by_effect.push((effect, vec![name])),
        }
    }
    let said =
        |(effect, names): &(&str, Vec<&str>)| said_of_effect(effect, &names.join(", "), counts);
    by_effect.iter().map(said).collect()
}

fn said_of_effect(effect: &str, name: &str, counts: &Counts) -> String {
    match (effect, counts) {
        ("none", Counts::Dropped) => format!("dropped by {name}"),
        (level, Counts::Lowered { level: came }) if level == came.as_str() => {
            format!("{name} lowered it to {level}")
        }
        (other, Counts::Instead { rule, .. }) if other == rule => {
            format!("counted as {rule} instead, by {name}")
        }
        (effect, _) => format!("{name} ({effect}) acted, too, and changed no more"),
    }
}

fn opinion(score: Option<Score>) -> String {
    let Some(Score {
        score,
        threshold,
        asked,
    }) = score
    else {
        return "No second opinion is loaded.".to_owned();
    };
    let said = match (asked, score >= threshold) {
        (false, _) => "it was not asked, because rules had seen risk",
        (true, true) => "so it asks for a look",
        (true, false) => "so it asks for nothing",
    };
    format!(
        "The second opinion scored {score:.2}, and asks for a look from {threshold:.2}: {said}."
    )
}

/// No sign that a terminal obeys.
fn printable(text: &str) -> String {
    let shown = |ch: char| {
        if ch.is_control() && ch != '\n' {
            '\u{fffd}'
        } else {
            ch
        }
    };
    text.chars().map(shown).collect()
}
