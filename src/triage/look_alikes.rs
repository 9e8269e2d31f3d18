//! Letters that a reader takes for Latin ones, beyond those of UTS #39, which asks only what could
//! pass unnoticed: `ᴋɪʟʟ` is read as "kill", and notices nobody.

/// The Latin letter that a character is read as.
pub(super) fn letter(ch: char) -> Option<char> {
    let table = [SMALL_CAPITALS, GREEK_AND_CYRILLIC, TURNED, SIGNS];
    let listed = table.iter().find_map(|pairs| {
        let at = pairs.binary_search_by_key(&ch, |(other, _)| *other).ok()?;
        Some(pairs[at].1)
    });
    listed.or_else(|| squared(ch))
}

/// Letters in circles and squares, and those that flags are made of.
fn squared(ch: char) -> Option<char> {
    const BLOCKS: [u32; 4] = [0x1f130, 0x1f150, 0x1f170, 0x1f1e6];
    let offset = |block: &u32| {
        u32::from(ch)
            .checked_sub(*block)
            .filter(|offset| *offset < 26)
    };
    let offset = BLOCKS.iter().find_map(offset)?;
    char::from_u32(u32::from('a') + offset)
}

/// Whether a character is half a flag.
pub(super) fn is_regional_indicator(ch: char) -> bool {
    matches!(ch, '\u{1f1e6}'..='\u{1f1ff}')
}

const SMALL_CAPITALS: &[(char, char)] = &[
    ('ɢ', 'g'),
    ('ɪ', 'i'),
    ('ɴ', 'n'),
    ('ʀ', 'r'),
    ('ʏ', 'y'),
    ('ʙ', 'b'),
    ('ʜ', 'h'),
    ('ʟ', 'l'),
    ('ᴀ', 'a'),
    ('ᴄ', 'c'),
    ('ᴅ', 'd'),
    ('ᴇ', 'e'),
    ('ᴊ', 'j'),
    ('ᴋ', 'k'),
    ('ᴍ', 'm'),
    ('ᴏ', 'o'),
    ('ᴘ', 'p'),
    ('ᴛ', 't'),
    ('ᴜ', 'u'),
    ('ᴠ', 'v'),
    ('ᴡ', 'w'),
    ('ᴢ', 'z'),
    ('ꜰ', 'f'),
    ('ꜱ', 's'),
];

/// By their shapes, not by their sounds.
const GREEK_AND_CYRILLIC: &[(char, char)] = &[
    ('ß', 'b'),
    ('ά', 'a'),
    ('έ', 'e'),
    ('ή', 'n'),
    ('ί', 'i'),
    ('α', 'a'),
    ('β', 'b'),
    ('γ', 'y'),
    ('δ', 'd'),
    ('ε', 'e'),
    ('ζ', 'z'),
    ('η', 'n'),
    ('θ', 'o'),
    ('ι', 'i'),
    ('κ', 'k'),
    ('λ', 'l'),
    ('μ', 'm'),
    ('ν', 'v'),
    ('ξ', 'e'),
    ('ο', 'o'),
    ('π', 'n'),
    ('ρ', 'p'),
    ('ς', 's'),
    ('σ', 'o'),
    ('τ', 't'),
    ('υ', 'u'),
    ('χ', 'x'),
    ('ψ', 'w'),
    ('ω', 'w'),
    ('ό', 'o'),
    ('ύ', 'u'),
    ('ώ', 'w'),
    ('в', 'b'),
    ('г', 'r'),
    ('д', 'd'),
    ('з', 'e'),
    ('и', 'n'),
    ('й', 'n'),
    ('к', 'k'),
    ('л', 'n'),
    ('м', 'm'),
    ('н', 'h'),
    ('п', 'n'),
    ('т', 't'),
    ('у', 'y'),
    ('ш', 'w'),
    ('щ', 'w'),
    ('ь', 'b'),
    ('я', 'r'),
    ('є', 'e'),
];

const TURNED: &[(char, char)] = &[
    ('ƃ', 'g'),
    ('ǝ', 'e'),
    ('ɐ', 'a'),
    ('ɔ', 'c'),
    ('ɟ', 'f'),
    ('ɥ', 'h'),
    ('ɯ', 'm'),
    ('ɹ', 'r'),
    ('ʇ', 't'),
    ('ʌ', 'v'),
    ('ʍ', 'w'),
    ('ʎ', 'y'),
    ('ᴉ', 'i'),
];

const SIGNS: &[(char, char)] = &[
    ('ð', 'd'),
    ('ø', 'o'),
    ('þ', 'p'),
    ('đ', 'd'),
    ('ħ', 'h'),
    ('ł', 'l'),
    ('ŧ', 't'),
    ('∂', 'd'),
    ('∆', 'a'),
    ('∏', 'n'),
    ('∑', 's'),
    ('ⓜ', 'm'),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_are_in_order() {
        for table in [SMALL_CAPITALS, GREEK_AND_CYRILLIC, TURNED, SIGNS] {
            assert!(table.is_sorted_by_key(|(ch, _)| *ch), "{table:?}");
        }
        assert_eq!(
            "ᴋ🅸ⓛ𝐥"
                .chars()
                .map(|ch| letter(ch).unwrap_or(ch))
                .collect::<String>(),
            "kiⓛ𝐥"
        );
    }
}
