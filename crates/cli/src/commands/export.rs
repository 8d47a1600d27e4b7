//! `cargo xtask export`

use std::{path::PathBuf, process::ExitCode};

use clap::Args;
use export::{Exported, Format};
use runtime::DeviceName;

use crate::place;

/// Write a detector for other programs: ONNX to be run anywhere, or weights for PyTorch.
///
/// `onnx` is the whole network for ONNX Runtime, OpenVINO, onnxruntime-web and others (opset 17): it takes
/// faces as they were cut out and normalised here, any number at a time, and gives the calibrated probability
/// of "forged" with its heat map or boxes. Its metadata say what is to be done to a picture, and where the
/// threshold is. `safetensors` has the weights, the backbone's by the names of torchvision (ResNet) or timm
/// (Xception, EfficientNet), so that their networks load them; PyTorch needs no other file, and none of its
/// own format (.pt) is written.
#[derive(Args)]
#[command(after_help = "\
Examples:
  cargo xtask export --to onnx
  cargo xtask export runs/my-run --to onnx --out web/detector.onnx
  cargo xtask export runs/my-run --to safetensors")]
pub struct Arguments {
    /// The detector: a run, `newest` for the newest under runs/, or a folder with weights and
    /// detector.json [default: the one that comes with the program].
    run: Option<PathBuf>,
    /// onnx or safetensors.
    #[arg(long, value_name = "FORMAT")]
    to: Format,
    /// The file; what is there is replaced [default: detector.FORMAT in the detector's folder, or
    /// shipped-detector.FORMAT].
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

pub(crate) fn run(Arguments { run, to, out }: &Arguments) -> anyhow::Result<ExitCode> {
    let detector = place::detector(run.as_deref(), DeviceName::Cpu)?;
    let home = run.as_ref().map(|_| detector.path.join("detector"));
    let file = home
        .unwrap_or_else(|| detector.path.clone())
        .with_extension(to.extension());
    let exported = export::export(&detector, *to, out.as_ref().unwrap_or(&file))?;
    let Exported { file, bytes, .. } = &exported;
    outln!("Written: {}, {:.1} MB", file.display(), *bytes as f64 / 1e6);
    for (what, values) in [
        ("Takes:  ", exported.inputs),
        ("Gives:  ", exported.outputs),
    ] {
        values.iter().for_each(|value| outln!("{what} {value}"));
    }
    outln!("Python:  {}", exported.next);
    Ok(ExitCode::SUCCESS)
}
