//! Where people and services are: nations, council areas and the first halves of postcodes.
//!
//! Nobody's address is known here: an area has tens of thousands of people in it, and a whole
//! postcode is refused. Data and licences: `src/directory/data/LICENCES.md`.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A nation of the United Kingdom.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Nation {
    England,
    Scotland,
    Wales,
    #[serde(rename = "Northern Ireland")]
    NorthernIreland,
}

impl Nation {
    /// All of the United Kingdom.
    pub const UK: [Nation; 4] = [
        Nation::England,
        Nation::Scotland,
        Nation::Wales,
        Nation::NorthernIreland,
    ];

    /// The name that people use.
    pub fn as_str(self) -> &'static str {
        match self {
            Nation::England => "England",
            Nation::Scotland => "Scotland",
            Nation::Wales => "Wales",
            Nation::NorthernIreland => "Northern Ireland",
        }
    }
}

/// A place on the map.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Position {
    /// Degrees north.
    pub lat: f64,
    /// Degrees east.
    pub lon: f64,
}

impl Position {
    /// Kilometres along the surface of a round earth, good to half a per cent.
    pub fn km_to(self, other: Position) -> f64 {
        const EARTH_RADIUS_KM: f64 = 6_371.0;
        let half = |from: f64, to: f64| ((to - from).to_radians() / 2.0).sin().powi(2);
        let across = self.lat.to_radians().cos() * other.lat.to_radians().cos();
        let h = half(self.lat, other.lat) + across * half(self.lon, other.lon);
        2.0 * EARTH_RADIUS_KM * h.min(1.0).sqrt().asin()
    }
}

/// A lower-tier or unitary local authority: the finest place that a person may give.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Area {
    /// The GSS code.
    #[serde(rename(deserialize = "gss_code"))]
    #[schema(example = "E09000012")]
    pub code: String,
    /// Its name.
    pub name: String,
    /// The nation it lies in.
    pub nation: Nation,
    /// The region of that nation, such as `North East`.
    pub region: String,
    #[serde(flatten, skip_serializing)]
    #[schema(ignore)]
    centre: Position,
}

impl Area {
    /// The middle of the area.
    pub fn centre(&self) -> Position {
        self.centre
    }
}

static AREAS: LazyLock<Vec<Area>> = LazyLock::new(|| {
    let mut areas: Vec<Area> = rows(include_str!("data/areas.csv"));
    areas.sort_by(|a, b| a.code.cmp(&b.code));
    areas
});

/// All 361 areas, sorted by code.
pub fn areas() -> &'static [Area] {
    &AREAS
}

/// The area of a GSS code.
pub fn area(code: &str) -> Option<&'static Area> {
    let found = AREAS.binary_search_by(|area| area.code.as_str().cmp(code));
    found.ok().map(|at| &AREAS[at])
}

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
    let letters = text
        .trim_end_matches(|c: char| !c.is_ascii_alphabetic())
        .len();
    let letters = text.find(|c: char| c.is_ascii_digit()).unwrap_or(letters);
    let (postcode_area, district) = text.split_at_checked(letters)?;
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

/// Reads a table that is part of the program.
pub(super) fn rows<T: serde::de::DeserializeOwned>(table: &str) -> Vec<T> {
    csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .from_reader(table.as_bytes())
        .deserialize()
        .collect::<Result<_, _>>()
        .expect("tables in the program are read by its tests")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_area_is_there_with_its_nation() {
        assert_eq!(areas().len(), 361);
        let hackney = area("E09000012").unwrap();
        assert_eq!(
            (hackney.name.as_str(), hackney.nation),
            ("Hackney", Nation::England)
        );
        for area in areas() {
            let nation = match &area.code[..1] {
                "E" => Nation::England,
                "W" => Nation::Wales,
                "S" => Nation::Scotland,
                _ => Nation::NorthernIreland,
            };
            assert_eq!(area.nation, nation, "{}", area.code);
            assert_eq!(area.name, area.name.trim());
        }
        assert!(area("E99999999").is_none() && area("").is_none());
    }

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
                .min_by(|a, b| here.km_to(a.centre).total_cmp(&here.km_to(b.centre)))
                .unwrap();
            let known = outcode(&row.outcode).unwrap();
            disagree += usize::from(!known.nations.contains(&nearest.nation));
        }
        assert!(disagree < 30, "{disagree} of {}", OUTCODES.len());
    }

    #[test]
    fn distances_are_those_of_the_map() {
        let london = Position {
            lat: 51.507,
            lon: -0.128,
        };
        let edinburgh = Position {
            lat: 55.953,
            lon: -3.188,
        };
        assert!((london.km_to(edinburgh) - 534.0).abs() < 3.0);
        assert!(london.km_to(london).abs() < 1e-9);
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
