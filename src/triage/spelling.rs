//! How disguised words are spelt, and how to read them.

/// How a word is spelt, and so which spelling of the packs' words it is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spelling {
    /// As written.
    Plain,
    /// Look-alikes and signs read as letters; `l` and `i` are one letter.
    Alike,
    /// As `Alike`, and no letter twice in a row.
    Short,
    /// As `Alike`, with `*` for letters that the writer masked.
    Masked,
}

/// A word as V1 reads it: digits and signs as letters, if it has any letter, and `l` as `i`.
pub(super) fn read_alike(word: &str) -> String {
    if word.chars().any(char::is_alphabetic) {
        word.chars()
            .map(|ch| if ch == 'l' { 'i' } else { letter_for(ch) })
            .collect()
    } else {
        word.to_owned()
    }
}

/// A word with each run of one letter cut to one.
pub(super) fn shorten(word: &str) -> String {
    let mut chars: Vec<char> = word.chars().collect();
    chars.dedup();
    chars.into_iter().collect()
}

/// A letter three times in a row, or twice where English never doubles it.
pub(super) fn is_stretched(word: &str) -> bool {
    let word = word.as_bytes();
    let letter = |byte: u8| byte.is_ascii_alphabetic();
    word.windows(2)
        .any(|pair| pair[0] == pair[1] && b"ahijkquvwxy".contains(&pair[0]))
        || word
            .windows(3)
            .any(|run| run[0] == run[1] && run[1] == run[2] && letter(run[0]))
}

fn letter_for(ch: char) -> char {
    match ch {
        '0' => 'o',
        '1' | '!' | '|' => 'i',
        '3' | '€' | '£' => 'e',
        '4' | '@' => 'a',
        '¢' => 'c',
        '¥' => 'y',
        '5' | '$' | '§' => 's',
        '7' | '+' => 't',
        '8' => 'b',
        '9' => 'g',
        other => other,
    }
}

/// A sign that may stand for a letter.
pub(super) fn is_sign(ch: char) -> bool {
    matches!(
        ch,
        '!' | '|' | '€' | '@' | '$' | '+' | '*' | '£' | '¢' | '¥' | '§'
    )
}

/// `$elf`, `@buse`, `a$$`: a sign that may begin or end a word.
pub(super) fn opens_word(ch: char) -> bool {
    matches!(ch, '$' | '@' | '€')
}

/// Reads a word's disguise, if it has one, and says how it is spelt.
pub(super) fn spelling_of(word: &mut String, plain: bool) -> Spelling {
    let letters = word.chars().filter(|ch| ch.is_alphabetic()).count();
    let masks = word.chars().filter(|ch| *ch == '*').count();
    if letters == 0 || (plain && letters == word.chars().count()) {
        return Spelling::Plain;
    }
    *word = read_alike(word);
    match masks {
        0 => Spelling::Alike,
        _ if masks <= letters => Spelling::Masked,
        _ => Spelling::Plain,
    }
}
