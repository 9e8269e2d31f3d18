//! `hearth triage --jsonl`: what rules and policy say of texts, without a server.

use std::error::Error;
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::process::ExitCode;

use serde::{Deserialize, Serialize};

use crate::app;
use crate::config::Settings;
use crate::triage::{Concern, Engine, Level, Moderation, Policy, Span, Topic, Treatment, View};

/// A line that comes in.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Text {
    id: serde_json::Value,
    text: String,
}

/// A line that goes out.
#[derive(Serialize)]
struct Answer<'a> {
    id: serde_json::Value,
    severity: Level,
    topics: &'a [Topic],
    concerns: &'a [Concern],
    /// What the policy does for the concerns alone.
    action: Moderation,
    /// What becomes of the post, level and concerns together.
    publish: Publish,
    #[serde(skip_serializing_if = "Option::is_none")]
    masked: Option<String>,
    rules: Vec<Found<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Publish {
    Live,
    Held,
    Declined,
}

#[derive(Serialize)]
struct Found<'a> {
    id: &'a str,
    rev: u32,
    span: Span,
    view: View,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    shadow: bool,
}

/// A line that cannot be read.
#[derive(Serialize)]
struct Unread {
    line: usize,
    error: String,
}

/// Reads `{"id", "text"}` lines from standard input and answers each with a line, in their order.
pub(super) fn run(settings: &Settings) -> Result<ExitCode, Box<dyn Error>> {
    let engine = app::load_rules(settings)?;
    let policy = app::load_policy(settings)?;
    let mut input = BufReader::new(io::stdin().lock());
    let mut output = BufWriter::new(io::stdout().lock());
    let (mut line, mut number, mut unread) = (Vec::new(), 0, 0);
    while input.read_until(b'\n', &mut line)? > 0 {
        number += 1;
        if !line.trim_ascii().is_empty() {
            match serde_json::from_slice::<Text>(&line) {
                Ok(text) => answer(&engine, &policy, text, &mut output)?,
                Err(error) => {
                    unread += 1;
                    let error = error.to_string();
                    serde_json::to_writer(
                        &mut output,
                        &Unread {
                            line: number,
                            error,
                        },
                    )?;
                }
            }
            output.write_all(b"\n")?;
        }
        line.clear();
        // Whoever asks line by line waits for the answer.
        if !input.buffer().contains(&b'\n') {
            output.flush()?;
        }
    }
    output.flush()?;
    if unread > 0 {
        eprintln!("hearth: {unread} lines could not be read");
        return Ok(ExitCode::FAILURE);
    }
    Ok(ExitCode::SUCCESS)
}

fn answer(
    engine: &Engine,
    policy: &Policy,
    Text { id, text }: Text,
    output: &mut impl Write,
) -> serde_json::Result<()> {
    let verdict = engine.verdict(&text);
    let rules = verdict.matches.iter().map(|found| Found {
        id: &found.rule,
        rev: found.rev,
        span: found.span,
        view: found.view,
        shadow: found.shadow,
    });
    let answer = Answer {
        id,
        severity: verdict.level,
        topics: &verdict.topics,
        concerns: &verdict.concerns,
        action: policy.moderation(&verdict),
        publish: match policy.treatment(&verdict, true) {
            Treatment::Publish | Treatment::Review => Publish::Live,
            Treatment::Hold => Publish::Held,
            Treatment::Decline { .. } => Publish::Declined,
        },
        masked: policy.masked(&text, &verdict),
        rules: rules.collect(),
    };
    serde_json::to_writer(output, &answer)
}
