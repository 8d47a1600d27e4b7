//! Weight files with changed bytes: whatever they hold, they load or are an error.

use std::path::Path;

use backbones::{LoadOptions, load_module, load_weights};
use burn::nn::{Linear, LinearConfig};
use burn::tensor::Device;
use proptest::prelude::*;

fn golden(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    std::fs::read(folder.join(name)).unwrap()
}

/// Changes to a file: places as shares of its length, and what comes there.
fn changes() -> impl Strategy<Value = Vec<(f64, u8)>> {
    let value = prop_oneof![any::<u8>(), Just(0), Just(0xff), Just(0x7f)];
    prop::collection::vec((0.0..1.0_f64, value), 1..6)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Of a large file the first part, where names, shapes and sizes are, is changed most.
    #[test]
    fn changed_weight_files_do_no_harm(
        name in prop::sample::select(vec![
            "narrow.safetensors", "checkpoint.pth", "checkpoint_legacy.pth", "overrun.pth",
            "malicious_legacy.pth",
        ]),
        changes in changes(),
        early in any::<bool>(),
    ) {
        let mut bytes = golden(name);
        let range = if early { bytes.len().min(1500) } else { bytes.len() };
        for (place, value) in changes {
            bytes[(place * range as f64) as usize] = value;
        }
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join(name);
        std::fs::write(&path, &bytes).unwrap();
        let mut linear: Linear = LinearConfig::new(2, 3).init(&Device::flex());
        for error in [
            load_weights(&mut linear, &path, &LoadOptions::default()).err(),
            load_module(&mut linear, &path).err(),
        ].into_iter().flatten() {
            let text = error.to_string();
            prop_assert!(text.contains(name), "{text}");
        }
    }
}
