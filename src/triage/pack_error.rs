//! Mistakes in packs: what is wrong, where, and what to write instead.

use std::fmt;
use std::ops::Range;

use annotate_snippets::{AnnotationKind, Group, Level as Title, Renderer, Snippet};
use serde::Serialize;

/// A mistake in a pack, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
pub struct PackError {
    /// The file's name.
    pub file: String,
    /// From 1; 0 where the file as a whole is at fault.
    pub line: usize,
    /// From 1, in characters; 0 where the file as a whole is at fault.
    pub column: usize,
    /// What is wrong.
    pub message: String,
    /// What to write instead, where that can be said.
    pub hint: Option<String>,
    /// The line as it is written, and the bytes of it that are wrong.
    #[serde(skip)]
    excerpt: Option<Box<(String, Range<usize>)>>,
}

impl fmt::Display for PackError {
    /// One line, for logs: what is wrong and what to write instead.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(f, "{}: {}", self.file, self.advice()),
            line => write!(f, "{}:{line}:{}: {}", self.file, self.column, self.advice()),
        }
    }
}

impl PackError {
    /// A mistake of a file as a whole.
    pub(super) fn whole(file: &str, fault: impl Into<Fault>) -> PackError {
        let Fault { message, hint, .. } = fault.into();
        PackError {
            file: file.to_owned(),
            line: 0,
            column: 0,
            message,
            hint,
            excerpt: None,
        }
    }

    /// A mistake in some bytes of a file. Of several lines the first is shown.
    pub(super) fn at(
        file: &str,
        text: &str,
        bytes: Range<usize>,
        fault: impl Into<Fault>,
    ) -> PackError {
        let before = text.get(..bytes.start).unwrap_or(text);
        let start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let line = text[start..].lines().next().unwrap_or_default();
        let from = (before.len() - start).min(line.len());
        // What is missing at the end of a line is shown just behind it.
        let mut to = bytes.end.saturating_sub(start).clamp(from, line.len());
        while !line.is_char_boundary(to) {
            to += 1;
        }
        PackError {
            line: before.matches('\n').count() + 1,
            column: line[..from].chars().count() + 1,
            excerpt: Some(Box::new((line.to_owned(), from..to))),
            ..PackError::whole(file, fault)
        }
    }

    /// What is wrong and what to write instead, in a line.
    pub fn advice(&self) -> String {
        match &self.hint {
            Some(hint) => format!("{}; {hint}", self.message),
            None => self.message.clone(),
        }
    }

    /// The whole of it, in the manner of the Rust compiler: the line as it is written, with what
    /// is wrong underlined, and below it what to write instead.
    pub fn render(&self, coloured: bool) -> String {
        self.report(Title::ERROR, coloured)
    }

    /// As [`PackError::render`], for what is no mistake yet.
    pub fn render_warning(&self, coloured: bool) -> String {
        self.report(Title::WARNING, coloured)
    }

    fn report(&self, title: Title<'_>, coloured: bool) -> String {
        let renderer = match coloured {
            true => Renderer::styled(),
            false => Renderer::plain(),
        };
        let group = match self.excerpt.as_deref() {
            Some((line, wrong)) => title.primary_title(&self.message).element(
                Snippet::source(line)
                    .path(&self.file)
                    .line_start(self.line)
                    .annotation(AnnotationKind::Primary.span(wrong.clone())),
            ),
            None => {
                Group::with_title(title.primary_title(format!("{}: {}", self.file, self.message)))
            }
        };
        let hint = self.hint.as_ref();
        let group = group.elements(hint.map(|hint| Title::HELP.message(hint)));
        renderer.render(&[group])
    }
}

/// What is wrong with a piece of a pack, before it is known where that stands.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Fault {
    /// What is wrong.
    pub message: String,
    /// What to write instead.
    pub hint: Option<String>,
    /// The bytes of the piece that are at fault; none for all of it.
    pub at: Option<Range<usize>>,
    /// A word of the piece that is at fault, where its place is not known.
    pub word: Option<String>,
}

