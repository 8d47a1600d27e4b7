//! Our half of `benches/peers/pytorch.py` and of `benches/gpu.sh`.
//!
//! ```console
//! cargo run --example steps -- NETWORK train|infer|parity BATCH [DEVICE [f32|bf16]]
//! ```
//!
//! For every line on standard input one step is done and its seconds of wall and CPU time are printed; at
//! the end, the MiB of memory that it took: what the device has set aside, or on a CPU the process's most.
//! Pictures are random and on the device already; a step of training is forward, losses, backward and the
//! optimiser. RAYON_NUM_THREADS says how many threads there are. bf16 is that of the pictures and of the
//! backbone's maps, as in training. `parity` prints how far DEVICE is from the CPU.

mod networks;
mod parity;

use std::io::{Write as _, stdin, stdout};
use std::time::Instant;

use burn::tensor::{DType, Device};
use runtime::DeviceName;

/// User and system seconds of this process (Linux; elsewhere 0).
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit(')').next().unwrap_or_default();
    let ticks = fields.split_whitespace().skip(11).take(2);
    ticks
        .filter_map(|ticks| ticks.parse::<f64>().ok())
        .sum::<f64>()
        / 100.0
}

/// MiB that the device has set aside; of a CPU, the most that this process had (Linux; elsewhere 0).
fn memory(device: &Device) -> u64 {
    if let Some(usage) = device.memory_pool_usage() {
        return usage.bytes_reserved >> 20;
    }
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let most = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = most.and_then(|most| most.split_whitespace().next()?.parse::<u64>().ok());
    kib.unwrap_or(0) >> 10
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let (network, mode, batch, device, precision) = match arguments[..] {
        [network, mode, batch] => (network, mode, batch, "cpu", "f32"),
        [network, mode, batch, device] => (network, mode, batch, device, "f32"),
        [network, mode, batch, device, precision] => (network, mode, batch, device, precision),
        _ => panic!("NETWORK train|infer|parity BATCH [DEVICE [f32|bf16]]"),
    };
    let batch = batch.parse().expect("a number");
    let name: DeviceName = device.parse().expect("a device");
    let device = name.open().expect("a device that answers");
    let precision = match precision {
        "bf16" => DType::BF16,
        _ => DType::F32,
    };
    if mode == "parity" {
        let cpu = Device::flex().autodiff();
        let ours = &mut *networks::build(network, batch, DType::F32, &cpu);
        let theirs = &mut *networks::build(network, batch, precision, &device.autodiff());
        let found = parity::parity(ours, theirs);
        let (parameter, most) = found.parameter;
        println!(
            "{:.1e} {:.1e} {:.1e} {most:.1e} {parameter}",
            found.probability, found.loss, found.gradient
        );
        return;
    }
    let train = mode == "train";
    let on = if train {
        device.clone().autodiff()
    } else {
        device.clone()
    };
    let mut work = networks::build(network, batch, precision, &on);
    println!("ready");
    for line in stdin().lines() {
        line.expect("a line");
        let (wall, cpu) = (Instant::now(), cpu_seconds());
        if train {
            work.step();
        } else {
            drop(work.infer().into_data());
        }
        device.sync().expect("the device answers");
        println!("{} {}", wall.elapsed().as_secs_f64(), cpu_seconds() - cpu);
        stdout().flush().expect("somebody listens");
    }
    println!("memory {}", memory(&device));
}
