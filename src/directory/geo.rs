//! Where people and services are: nations, council areas, distances. Data and licences: `src/directory/data/LICENCES.md`.

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
}
