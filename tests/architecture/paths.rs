//! Paths in code: `a::b::c`, each name with the byte where it begins.

/// A path, as far as it is written in one go.
pub struct Path<'a> {
    pub at: usize,
    pub names: Vec<&'a str>,
    /// The byte behind it; where `{…}` or `*` follows, behind its last `::`.
    pub end: usize,
}

fn is_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Each path of `code` whose first name is `first`.
pub fn beginning_with<'a>(code: &'a str, first: &str) -> Vec<Path<'a>> {
    code.match_indices(first)
        .filter(|(at, _)| {
            let before = code[..*at].trim_end();
            !code[..*at].ends_with(is_name) && (!before.ends_with("::") || is_at_root(before))
        })
        .filter(|(at, _)| !code[at + first.len()..].starts_with(is_name))
        .map(|(at, _)| read(code, at))
        .collect()
}

/// `::name` at the root of paths is a crate, like `name`.
fn is_at_root(before: &str) -> bool {
    let before = before.trim_end_matches("::");
    !before.ends_with(|c: char| is_name(c) || c == '>')
}

fn read(code: &str, at: usize) -> Path<'_> {
    let (mut names, mut end) = (Vec::new(), at);
    loop {
        let length = code[end..]
            .find(|c| !is_name(c))
            .unwrap_or(code.len() - end);
        if length == 0 {
            break;
        }
        names.push(&code[end..end + length]);
        end += length;
        match code[end..].strip_prefix("::") {
            Some(_) => end += 2,
            None => break,
        }
    }
    Path { at, names, end }
}

/// The names that follow a path: the next one, or `*`, or the first one of each branch of its
/// braces.
pub fn branches<'a>(code: &'a str, path: &Path<'a>, after: usize) -> Vec<(usize, &'a str)> {
    if let Some(name) = path.names.get(after) {
        return vec![(path.at, name)];
    }
    if code[path.end..].starts_with("*") && code[..path.end].ends_with("::") {
        return vec![(path.at, "*")];
    }
    let Some(group) = code[path.end..].strip_prefix('{') else {
        return Vec::new();
    };
    let mut branches = Vec::new();
    let (mut depth, mut start) = (0, 0);
    for (i, c) in group.char_indices() {
        if depth == 0 && (c == ',' || c == '}') {
            let branch = &group[start..i];
            let name = branch.trim_start();
            let at = path.end + 1 + start + (branch.len() - name.len());
            let length = name.find(|c| !is_name(c)).unwrap_or(name.len());
            if length > 0 {
                branches.push((at, &name[..length]));
            }
            start = i + 1;
        }
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            _ => {}
        }
    }
    branches
}
