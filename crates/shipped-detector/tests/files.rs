//! The files are those that the model card speaks of.

use safetensors::{Dtype, SafeTensors};
use sha2::{Digest, Sha256};
use shipped_detector::{CONFIG, WEIGHTS};

#[test]
fn the_weights_are_those_that_the_description_and_the_card_name() {
    let digest = Sha256::digest(WEIGHTS);
    let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    let config: serde_json::Value = serde_json::from_str(CONFIG).unwrap();
    assert_eq!(config["weights"]["sha256"], digest.as_str());
    assert!(include_str!("../README.md").contains(&digest), "{digest}");
}

#[test]
fn they_are_half_floats_and_small() {
    assert!(WEIGHTS.len() < 45_000_000);
    for (name, tensor) in SafeTensors::deserialize(WEIGHTS).unwrap().tensors() {
        assert_eq!(tensor.dtype(), Dtype::F16, "{name}");
    }
}
