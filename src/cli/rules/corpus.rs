//! Texts to try rules on: labelled posts, JSON lines, or a text a line.

use serde::Deserialize;
use serde_json::Value;

use crate::triage::Level;
use crate::triage::measure::{self, Labelled};

/// A text of a corpus.
#[derive(Debug, PartialEq, Eq)]
pub struct Text {
    /// What it is called: its id, or its line.
    pub name: String,
    /// The words.
    pub words: String,
    /// What a careful reader says of its level, where the corpus is labelled.
    pub label: Option<Level>,
    /// No label says that it is anything but harmless.
    pub is_harmless: bool,
}

/// A line of JSON; more may stand in it.
#[derive(Deserialize)]
struct Line {
    id: Option<Value>,
    text: String,
}

/// Reads a corpus. Its first line says of which form it is.
///
/// # Errors
/// The first line that is not of that form, and why.
pub fn read(file: &str) -> Result<Vec<Text>, String> {
    let first = lines(file)
        .map(|(_, line)| line)
        .find(|line| !line.starts_with('#'));
    let first = first.unwrap_or_default();
    let is_level = |column: &str| column.parse::<Level>().is_ok();
    if first.starts_with('{') {
        lines(file)
            .map(|(number, line)| json(number, line))
            .collect()
    } else if first
        .split_once('\t')
        .is_some_and(|(column, _)| is_level(column))
    {
        // Not four columns taken for words: a level is a word that rules may look for.
        let labelled = measure::read(file).map_err(|error| error.to_string())?;
        let numbers = lines(file).filter(|(_, line)| !line.starts_with('#'));
        Ok(numbers.zip(labelled).map(label).collect())
    } else {
        Ok(lines(file).map(plain).collect())
    }
}

/// The lines that are not empty, numbered from 1.
fn lines(file: &str) -> impl Iterator<Item = (usize, &str)> {
    (1..).zip(file.lines()).filter(|(_, line)| !line.is_empty())
}

fn named(number: usize) -> String {
    format!("line {number}")
}

fn plain((number, line): (usize, &str)) -> Text {
    Text {
        name: named(number),
        words: line.to_owned(),
        label: None,
        is_harmless: true,
    }
}

fn label(((number, _), post): ((usize, &str), Labelled)) -> Text {
    Text {
        name: named(number),
        words: post.text,
        is_harmless: post.level == Level::Green && post.concerns.is_empty(),
        label: Some(post.level),
    }
}

fn json(number: usize, line: &str) -> Result<Text, String> {
    let Line { id, text } =
        serde_json::from_str(line).map_err(|error| format!("line {number}: {error}"))?;
    Ok(Text {
        name: match id {
            Some(Value::String(id)) => id,
            Some(id) => id.to_string(),
            None => named(number),
        },
        words: text,
        label: None,
        is_harmless: true,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(file: &str) -> Vec<String> {
        let texts = read(file).unwrap();
        texts
            .into_iter()
            .map(|text| format!("{}={}", text.name, text.words))
            .collect()
    }

    #[test]
    fn a_corpus_is_read_in_any_of_three_forms() {
        assert_eq!(
            names("so sad\n\n# sad\n"),
            ["line 1=so sad", "line 3=# sad"]
        );
        assert_eq!(
            names(
                "{\"id\": 7, \"text\": \"a\"}\n{\"id\": \"b\", \"text\": \"b\", \"more\": 1}\n{\"text\": \"c\"}\n"
            ),
            ["7=a", "b=b", "line 3=c"]
        );
        let labelled = "# a comment\nred\tsuicide\t-\t-\tso\tsad\n\ngreen\t-\t-\t-\tok\n";
        assert_eq!(names(labelled), ["line 2=so\tsad", "line 4=ok"]);
        assert_eq!(read(labelled).unwrap()[0].label, Some(Level::Red));
        assert_eq!(read("").unwrap(), []);
    }

    #[test]
    fn a_line_of_another_form_is_told_of() {
        assert!(
            read("{\"text\": \"a\"}\nb\n")
                .unwrap_err()
                .starts_with("line 2: ")
        );
        assert!(
            read("amber\thate\tthree columns\n")
                .unwrap_err()
                .starts_with("line 1: ")
        );
    }
}
