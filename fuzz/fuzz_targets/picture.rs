//! A picture is read within its limits or refused, as itself and as a mask, and its quality is no nonsense.
#![no_main]

use std::path::Path;

use face_preproc::compression::jpeg_quality;
use face_preproc::pictures::{Limits, decode_mask, decode_rgb};
use libfuzzer_sys::fuzz_target;

/// Small, so that a file of a few kilobytes cannot ask for seconds of work.
const LIMITS: Limits = Limits {
    max_side: 1024,
    max_pixels: 256 * 256,
    max_bytes: 1 << 20,
};

fuzz_target!(|bytes: &[u8]| {
    let path = Path::new("picture");
    if let Ok(mask) = decode_mask(bytes, path, &LIMITS) {
        assert!(mask.iter().all(|value| (0.0..=1.0).contains(value)));
    }
    let Ok(picture) = decode_rgb(bytes, path, &LIMITS) else {
        return;
    };
    let (width, height) = picture.dimensions();
    assert!(width.max(height) <= LIMITS.max_side);
    assert!(u64::from(width) * u64::from(height) <= LIMITS.max_pixels);
    assert!(jpeg_quality(&picture).is_none_or(|quality| quality >= 0.0));
});
