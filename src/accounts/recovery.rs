//! Recovery codes: the one way back in for someone who has given us neither name nor address.

use crate::keys;

/// Crockford's base 32: no I, L, O or U, so that a code survives being copied by hand.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Five bits each: 100 bits, which nobody guesses.
const SYMBOLS: usize = 20;
const GROUP: usize = 4;

/// A new code, in groups: `7Q3K-0M9T-ZX4A-PB2E-HW8C`.
pub(super) fn generate() -> String {
    let mut code = String::new();
    for (n, byte) in keys::random_bytes::<SYMBOLS>().into_iter().enumerate() {
        if n > 0 && n % GROUP == 0 {
            code.push('-');
        }
        code.push(char::from(ALPHABET[usize::from(byte % 32)]));
    }
    code
}

/// What is hashed of a code as somebody typed it: case, spaces and dashes do not matter, and a
/// letter that is easily mistaken is read as what it was. `None` where it cannot be a code.
pub(super) fn normalise(typed: &str) -> Option<String> {
    let code: String = typed
        .chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '-' | '\u{2010}'..='\u{2015}'))
        .map(|c| match c.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            other => other,
        })
        .take(SYMBOLS + 1)
        .collect();
    let valid = |c: u8| ALPHABET.contains(&c);
    (code.len() == SYMBOLS && code.bytes().all(valid)).then_some(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_copied_by_hand_is_still_the_code() {
        let typed = [
            "01AB-CDEF-GHJK-MNPQ-RSTV",
            "01abcdefghjkmnpqrstv",
            " oLab cdef\u{2013}ghjk MNPQ\trstv\n",
            "OIAB-CDEF-GHJK-MNPQ-RSTV",
        ];
        for typed in typed {
            assert_eq!(
                normalise(typed).as_deref(),
                Some("01ABCDEFGHJKMNPQRSTV"),
                "{typed}"
            );
        }
        for wrong in [
            "",
            "01AB",
            "01AB-CDEF-GHJK-MNPQ-RSTVW",
            "U1AB-CDEF-GHJK-MNPQ-RSTV",
        ] {
            assert_eq!(normalise(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn every_new_code_is_read_back() {
        let (one, other) = (generate(), generate());
        assert_eq!(normalise(&one), Some(one.replace('-', "")));
        assert_ne!(one, other);
    }
}
