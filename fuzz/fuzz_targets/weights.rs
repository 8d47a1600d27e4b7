//! Weight files of every kind are loaded or refused, with the file's name.
#![no_main]

use backbones::{LoadOptions, load_module, load_weights};
use burn::nn::{Linear, LinearConfig};
use burn::tensor::Device;
use fuzz::with_file;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    // The ending tells safetensors from PyTorch's kinds, which tell themselves apart.
    for ending in [".safetensors", ".pth"] {
        with_file(bytes, ending, |path| {
            let mut linear: Linear = LinearConfig::new(2, 3).init(&Device::flex());
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let loaded = load_weights(&mut linear, path, &LoadOptions::default());
            for error in [loaded.err(), load_module(&mut linear, path).err()] {
                let said = error.map(|error| error.to_string());
                assert!(said.is_none_or(|said| said.contains(&*name)));
            }
        });
    }
});
