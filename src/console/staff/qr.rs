//! A picture that a phone reads, drawn here: what is in it goes to nobody else.

use maud::{Markup, html};
use qrcode::{Color, QrCode};

/// The light margin that a reader needs, in modules.
const MARGIN: usize = 4;

/// A QR code as SVG; nothing where a text is too long for one.
pub fn picture(text: &str, label: &str) -> Markup {
    let Ok(code) = QrCode::new(text) else {
        return html! {};
    };
    let width = code.width();
    let size = width + 2 * MARGIN;
    let dark: String = (code.to_colors().iter().enumerate())
        .filter(|(_, color)| **color == Color::Dark)
        .map(|(i, _)| format!("M{} {}h1v1h-1z", i % width + MARGIN, i / width + MARGIN))
        .collect();
    // White on every screen, as a camera needs it.
    html! {
        svg.qr viewBox={ "0 0 " (size) " " (size) } role="img" aria-label=(label)
            shape-rendering="crispEdges" {
            rect width=(size) height=(size) fill="#ffffff" {}
            path d=(dark) fill="#000000" {}
        }
    }
}
