//! Lists and archives of data sets are read or refused, and no path of them leads out.
#![no_main]

use datasets::{
    Kind, celeb_df, deeper_forensics, deepfake_bench, deepfake_eval, deepsafe_bench, dfd, dfdc,
    dfdc_preview, faceforensics, fakeavceleb, forgerynet, kodf, wild_deepfake,
};
use fuzz::assert_stays;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = wild_deepfake::sequences(bytes);
    let Ok(text) = str::from_utf8(bytes) else {
        return;
    };
    let _ = faceforensics::parse_pairs(text);
    let _ = deeper_forensics::parse_split(text);
    let _ = dfd::parse_forgery(text);
    let _ = dfdc_preview::parse(text);
    let _ = kodf::parse(text, true);
    for listed in deepfake_eval::parse(text, "Ground Truth").into_iter().flatten() {
        assert_stays(&listed.file);
    }
    for (path, _) in deepsafe_bench::parse(text).into_iter().flatten() {
        assert_stays(&path);
    }
    for (path, _) in fakeavceleb::parse(text).into_iter().flatten() {
        assert_stays(&path);
    }
    let images = forgerynet::parse_images(text).into_iter();
    let videos = forgerynet::parse_videos(text).into_iter();
    for (path, _) in images.chain(videos).flatten() {
        assert_stays(&path);
    }
    for (_, path) in celeb_df::parse_list(text).into_iter().flatten() {
        assert_stays(&path);
    }
    for (path, clip) in dfdc::parse_train(text).into_iter().flatten() {
        assert_stays(&path);
        clip.original.iter().for_each(|path| assert_stays(path));
    }
    for (path, _) in dfdc::parse_test(text).into_iter().flatten() {
        assert_stays(&path);
    }
    for (path, _) in dfdc::parse_labels(text).into_iter().flatten() {
        assert_stays(&path);
    }
    for clip in deepfake_bench::parse(text).into_iter().flatten() {
        if let Kind::Frames(frames) = &clip.kind {
            frames.iter().for_each(|frame| assert_stays(frame));
        }
        clip.mask.iter().for_each(|mask| assert_stays(mask));
        assert_stays(&clip.path);
    }
});
