//! Packs that work, and could be better: what to say to whoever wrote them.

use std::collections::HashMap;

use toml::Spanned;

use super::engine::Engine;
use super::pack::{RuleSource, Source, Status};
use super::pack_error::{Fault, PackError};

/// The longest `why`: a moderator reads it in a list, at a glance.
const LONGEST_WHY: usize = 120;

impl Engine {
    /// What could be better in its packs. Not a mistake: packs that are kept must stay readable,
    /// whatever is advised later.
    pub fn advice(&self) -> Vec<PackError> {
        let sources = self.sources().iter();
        let sources = sources.map(|(file, text)| Source { file, text });
        sources.flat_map(|source| of_pack(source)).collect()
    }
}

fn of_pack(source: Source<'_>) -> Vec<PackError> {
    let mut advice = Vec::new();
    // What is no pack, such as the learned second opinion, has nothing to be advised.
    let Ok(pack) = source.parse() else {
        return advice;
    };
    for rule in pack
        .rules
        .iter()
        .filter(|rule| rule.status != Status::Retired)
    {
        advice.extend(long_why(source, rule));
        repeated(source, &rule.patterns, "pattern", &mut advice);
    }
    for entries in pack.lists.values() {
        repeated(source, entries, "entry", &mut advice);
    }
    for cue in &pack.cues {
        repeated(source, &cue.patterns, "pattern", &mut advice);
    }
    advice
}

fn long_why(source: Source<'_>, rule: &RuleSource) -> Option<PackError> {
    let length = rule.why.get_ref().chars().count();
    let fault = || {
        Fault::new(format!("this `why` is {length} characters long"))
            .hint(format!("{LONGEST_WHY} can be read at a glance"))
    };
    (length > LONGEST_WHY).then(|| source.error(rule.why.span(), fault()))
}

/// What stands twice in one list, but for its spaces.
fn repeated(
    source: Source<'_>,
    written: &[Spanned<String>],
    what: &str,
    advice: &mut Vec<PackError>,
) {
    let mut seen = HashMap::new();
    for one in written {
        let plain: Vec<&str> = one.get_ref().split_whitespace().collect();
        if let Some(first) = seen.insert(plain, one) {
            let line = source.error(first.span(), "").line;
            let fault = Fault::new(format!("this {what} stands here twice"));
            let fault = fault.hint(format!("it is in line {line} already: leave one out"));
            advice.push(source.error(one.span(), fault));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_be_better_is_said_where_it_stands() {
        let text = format!(
            "schema = 1\npack = 'p'\n[lists]\na = ['x', 'y', 'x']\n\
             [[rule]]\nid = 'p.a'\nrev = 1\nstatus = 'shadow'\nwhy = '{}'\nmatch = ['u  v', 'u v']\n",
            "w".repeat(121)
        );
        let engine = Engine::from_files(&[("p.toml", &text)]).unwrap();
        let advice: Vec<String> = engine.advice().iter().map(ToString::to_string).collect();
        assert_eq!(
            advice,
            [
                "p.toml:9:7: this `why` is 121 characters long; 120 can be read at a glance",
                "p.toml:10:18: this pattern stands here twice; it is in line 10 already: leave one out",
                "p.toml:4:16: this entry stands here twice; it is in line 4 already: leave one out",
            ]
        );
    }

    #[test]
    fn there_is_no_advice_on_the_shipped_packs() {
        let engine = Engine::shipped().unwrap();
        let advice: Vec<String> = engine.advice().iter().map(ToString::to_string).collect();
        assert!(advice.is_empty(), "{}", advice.join("\n"));
    }
}
