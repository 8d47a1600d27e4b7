//! The command line: train, eval, detect, synth, test, ci, bench.
fn main() {}
