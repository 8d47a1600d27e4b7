//! A task that is nothing but a line, to test what is the same for every method.

use burn::{
    nn::{Initializer, Linear, LinearConfig},
    tensor::{Device, Tensor, TensorData},
};
use evaluation::Validated;
use face_methods::Losses;

use super::{Pass, Task};
use crate::Error;

/// Learns that `y = 3 x`.
pub(crate) struct Line;

impl Line {
    /// `y = x`.
    pub(crate) fn model(device: &Device) -> Linear {
        let line = LinearConfig::new(1, 1).with_bias(false);
        line.with_initializer(Initializer::Ones).init(device)
    }
}

impl Task for Line {
    type Model = Linear;
    type Sample = f32;

    fn samples_per_epoch(&self) -> usize {
        4
    }

    fn describe(&self) -> String {
        "numbers".into()
    }

    fn batch(&self, step: usize) -> Result<Vec<f32>, Error> {
        Ok((1..=4).map(|n| (n + step) as f32).collect())
    }

    /// The mean of `(y - 3 x)^2`, and twice that.
    fn losses(&self, model: &Linear, samples: &[f32], _pass: &Pass, device: &Device) -> Losses {
        let x = TensorData::new(samples.to_vec(), [samples.len(), 1]);
        let x = Tensor::<2>::from_data(x, device);
        let total = (model.forward(x.clone()) - x.mul_scalar(3.0))
            .square()
            .mean();
        Losses {
            parts: vec![("twice", total.clone().mul_scalar(2.0))],
            total,
        }
    }

    fn pictures(&self, _samples: &[f32]) -> Vec<image::RgbImage> {
        Vec::new()
    }

    /// There is nothing to validate by.
    fn validate(
        &self,
        _model: &Linear,
        _device: &Device,
        _going_on: &mut dyn FnMut(usize, usize) -> bool,
    ) -> Result<Option<Validated>, Error> {
        Ok(None)
    }
}
