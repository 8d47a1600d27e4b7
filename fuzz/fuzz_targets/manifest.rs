//! A manifest is read or refused, no path of it leads out, and what was read is written and read again.
#![no_main]

use face_preproc::manifest::Manifest;
use fuzz::{assert_stays, with_file};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    with_file(bytes, ".json", |path| {
        let Ok(manifest) = Manifest::read(path) else {
            return;
        };
        for row in &manifest.rows {
            assert_stays(&row.file);
            row.mask.iter().for_each(|mask| assert_stays(mask));
        }
        manifest.write(path).expect("what was read can be written");
        let again = Manifest::read(path).expect("what was written can be read");
        assert_eq!(again.rows, manifest.rows);
    });
});