impl Fault {
    pub fn new(message: impl Into<String>) -> Fault {
        Fault {
            message: message.into(),
            ..Fault::default()
        }
    }

    pub fn hint(self, hint: impl Into<String>) -> Fault {
        Fault {
            hint: Some(hint.into()),
            ..self
        }
    }

    /// The name that was meant, where one is near.
    pub fn meant<'a>(self, name: &str, known: impl IntoIterator<Item = &'a str>) -> Fault {
        match nearest(name, known) {
            Some(meant) if self.hint.is_none() => self.hint(format!("did you mean `{meant}`?")),
            _ => self,
        }
    }

    pub fn at(self, bytes: Range<usize>) -> Fault {
        Fault {
            at: Some(bytes),
            ..self
        }
    }

    pub fn word(self, word: impl Into<String>) -> Fault {
        Fault {
            word: Some(word.into()),
            ..self
        }
    }
}

impl From<&str> for Fault {
    fn from(message: &str) -> Fault {
        Fault::new(message)
    }
}

impl From<String> for Fault {
    fn from(message: String) -> Fault {
        Fault::new(message)
    }
}

/// What the TOML reader says, its list of what it knows made into a hint.
impl From<&toml::de::Error> for Fault {
    fn from(error: &toml::de::Error) -> Fault {
        let message = error.message().replace('\n', "; ");
        let Some((wrong, expected)) = message.split_once(", expected ") else {
            return Fault::new(message);
        };
        // `a`, `b`: every second piece is a name.
        let known: Vec<&str> = expected.split('`').skip(1).step_by(2).collect();
        let found = wrong.split('`').nth(1).unwrap_or_default();
        let names = wrong.starts_with("unknown") && !known.is_empty();
        let hint = match nearest(found, known.iter().copied()).filter(|_| names) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None if names => format!("there are: {}", known.join(", ")),
            None => format!("expected {expected}"),
        };
        Fault::new(wrong).hint(hint)
    }
}

/// The known name that is nearest to one that is not: what was meant, if anything was.
fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let most = name.chars().count().max(3) / 3;
    let distance = |other: &&str| strsim::damerau_levenshtein(name, other);
    let near = known.into_iter().map(|other| (distance(&other), other));
    // Of several as near the first by name, so that it is the same each time.
    let (distance, other) = near.min()?;
    (distance <= most).then_some(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_shown_where_it_stands() {
        let text = "a = 1\nléß = \"die tomorow\"\n";
        let from = text.find("tomorow").unwrap();
        let fault = Fault::new("no such day").meant("tomorow", ["tomorrow", "today"]);
        let error = PackError::at("p.toml", text, from..from + 7, fault);
        assert_eq!(
            error.to_string(),
            "p.toml:2:12: no such day; did you mean `tomorrow`?"
        );
        let shown = error.render(false);
        let expected = "\
error: no such day
 --> p.toml:2:12
  |
2 | léß = \"die tomorow\"
  |            ^^^^^^^
  |
  = help: did you mean `tomorrow`?";
        assert_eq!(shown, expected);
        assert!(error.render(true).contains("\u{1b}["));
        let whole = PackError::whole("dir", "no packs");
        assert_eq!(whole.to_string(), "dir: no packs");
        assert_eq!(whole.render(false), "error: dir: no packs");
    }

    #[test]
    fn any_place_of_any_text_can_be_shown() {
        let text = "é\r\n\n😭 x";
        for from in 0..=text.len() + 1 {
            for to in from..=text.len() + 1 {
                PackError::at("p.toml", text, from..to, "w").render(false);
            }
        }
    }

    #[test]
    fn only_what_is_near_is_meant() {
        let known = ["level", "rule", "regex"];
        assert_eq!(nearest("levle", known), Some("level"));
        assert_eq!(nearest("rules", known), Some("rule"));
        assert_eq!(nearest("status", known), None);
        assert_eq!(nearest("", known), None);
    }
}
