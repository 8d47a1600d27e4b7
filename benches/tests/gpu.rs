//! The four methods' networks of the smoke recipes on every GPU of this build, against the CPU: what they
//! say, their losses and gradients, and where some steps of Adam lead.
//!
//! Software drivers count as well; docs/devices.md has the command.

#[path = "../examples/steps/networks.rs"]
mod networks;
#[path = "../examples/steps/parity.rs"]
mod parity;

use burn::tensor::{DType, Device};
use networks::build;
use parity::parity;
use runtime::DeviceName;

/// Sums of another order: what rounding does to a probability, or to a loss as a share of it.
const FORWARD: f32 = 1e-4;
/// The same to the gradients, as a share of their norm; batch normalisation of few values makes it larger.
const GRADIENT: f32 = 1e-3;
/// To those of one parameter, as a share of theirs.
const ONE: f32 = 1e-2;
/// And to the loss after some steps of Adam, whose first go by the gradients' signs alone.
const TRAINED: f32 = 1e-2;

/// On a batch of so many. Where rounding decides which anchor is mined or which side of zero a value is on, gradients
/// differ by a hundredth and more, and losses still by rounding: these batches have no such place.
fn check(network: &str, batch: usize) {
    let devices = DeviceName::available().into_iter();
    let gpus: Vec<_> = devices.filter(|name| *name != DeviceName::Cpu).collect();
    assert!(!gpus.is_empty(), "no GPU of this build answers");
    let cpu = Device::flex().autodiff();
    for gpu in gpus {
        let device = gpu.open().unwrap().autodiff();
        let [mut ours, mut theirs] =
            [&cpu, &device].map(|device| build(network, batch, DType::F32, device));
        let found = parity(&mut *ours, &mut *theirs);
        println!("{network} on {gpu}: {found:?}");
        assert!(found.probability <= FORWARD, "{network}: {found:?}");
        assert!(found.loss <= FORWARD, "{network}: {found:?}");
        assert!(found.gradient <= GRADIENT, "{network}: {found:?}");
        assert!(found.parameter.1 <= ONE, "{network}: {found:?}");

        let losses = [&mut ours, &mut theirs].map(|work| {
            let before = work.gradients().0;
            for _ in 0..5 {
                work.step();
            }
            [before, work.gradients().0]
        });
        println!("{network} on {gpu}: losses {losses:?}");
        let [[before, after], [_, theirs]] = losses;
        assert!(after < before, "{network} learns nothing: {losses:?}");
        assert!(
            (after - theirs).abs() <= TRAINED * after.abs(),
            "{network}: {losses:?}"
        );
    }
}

#[test]
#[ignore = "needs a GPU driver"]
fn pcl_on_a_gpu_is_pcl_on_the_cpu() {
    check("pcl-smoke", 4);
}

#[test]
#[ignore = "needs a GPU driver"]
fn adm_on_a_gpu_is_adm_on_the_cpu() {
    check("adm-smoke", 8);
}

#[test]
#[ignore = "needs a GPU driver"]
fn lisiam_on_a_gpu_is_lisiam_on_the_cpu() {
    check("lisiam-smoke", 4);
}

#[test]
#[ignore = "needs a GPU driver"]
fn the_snippet_model_on_a_gpu_is_that_on_the_cpu() {
    check("snippet-smoke", 4);
}
