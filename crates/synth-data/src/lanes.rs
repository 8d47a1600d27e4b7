//! Loops that compilers turn into vector instructions.
//!
//! Work goes through arrays of [`BLOCK`] pixels. Rounding avoids `as`, which also answers for
//! numbers out of an integer's range and so stays scalar.

/// Pixels worked on together.
pub(crate) const BLOCK: usize = 32;

/// The places of a block's pixels from its first.
pub(crate) const RAMP: [f32; BLOCK] = {
    let mut ramp = [0.0; BLOCK];
    let mut i = 1;
    while i < BLOCK {
        ramp[i] = ramp[i - 1] + 1.0;
        i += 1;
    }
    ramp
};

/// From 2^23 on neighbouring numbers differ by one, so that the last bits count.
const UNIT_SPACING: f32 = 8_388_608.0;

/// A whole number in 0 .. 2^23 as an integer; whatever else is given, the answer is below 2^23.
#[inline(always)]
pub(crate) fn index(whole: f32) -> u32 {
    (whole + UNIT_SPACING).to_bits() & 0x7f_ffff
}

/// The nearest byte, halves upwards.
#[inline(always)]
pub(crate) fn byte(v: f32) -> u8 {
    index((v + 0.5).clamp(0.0, 255.0).floor()) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounds_like_a_cast() {
        for i in -1000..3000 {
            let v = i as f32 * 0.13;
            assert_eq!(byte(v), (v + 0.5) as u8, "{v}");
            assert_eq!(index(v.abs().floor()), v.abs() as u32);
        }
        assert_eq!(index(8_388_607.0), 8_388_607);
        assert!(index(f32::NAN) < 1 << 23);
    }
}
