//! How sure a share is.

/// Of a normal distribution, 95 of 100 lie within so many standard deviations.
const Z: f64 = 1.959_963_984_540_054;

/// The ends of the interval that holds the true share with 95 % confidence, by Wilson's score
/// (E. B. Wilson, 1927), of a `share` (0 to 1) that was found in `count` (more than none): it stays
/// within 0 to 1, and is honest for small numbers.
pub fn wilson(share: f64, count: f64) -> (f64, f64) {
    let scale = 1.0 + Z * Z / count;
    let middle = share + Z * Z / (2.0 * count);
    let reach = Z * (share * (1.0 - share) / count + Z * Z / (4.0 * count * count)).sqrt();
    let within = |end: f64| (end / scale).clamp(0.0, 1.0);
    (within(middle - reach), within(middle + reach))
}
