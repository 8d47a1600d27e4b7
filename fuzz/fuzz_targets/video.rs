//! A video says how it is quantised and gives whole frames in order, then at most one error.
#![no_main]

use fuzz::with_file;
use libfuzzer_sys::fuzz_target;
use video::{Limits, Video};

/// Small, so that a file of a few kilobytes cannot ask for seconds of work.
const LIMITS: Limits = Limits {
    max_pixels: 256 * 256,
    max_frames: 1000,
    max_index_bytes: 1 << 20,
    max_sample_bytes: 1 << 20,
};

fuzz_target!(|bytes: &[u8]| {
    with_file(bytes, ".mp4", |path| {
        let Ok(video) = Video::open(path, &LIMITS) else {
            return;
        };
        let quantizer = video.mean_quantizer(&[0, 1, 2]);
        assert!(quantizer.is_none_or(|quantizer| (0.0..=51.0).contains(&quantizer)));
        let (mut whole, mut last, mut error) = (0, None, None);
        for next in video.frames().into_iter().flatten() {
            assert!(error.is_none(), "something comes after the error");
            match next {
                Ok(frame) => {
                    assert!(last < Some(frame.index), "frames go back");
                    let size = (video.info().width, video.info().height);
                    assert_eq!(frame.picture.dimensions(), size);
                    last = Some(frame.index);
                    whole += 1;
                }
                Err(found) => error = Some(found),
            }
        }
        let lost = whole < video.info().frame_count;
        assert!(
            !lost || error.is_some(),
            "frames are missing without a word"
        );
    });
});
