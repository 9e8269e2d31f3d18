//! Sources as text, with what is not code blanked out.

use std::fmt;
use std::path::Path;

/// A file, by its path inside `src/`.
pub struct Source {
    pub path: String,
    pub text: String,
    /// The text without comments, strings and characters; each line where it was.
    pub code: String,
}

/// A place where a rule is broken.
#[derive(Debug)]
pub struct Broken {
    pub at: String,
    pub rule: String,
    pub what_to_do: String,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}\n    {}", self.at, self.rule, self.what_to_do)
    }
}

impl Source {
    pub fn new(path: &str, text: &str) -> Source {
        Source {
            path: path.to_owned(),
            text: text.to_owned(),
            code: code_of(text),
        }
    }

    /// The module at the top level that the file belongs to.
    pub fn module(&self) -> &str {
        let first = self.path.split('/').next().unwrap_or_default();
        first.strip_suffix(".rs").unwrap_or(first)
    }

    /// Whether the whole file is a test.
    pub fn is_test(&self) -> bool {
        self.path.ends_with("/tests.rs") || self.path.contains("/tests/")
    }

    /// The code without modules that are compiled for tests alone.
    pub fn code_without_tests(&self) -> String {
        let mut code = self.code.clone();
        while let Some(start) = code.find("#[cfg(test)]") {
            let end = end_of_item(&code, start);
            let blank = blank(&code[start..end]);
            code.replace_range(start..end, &blank);
        }
        code
    }

    /// `src/FILE:LINE` of a byte of the code.
    pub fn at(&self, byte: usize) -> String {
        let line = self.code[..byte].matches('\n').count() + 1;
        format!("src/{}:{line}", self.path)
    }
}

/// Every file of `src/`.
pub fn all() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut sources = Vec::new();
    collect(&root, &root, &mut sources).expect("src/ can be read");
    sources.sort_by(|a, b| a.path.cmp(&b.path));
    sources
}

fn collect(dir: &Path, root: &Path, sources: &mut Vec<Source>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(dir)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, root, sources)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let inside = path.strip_prefix(root).unwrap_or(&path);
            let text = std::fs::read_to_string(&path)?;
            sources.push(Source::new(&inside.to_string_lossy(), &text));
        }
    }
    Ok(())
}

/// Where the item that begins at `start` ends: at its `;`, or its closing brace.
fn end_of_item(code: &str, start: usize) -> usize {
    let mut depth = 0;
    for (i, c) in code[start..].char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 && matches!(c, '}' | ';') {
            return start + i + 1;
        }
    }
    code.len()
}

fn blank(text: &str) -> String {
    let blank = |c| if c == '\n' { '\n' } else { ' ' };
    text.chars().map(blank).collect()
}

fn code_of(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let before = code.chars().next_back();
        let skipped = not_code(rest, before);
        if skipped > 0 {
            code.push_str(&blank(&rest[..skipped]));
            rest = &rest[skipped..];
        } else {
            code.push(c);
            rest = &rest[c.len_utf8()..];
        }
    }
    code
}

/// How many bytes of a comment, a string or a character `text` begins with.
fn not_code(text: &str, before: Option<char>) -> usize {
    let through = |end: &str, from: usize| {
        text[from..]
            .find(end)
            .map_or(text.len(), |i| from + i + end.len())
    };
    if text.starts_with("//") {
        return text.find('\n').unwrap_or(text.len());
    }
    if text.starts_with("/*") {
        return through("*/", 2);
    }
    let in_a_name = before.is_some_and(|c| c.is_alphanumeric() || c == '_');
    let raw = text.strip_prefix('b').unwrap_or(text);
    if let Some(raw) = raw.strip_prefix('r').filter(|_| !in_a_name) {
        let hashes = raw.len() - raw.trim_start_matches('#').len();
        if raw[hashes..].starts_with('"') {
            let from = text.len() - raw.len() + hashes + 1;
            return through(&format!("\"{}", "#".repeat(hashes)), from);
        }
    }
    if text.starts_with('"') {
        let mut escaped = false;
        for (i, c) in text.char_indices().skip(1) {
            match c {
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                '"' => return i + 1,
                _ => {}
            }
        }
        return text.len();
    }
    // A character, and not a lifetime.
    let mut inside = text.char_indices().skip(1);
    match (text.starts_with('\''), inside.next(), inside.next()) {
        (true, Some((_, '\\')), Some((after, c))) => through("'", after + c.len_utf8()),
        (true, Some(_), Some((i, '\''))) => i + 1,
        _ => 0,
    }
}
