//! One place that turns a name on the command line into a Burn device.

use std::{fmt, str::FromStr};

use burn::tensor::Device;

/// A device by name: `cpu`, `cuda`, `cuda:N` or `wgpu`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DeviceName {
    /// Burn's pure-Rust CPU back end (`flex`).
    #[default]
    Cpu,
    /// The NVIDIA GPU of this index.
    Cuda(usize),
    /// The GPU that wgpu prefers (Vulkan, Metal, DirectX 12 or WebGPU).
    Wgpu,
}

/// Why a device cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DeviceError {
    /// The name is none of the known ones.
    #[error("unknown device '{0}'; use cpu, cuda, cuda:N or wgpu")]
    Unknown(String),
    /// The program was built without this back end.
    #[error(
        "this build has no '{0}' back end; build it in with the feature `{0}` (see docs/devices.md)"
    )]
    NotBuiltIn(&'static str),
    /// The back end is built in, but its driver or hardware is missing.
    #[error(
        "device '{device}' cannot be opened: {reason}; docs/devices.md says what a GPU host needs"
    )]
    Unavailable {
        /// The device asked for.
        device: DeviceName,
        /// What the driver said.
        reason: String,
    },
}

impl FromStr for DeviceName {
    type Err = DeviceError;

    fn from_str(name: &str) -> Result<Self, DeviceError> {
        match name.split_once(':') {
            None if name == "cpu" => Ok(Self::Cpu),
            None if name == "cuda" => Ok(Self::Cuda(0)),
            None if name == "wgpu" => Ok(Self::Wgpu),
            Some(("cuda", index)) => index
                .parse()
                .map(Self::Cuda)
                .map_err(|_| DeviceError::Unknown(name.into())),
            _ => Err(DeviceError::Unknown(name.into())),
        }
    }
}

impl fmt::Display for DeviceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cpu => write!(f, "cpu"),
            Self::Cuda(index) => write!(f, "cuda:{index}"),
            Self::Wgpu => write!(f, "wgpu"),
        }
    }
}

impl DeviceName {
    /// Opens the device, after a look whether its driver answers.
    ///
    /// # Errors
    /// [`DeviceError::NotBuiltIn`] without the feature, [`DeviceError::Unavailable`] without the
    /// driver.
    pub fn open(self) -> Result<Device, DeviceError> {
        match self {
            Self::Cpu => open_cpu(),
            Self::Cuda(index) => open_cuda(index),
            Self::Wgpu => open_wgpu(),
        }
    }

    /// The devices that this build can open on this machine.
    #[must_use]
    pub fn available() -> Vec<Self> {
        [Self::Cpu, Self::Cuda(0), Self::Wgpu]
            .into_iter()
            .filter(|name| name.open().is_ok())
            .collect()
    }
}

#[cfg(feature = "cpu")]
fn open_cpu() -> Result<Device, DeviceError> {
    Ok(Device::flex())
}

#[cfg(not(feature = "cpu"))]
fn open_cpu() -> Result<Device, DeviceError> {
    Err(DeviceError::NotBuiltIn("cpu"))
}

#[cfg(feature = "cuda")]
fn open_cuda(index: usize) -> Result<Device, DeviceError> {
    probe(DeviceName::Cuda(index), || {
        let device = Device::cuda(index);
        device
            .sync()
            .map(|()| device)
            .map_err(|error| format!("{error:?}"))
    })
}

#[cfg(not(feature = "cuda"))]
fn open_cuda(_index: usize) -> Result<Device, DeviceError> {
    Err(DeviceError::NotBuiltIn("cuda"))
}

#[cfg(feature = "wgpu")]
fn open_wgpu() -> Result<Device, DeviceError> {
    use std::sync::OnceLock;
    // The runtime can be initialised once in a process.
    static OPENED: OnceLock<Result<Device, String>> = OnceLock::new();
    OPENED
        .get_or_init(|| {
            probe(DeviceName::Wgpu, || {
                Device::wgpu_options()
                    .init()
                    .map_err(|error| error.to_string())
            })
            .map_err(|error| match error {
                DeviceError::Unavailable { reason, .. } => reason,
                other => other.to_string(),
            })
        })
        .clone()
        .map_err(|reason| DeviceError::Unavailable {
            device: DeviceName::Wgpu,
            reason,
        })
}

#[cfg(not(feature = "wgpu"))]
fn open_wgpu() -> Result<Device, DeviceError> {
    Err(DeviceError::NotBuiltIn("wgpu"))
}

/// GPU runtimes panic where a driver library is missing; this turns that into an error, in one
/// line and without the panic's own message.
#[cfg(any(feature = "cuda", feature = "wgpu"))]
fn probe(
    device: DeviceName,
    open: impl FnOnce() -> Result<Device, String> + std::panic::UnwindSafe,
) -> Result<Device, DeviceError> {
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let outcome = std::panic::catch_unwind(open);
    std::panic::set_hook(hook);
    let first_line = |text: &str| text.lines().next().unwrap_or("no reason given").to_owned();
    let reason = match outcome {
        Ok(Ok(device)) => return Ok(device),
        Ok(Err(reason)) => first_line(&reason),
        Err(panic) => panic
            .downcast_ref::<String>()
            .map(|text| first_line(text))
            .or_else(|| panic.downcast_ref::<&str>().map(|text| first_line(text)))
            .unwrap_or_else(|| "its runtime failed to start".into()),
    };
    Err(DeviceError::Unavailable { device, reason })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_round_trip_and_unknown_ones_are_refused() {
        for name in ["cpu", "cuda:0", "cuda:3", "wgpu"] {
            assert_eq!(name.parse::<DeviceName>().unwrap().to_string(), name);
        }
        assert_eq!("cuda".parse::<DeviceName>().unwrap(), DeviceName::Cuda(0));
        for name in ["", "gpu", "cuda:", "cuda:x", "cpu:0", "CUDA"] {
            assert!(name.parse::<DeviceName>().is_err(), "{name}");
        }
    }

    #[test]
    fn a_missing_back_end_or_driver_is_one_clear_line() {
        for name in [DeviceName::Cuda(0), DeviceName::Wgpu] {
            if let Err(error) = name.open() {
                let text = error.to_string();
                assert_eq!(text.lines().count(), 1, "{text}");
                assert!(text.contains("docs/devices.md"), "{text}");
            }
        }
    }
}
