//! The devices that one training is divided among.

use std::{fmt, str::FromStr};

use burn::tensor::Device;

use crate::device::{DeviceError, DeviceName};

/// Devices of one training, by commas: `cuda:0,1` is `cuda:0,cuda:1`. The first holds the weights.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Devices(Vec<DeviceName>);

impl Devices {
    /// The one that holds the weights, validates and evaluates.
    #[must_use]
    pub fn first(&self) -> DeviceName {
        self.0[0]
    }

    /// How many there are, at least 1.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "there is always one")]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Opens all, in their order.
    ///
    /// # Errors
    /// As [`DeviceName::open`].
    pub fn open(&self) -> Result<Vec<Device>, DeviceError> {
        self.0.iter().map(|device| device.open()).collect()
    }
}

impl Default for Devices {
    fn default() -> Self {
        DeviceName::default().into()
    }
}

impl From<DeviceName> for Devices {
    fn from(device: DeviceName) -> Self {
        Self(vec![device])
    }
}

impl FromStr for Devices {
    type Err = DeviceError;

    fn from_str(names: &str) -> Result<Self, DeviceError> {
        let mut devices: Vec<DeviceName> = Vec::new();
        for name in names.split(',') {
            let index = name.parse().ok().map(DeviceName::Cuda);
            let of_the_same = index.filter(|_| matches!(devices.last(), Some(DeviceName::Cuda(_))));
            devices.push(match of_the_same {
                Some(device) => device,
                None => name.parse()?,
            });
        }
        Ok(Self(devices))
    }
}

impl fmt::Display for Devices {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, device) in self.0.iter().enumerate() {
            let comma = if place > 0 { "," } else { "" };
            write!(f, "{comma}{device}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_devices_are_named_by_commas() {
        for (names, all) in [
            ("cpu", "cpu"),
            ("cuda:0,1", "cuda:0,cuda:1"),
            ("cuda,cuda:2,3", "cuda:0,cuda:2,cuda:3"),
            ("cpu,cpu", "cpu,cpu"),
        ] {
            let devices: Devices = names.parse().unwrap();
            assert_eq!(devices.to_string(), all);
            assert_eq!(devices.to_string().parse::<Devices>().unwrap(), devices);
        }
        for names in ["", ",", "0", "cpu,1", "cuda:0,", "cuda:0,x", "wgpu,0"] {
            assert!(names.parse::<Devices>().is_err(), "{names}");
        }
    }
}
