//! Postcodes: the first half says about where somebody is, and a whole one says too much.
//!
//! Data and licences: `src/directory/data/LICENCES.md`.

use std::sync::LazyLock;

use serde::Deserialize;

use super::geo::{Nation, Position, rows};

#[derive(Deserialize)]
struct OutcodeRow {
    outcode: String,
    lat: f64,
    lon: f64,
}

static OUTCODES: LazyLock<Vec<OutcodeRow>> = LazyLock::new(|| {
    let mut outcodes: Vec<OutcodeRow> = rows(include_str!("data/outcodes.csv"));
    outcodes.sort_by(|a, b| a.outcode.cmp(&b.outcode));
    outcodes
});

/// The first half of a postcode.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Outcode {
    /// The nations it may lie in: two along the borders.
    pub nations: &'static [Nation],
    /// The median of its postcodes; unknown in Northern Ireland, which is one region here.
    pub position: Option<Position>,
}

/// What is known of an outcode such as `E8`; small letters will do.
pub fn outcode(text: &str) -> Option<Outcode> {
    let text = text.trim().to_ascii_uppercase();
    let digit = text.find(|c: char| c.is_ascii_digit())?;
    let (postcode_area, district) = text.split_at(digit);
    if postcode_area == "BT" {
        // BT1 to BT94; not in the data, so not looked up.
        let known = district.parse::<u8>().is_ok_and(|n| (1..=94).contains(&n));
        return known.then_some(Outcode {
            nations: &[Nation::NorthernIreland],
            position: None,
        });
    }
    let at = OUTCODES
        .binary_search_by(|row| row.outcode.as_str().cmp(&text))
        .ok()?;
    let OutcodeRow { lat, lon, .. } = OUTCODES[at];
    Some(Outcode {
        nations: nations_of(postcode_area),
        position: Some(Position { lat, lon }),
    })
}

/// Postcodes do not keep to borders: where a postcode area lies on both sides of one, it counts
/// as both, so that nobody is refused a service of theirs.
fn nations_of(postcode_area: &str) -> &'static [Nation] {
    use Nation::{England, Scotland, Wales};
    match postcode_area {
        "AB" | "DD" | "EH" | "FK" | "G" | "HS" | "IV" | "KA" | "KW" | "KY" | "ML" | "PA" | "PH"
        | "ZE" => &[Scotland],
        "CA" | "DG" | "NE" | "TD" => &[England, Scotland],
        "CF" | "SA" => &[Wales],
        "CH" | "GL" | "HR" | "LD" | "LL" | "NP" | "SY" => &[England, Wales],
        _ => &[England],
    }
}

/// Whether the text holds a whole postcode, which tells where somebody lives.
pub fn holds_postcode(text: &str) -> bool {
    let words: Vec<String> = text
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_ascii_uppercase)
        .collect();
    words.iter().any(|word| is_postcode(word))
        || words
            .windows(2)
            .any(|pair| pair[1].len() == 3 && is_postcode(&pair.concat()))
}

/// `A9`, `A99`, `AA9`, `AA99`, `A9A` or `AA9A`, then `9AA`.
fn is_postcode(word: &str) -> bool {
    let Some((out, inward)) = word
        .len()
        .checked_sub(3)
        .and_then(|at| word.split_at_checked(at))
    else {
        return false;
    };
    let shape: String = out
        .chars()
        .map(|c| if c.is_ascii_digit() { '9' } else { 'A' })
        .collect();
    let inward = inward.as_bytes();
    matches!(
        shape.as_str(),
        "A9" | "A99" | "AA9" | "AA99" | "A9A" | "AA9A"
    ) && inward[0].is_ascii_digit()
        && inward[1..].iter().all(u8::is_ascii_alphabetic)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::directory::{area, areas};

    #[test]
    fn outcodes_have_a_place_and_northern_ireland_is_one_region() {
        let e8 = outcode(" e8 ").unwrap();
        let hackney = area("E09000012").unwrap().centre();
        assert!(e8.position.unwrap().km_to(hackney) < 5.0);
        assert_eq!(e8.nations, [Nation::England]);
        assert_eq!(
            outcode("CH5").unwrap().nations,
            [Nation::England, Nation::Wales]
        );
        let belfast = outcode("BT7").unwrap();
        assert_eq!(
            (belfast.nations, belfast.position),
            (&[Nation::NorthernIreland][..], None)
        );
        for wrong in ["", "8", "ZZ9", "BT", "BT95", "BT0", "é8", "E8 1"] {
            assert!(outcode(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn nations_of_outcodes_agree_with_the_nearest_area() {
        // The nearest centre may lie over a border, never two nations away from the right ones.
        let mut disagree = 0;
        for row in OUTCODES.iter() {
            let here = Position {
                lat: row.lat,
                lon: row.lon,
            };
            let nearest = areas()
                .iter()
                .min_by(|a, b| here.km_to(a.centre()).total_cmp(&here.km_to(b.centre())))
                .unwrap();
            let known = outcode(&row.outcode).unwrap();
            disagree += usize::from(!known.nations.contains(&nearest.nation));
        }
        assert!(disagree < 30, "{disagree} of {}", OUTCODES.len());
    }

    #[test]
    fn whole_postcodes_are_seen_however_they_are_written() {
        for whole in [
            "E8 1EA",
            "e81ea",
            "SW1A 1AA",
            "near M1 1AE please",
            "bt7-1nn",
            "W1A1AA",
        ] {
            assert!(holds_postcode(whole), "{whole}");
        }
        for fine in [
            "E8", "SW1A", "help 247", "covid19", "116 123", "B12", "é81ea",
        ] {
            assert!(!holds_postcode(fine), "{fine}");
        }
    }
}
