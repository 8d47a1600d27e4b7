//! How work is spread over the cores of the CPU.

use burn::tensor::Device;
use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::device::DeviceName;

/// Batches that a device works on at once: two on the CPU, where the many small steps of one do not
/// fill all cores; a GPU is busy with one.
pub fn batches_at_once(device: &Device) -> usize {
    match DeviceName::Cpu.open() {
        Ok(cpu) if cpu == *device => 2,
        _ => 1,
    }
}

/// Where each of the parts of a batch goes that are worked on at once, on `devices` for gradients;
/// `in_turns` where parts of one device may not be.
pub fn places(devices: &[Device], in_turns: bool) -> Vec<Device> {
    let one = match devices {
        [first, others @ ..] if others.iter().all(|other| other == first) => first,
        _ => return devices.to_vec(),
    };
    let count = match devices.len() {
        _ if in_turns => 1,
        1 => batches_at_once(&one.clone().without_autodiff()),
        count => count,
    };
    vec![one.clone(); count]
}

/// Gives the calling thread one of `of` equal shares of the cores for all that it does in parallel
/// while the pool lives: threads that share all cores wait for each other at every small step.
/// `None` where no thread can be had; then all cores are shared.
pub fn share(of: usize) -> Option<ThreadPool> {
    let threads = (rayon::current_num_threads() / of.max(1)).max(1);
    let pool = ThreadPoolBuilder::new().num_threads(threads);
    pool.use_current_thread().build().ok()
}
